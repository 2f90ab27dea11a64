/**
 * `.` and `..` as a path segment survive percent-encoding, and whoever reads the URL resolves them: `/a/{x}/admin` would
 * become `/admin`. `%2e` counts as a dot there (WHATWG URL, "double-dot URL path segment").
 */
import type { TemplatePart } from './parseTemplate.js';

/** `%2e%2e` */
const MAX_LENGTH = 6;

export function isDotSegment(segment: string): boolean {
  if (segment.length > MAX_LENGTH || !(segment.startsWith('.') || segment.startsWith('%'))) return false;
  const text = withPlainDots(segment);
  return text === '.' || text === '..';
}

/** Whether some values could make it a dot segment: it has a macro, and dots at most besides. */
export function canBecomeDots(segment: readonly TemplatePart[]): boolean {
  const literals = segment.map((part) => (part.kind === 'literal' ? part.text : '')).join('');
  return segment.some((part) => part.kind === 'key') && /^\.{0,2}$/.test(withPlainDots(literals));
}

function withPlainDots(text: string): string {
  return text.replace(/%2e/gi, '.');
}
