/** A template ready for rendering: literals with a value between each two. */
import type { Encoder } from './encoders.js';
import type { TemplatePart } from './parseTemplate.js';

export interface Pieces {
  /** One more than there are values. */
  readonly literals: readonly string[];
  /** Which of the endpoint's keys stands behind each literal: an index into its values. */
  readonly slots: readonly number[];
  readonly encoders: readonly Encoder[];
}

/** Key → index into the values of a postback; grows while an endpoint's templates are compiled. */
export type Slots = Map<string, number>;

/** `encoderAt` is asked for each macro in turn, with its index among the parts. */
export function toPieces(parts: readonly TemplatePart[], slots: Slots, encoderAt: (index: number) => Encoder): Pieces {
  const literals = [''];
  const used: number[] = [];
  const encoders: Encoder[] = [];
  parts.forEach((part, index) => {
    if (part.kind === 'literal') {
      literals.push(`${literals.pop() ?? ''}${part.text}`);
      return;
    }
    used.push(slotOf(slots, part.key));
    encoders.push(encoderAt(index));
    literals.push('');
  });
  return { literals, slots: used, encoders };
}

/** The rendered text, or `undefined` as soon as it is clear that it is longer than `limit`. */
export function joinPieces(pieces: Pieces, values: readonly string[], limit: number): string | undefined {
  const { literals, slots, encoders } = pieces;
  let out = literals[0] as string;
  for (let i = 0; i < slots.length; i++) {
    const room = limit - out.length;
    const value = (encoders[i] as Encoder)(values[slots[i] as number] as string, room);
    if (value.length > room) return undefined;
    out += value + (literals[i + 1] as string);
  }
  return out.length > limit ? undefined : out;
}

export function literalLength(pieces: Pieces): number {
  return pieces.literals.reduce((sum, text) => sum + text.length, 0);
}

function slotOf(slots: Slots, key: string): number {
  const known = slots.get(key);
  if (known !== undefined) return known;
  slots.set(key, slots.size);
  return slots.size - 1;
}
