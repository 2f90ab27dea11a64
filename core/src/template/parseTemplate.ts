/**
 * Cuts a template into literal text and the keys of its macros, `{key}`, in one pass. A key is taken as it is, case and
 * blanks included, and may hold any character but braces. Refused is what RFC 6570 would read as more than one plain
 * variable: a leading operator (`{+x}`), a modifier at the end (`{x*}`, `{x:3}`) and a list (`{x,y}`).
 */
export type TemplatePlace = 'url' | 'header' | 'body';

/** `position` is the index in the template, for a macro that of its brace. */
export type TemplatePart =
  | { readonly kind: 'literal'; readonly text: string; readonly position: number }
  | { readonly kind: 'key'; readonly key: string; readonly position: number };

export interface TemplateFault {
  readonly position: number;
  readonly detail: string;
}

export type ParsedTemplate =
  | { readonly kind: 'ok'; readonly parts: TemplatePart[] }
  | { readonly kind: 'faults'; readonly faults: TemplateFault[] };

type Macro = { readonly key: string; readonly end: number } | { readonly detail: string; readonly end: number };

const MAX_KEY_LENGTH = 128;
const MAX_FAULTS = 20;
/** RFC 6570 section 2.2: the operators and those it reserves. */
const OPERATORS = '+#./;?&=,!@|';

/**
 * Any brace of a URL or header belongs to a macro. A body may be JSON itself, so there `{` before whitespace, a quote, a
 * brace or the end is text, and so is a `}` that closes no macro.
 */
export function parseTemplate(text: string, place: TemplatePlace): ParsedTemplate {
  const parts: TemplatePart[] = [];
  const faults: TemplateFault[] = [];
  let literalStart = 0;
  for (let at = nextBrace(text, 0); at < text.length && faults.length < MAX_FAULTS;) {
    if (place === 'body' && isLiteralBrace(text, at)) {
      at = nextBrace(text, at + 1);
      continue;
    }
    const macro = readMacro(text, at);
    if ('detail' in macro) faults.push({ position: at, detail: macro.detail });
    else parts.push(...literal(text, literalStart, at), { kind: 'key', key: macro.key, position: at });
    literalStart = macro.end;
    at = nextBrace(text, macro.end);
  }
  if (faults.length > 0) return { kind: 'faults', faults };
  parts.push(...literal(text, literalStart, text.length));
  return { kind: 'ok', parts };
}

function literal(text: string, start: number, end: number): TemplatePart[] {
  return start === end ? [] : [{ kind: 'literal', text: text.slice(start, end), position: start }];
}

/** The index of the first brace from `from` on, or the length. */
function nextBrace(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === '{' || text[i] === '}') return i;
  }
  return text.length;
}

function isLiteralBrace(text: string, at: number): boolean {
  return text[at] === '}' || at + 1 === text.length || '{}" \t\r\n'.includes(text.charAt(at + 1));
}

function readMacro(text: string, open: number): Macro {
  if (text[open] === '}') return { detail: '"}" without "{"', end: open + 1 };
  const close = nextBrace(text, open + 1);
  if (text[close] !== '}') return { detail: '"{" without "}"', end: close };
  const key = text.slice(open + 1, close);
  const detail = keyFault(key);
  return detail === undefined ? { key, end: close + 1 } : { detail, end: close + 1 };
}

function keyFault(key: string): string | undefined {
  if (key === '') return 'the key between the braces is empty';
  if (key.length > MAX_KEY_LENGTH) return `the key is longer than ${MAX_KEY_LENGTH} characters`;
  if (OPERATORS.includes(key.charAt(0))) return `the operator "${key.charAt(0)}" is not supported, only {key}`;
  if (key.includes(',')) return 'a list of keys is not supported, only {key}';
  return /(\*|:\d+)$/.test(key) ? 'a modifier at the end of the key is not supported, only {key}' : undefined;
}
