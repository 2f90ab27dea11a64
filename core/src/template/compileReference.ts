/**
 * A reference: the client's own name for a postback, a template filled in by ingest for each data object. It is not sent; it
 * stands on every log line and in the dead letter. Missing values become the installation's default.
 */
import { readMembers } from '../json/members.js';
import { plainText } from './encoders.js';
import { parseTemplate } from './parseTemplate.js';
import { joinPieces, toPieces, type Slots } from './pieces.js';

/** Template and result, in characters: it is a name to search for, and stored with each postback. */
export const MAX_REFERENCE_LENGTH = 200;

/** @param data a data object as it was scanned; `undefined` when the result would be too long */
export type RenderReference = (data: string) => string | undefined;

export type ReferenceResult =
  | { readonly kind: 'ok'; readonly render: RenderReference; readonly keys: ReadonlySet<string> }
  | { readonly kind: 'faults'; readonly details: readonly string[] };

export function compileReference(template: string, defaultValue: string): ReferenceResult {
  const parsed = parseTemplate(template, 'header');
  if (parsed.kind === 'faults') {
    return { kind: 'faults', details: parsed.faults.map((fault) => `${fault.detail}, at character ${fault.position}`) };
  }
  const slots: Slots = new Map();
  const pieces = toPieces(parsed.parts, slots, () => plainText);
  const keys = new Set(slots.keys());
  const fallback = JSON.stringify(defaultValue);
  return {
    kind: 'ok',
    keys,
    render: (data) => {
      const members = readMembers(data, keys);
      const raws = [...keys].map((key) => members.get(key) ?? fallback).map((raw) => (raw === 'null' ? fallback : raw));
      return joinPieces(pieces, raws, MAX_REFERENCE_LENGTH);
    },
  };
}
