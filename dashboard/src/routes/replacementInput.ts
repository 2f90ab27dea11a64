/** The `url` and `headers` of a redrive request. Whether they make a valid endpoint is judged with each letter. */
import type { Replacement } from '../dead/replacement.js';
import type { Input } from './input.js';

export const REPLACEMENT_MEMBERS = ['url', 'headers'] as const;

export function readReplacement(input: Input): Replacement {
  const url = input.text('url');
  const headers = input.other('headers', 'an object: name → template, or {"secret": name}', (value) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined,
  );
  return { ...(url === undefined ? {} : { url }), ...(headers === undefined ? {} : { headers }) };
}
