/** Numbers as people read them. Pure. */

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

export function formatCount(count: number): string {
  return whole.format(count);
}

/** For places where there is no room for all digits. */
export function formatShort(count: number): string {
  return Math.abs(count) < 10_000 ? whole.format(count) : compact.format(count);
}

export function formatPerSecond(rate: number): string {
  if (rate === 0) return '0';
  if (rate < 0.1) return '< 0.1';
  return rate < 10 ? rate.toFixed(1) : whole.format(rate);
}

export function formatMs(ms: number): string {
  if (ms < 1) return '< 1 ms';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : formatSeconds(ms / 1_000);
}

/** The two largest units: 45 s, 3 m 20 s, 2 h 5 m, 4 d 3 h. */
export function formatSeconds(seconds: number): string {
  const rounded = Math.max(0, Math.round(seconds));
  const units = [
    ['d', 86_400],
    ['h', 3_600],
    ['m', 60],
    ['s', 1],
  ] as const;
  const first = units.findIndex(([, size]) => rounded >= size);
  if (first === -1) return '0 s';
  const [unit, size] = units[first] ?? ['s', 1];
  const [nextUnit, nextSize] = units[first + 1] ?? ['', 1];
  const rest = Math.floor((rounded % size) / nextSize);
  const text = `${Math.floor(rounded / size)} ${unit}`;
  return nextUnit === '' || rest === 0 ? text : `${text} ${rest} ${nextUnit}`;
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** step;
  return `${value < 10 && step > 0 ? value.toFixed(1) : Math.round(value)} ${units[step]}`;
}

/** A share that is not quite all or nothing is not shown as if it were. */
export function formatShare(share: number): string {
  if (share > 0.999 && share < 1) return '> 99.9 %';
  if (share < 0.001 && share > 0) return '< 0.1 %';
  return `${(share * 100).toFixed(share === 1 || share === 0 ? 0 : 1)} %`;
}
