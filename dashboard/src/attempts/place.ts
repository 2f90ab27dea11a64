/** Where a kept attempt stands in the order in which attempts are shown: newest block first, last row first. Pure. */
import { ATTEMPT_KINDS, type AttemptKind } from '@postback/core/queue/keys';

export interface AttemptPlace {
  readonly blockId: string;
  readonly kind: AttemptKind;
  /** Rows below this one come next. */
  readonly row: number;
}

const PLACE = /^(\d{1,15}-\d{1,15})_([a-z]{1,9})_(\d{1,6})$/;

/** `undefined` for a text that is no place. */
export function parsePlace(text: string): AttemptPlace | undefined {
  const [, blockId = '', name, row] = PLACE.exec(text) ?? [];
  const kind = ATTEMPT_KINDS.find((known) => known === name);
  return kind && { blockId, kind, row: Number(row) };
}

export function formatPlace({ blockId, kind, row }: AttemptPlace): string {
  return `${blockId}_${kind}_${row}`;
}

/** Where the search through the blocks of a kind begins, to come behind the place. */
export function startOf(kind: AttemptKind, after: AttemptPlace | undefined): string {
  if (!after) return '+';
  return ATTEMPT_KINDS.indexOf(kind) < ATTEMPT_KINDS.indexOf(after.kind) ? `(${after.blockId}` : after.blockId;
}

/** Negative when `left` is shown before `right`. Blocks of one kind with the same id come in the order of the kinds. */
export function compareBlocks(left: Omit<AttemptPlace, 'row'>, right: Omit<AttemptPlace, 'row'>): number {
  const [leftMs = 0, leftSeq = 0] = left.blockId.split('-').map(Number);
  const [rightMs = 0, rightSeq = 0] = right.blockId.split('-').map(Number);
  return rightMs - leftMs || rightSeq - leftSeq || ATTEMPT_KINDS.indexOf(left.kind) - ATTEMPT_KINDS.indexOf(right.kind);
}
