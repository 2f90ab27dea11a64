/** Cuts the parts of a template at each separator in its literals; separators within a key do not count. */
import type { TemplatePart } from './parseTemplate.js';

export function splitLiterals(parts: readonly TemplatePart[], separator: string): TemplatePart[][] {
  const groups: TemplatePart[][] = [[]];
  for (const part of parts) {
    const texts = part.kind === 'literal' ? part.text.split(separator) : [];
    if (part.kind === 'key') groups.at(-1)?.push(part);
    texts.forEach((text, index) => {
      if (index > 0) groups.push([]);
      if (text !== '') groups.at(-1)?.push({ kind: 'literal', text, position: part.position });
    });
  }
  return groups;
}
