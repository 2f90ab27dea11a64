/** Loaded before a service: its wall clock is off by CLOCK_SHIFT_MS from the start, and by the opposite after SIGUSR2. */
const RealDate = Date;
let shiftMs = Number(process.env.CLOCK_SHIFT_MS);

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length > 0) super(...parts);
    else super(RealDate.now() + shiftMs);
  }
  static now() {
    return RealDate.now() + shiftMs;
  }
};
process.on('SIGUSR2', () => (shiftMs = -shiftMs));
