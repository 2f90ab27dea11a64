/**
 * Hides the values of secret fields in a JSON text without parsing it: numbers keep their digits, and a text that was cut off or
 * is not quite JSON still comes out without its secrets. Strings are read whole, so a name inside a value is no name. Pure.
 */
const STRING = /"(?:[^"\\]|\\[^])*"?/y;
const SPACE = /[ \t\r\n]*/y;
const PLAIN = /[^,}\]\s]*/y;
const HIDDEN = '"***"';

export function redactJsonText(text: string, isSecret: (name: string) => boolean): string {
  let shown = '';
  let copied = 0;
  let at = text.indexOf('"');
  while (at >= 0) {
    const end = endOf(STRING, text, at);
    const colon = endOf(SPACE, text, end);
    if (text[colon] !== ':') {
      at = text.indexOf('"', end);
      continue;
    }
    const valueAt = endOf(SPACE, text, colon + 1);
    let next = valueAt;
    if (isSecret(nameIn(text.slice(at, end)))) {
      next = endOfValue(text, valueAt);
      shown += text.slice(copied, valueAt) + HIDDEN;
      copied = next;
    }
    at = text.indexOf('"', next);
  }
  return shown + text.slice(copied);
}

function nameIn(quoted: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.replaceAll('"', '');
  }
}

function endOfValue(text: string, at: number): number {
  const first = text[at];
  if (first === '"') return endOf(STRING, text, at);
  if (first === '{' || first === '[') return endOfNested(text, at);
  return endOf(PLAIN, text, at);
}

/** Behind the bracket that closes the one at `at`, or the end of the text when it was cut off. */
function endOfNested(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const character = text[at];
    if (character === '"') {
      at = endOf(STRING, text, at);
      continue;
    }
    if (character === '{' || character === '[') depth++;
    if (character === '}' || character === ']') depth--;
    at++;
    if (depth === 0) return at;
  }
  return at;
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
