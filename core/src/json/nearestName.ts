/** "Did you mean": the known name nearest to one that nobody knows. */

/** Longer names are not typing mistakes, and the comparison takes time by the square of the length. */
const MAX_NAME_LENGTH = 40;

/** Up to two wrong letters, one in a name of up to four. `undefined` when nothing is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > MAX_NAME_LENGTH) return undefined;
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= (candidate.length <= 4 ? 1 : 2))
    .sort((left, right) => left.distance - right.distance);
  return ranked[0]?.candidate;
}

/** The sentence for an unknown member, with the nearest name or all of them. */
export function describeUnknown(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return `unknown member; ${nearest ? `did you mean "${nearest}"?` : `known are ${known.join(', ')}`}`;
}

/** Letters to insert, delete, replace or swap with their neighbour (optimal string alignment). */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      const replaced = (last[column - 1] ?? 0) + (same ? 0 : 1);
      const added = Math.min(last[column] ?? 0, current[column - 1] ?? 0) + 1;
      const isSwapped = row > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const swapped = isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity;
      current.push(Math.min(replaced, added, swapped));
    }
    [beforeLast, last] = [last, current];
  }
  return last[right.length] ?? 0;
}
