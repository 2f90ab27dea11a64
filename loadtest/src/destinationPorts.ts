/** The ports of the sink's further destinations: who starts it has to allow them as targets. */

/** The most that a run may ask for. */
export const DESTINATION_LIMIT = 100;

const OFFSET = 10_000;
const HIGHEST_PORT = 65_535;

/** Downwards where there is no room above. */
export function firstDestinationPort(sinkPort: number): number {
  return sinkPort + OFFSET + DESTINATION_LIMIT <= HIGHEST_PORT ? sinkPort + OFFSET : sinkPort - OFFSET;
}

export function destinationPorts(sinkPort: number): number[] {
  const first = firstDestinationPort(sinkPort);
  return Array.from({ length: DESTINATION_LIMIT }, (_, index) => first + index);
}
