/** Cuts the parts of a URL template at the end of its authority and at the `?`. Macros may stand behind the authority only. */
import type { TemplatePart } from './parseTemplate.js';

export interface SplitUrl {
  /** `http:` or `https:` */
  readonly scheme: string;
  /** User, host and port, as written. */
  readonly authority: string;
  /** Starts with a slash. */
  readonly path: TemplatePart[];
  /** Without its `?`; `undefined` when there is none. */
  readonly query: TemplatePart[] | undefined;
}

/** Returns a sentence when the template is no absolute http(s) URL, or has a macro before its path. */
export function splitUrl(parts: readonly TemplatePart[]): SplitUrl | string {
  const [first, ...rest] = parts;
  const text = first?.kind === 'literal' ? first.text : '';
  const [start, scheme] = /^(https?:)\/\//i.exec(text) ?? [];
  if (start === undefined || scheme === undefined) {
    return 'expected an absolute URL that starts with http:// or https://, without macros in its scheme';
  }
  const end = endOfAuthority(text, start.length);
  if (end === text.length && rest.length > 0) {
    return `a macro may stand in the path and the query only, at character ${rest[0]?.position ?? end}`;
  }
  const tail: TemplatePart[] = [{ kind: 'literal', text: text.slice(end), position: end }, ...rest];
  const { path, query } = splitQuery(tail);
  return { scheme: scheme.toLowerCase(), authority: text.slice(start.length, end), path, query };
}

function endOfAuthority(text: string, start: number): number {
  const length = text.slice(start).search(/[/?#]/);
  return length < 0 ? text.length : start + length;
}

function splitQuery(tail: readonly TemplatePart[]): Pick<SplitUrl, 'path' | 'query'> {
  const at = tail.findIndex((part) => part.kind === 'literal' && part.text.includes('?'));
  const part = tail[at];
  if (part?.kind !== 'literal') return { path: withSlash(tail), query: undefined };
  const mark = part.text.indexOf('?');
  const before: TemplatePart = { ...part, text: part.text.slice(0, mark) };
  const behind: TemplatePart = { ...part, text: part.text.slice(mark + 1), position: part.position + mark + 1 };
  return { path: withSlash([...tail.slice(0, at), before]), query: [behind, ...tail.slice(at + 1)] };
}

/** `http://host?a=b` has the path `/`. The first part is a literal: it held the authority. */
function withSlash(path: TemplatePart[] | readonly TemplatePart[]): TemplatePart[] {
  const [first] = path;
  const isSlashed = first?.kind === 'literal' && first.text.startsWith('/');
  return isSlashed ? [...path] : [{ kind: 'literal', text: '/', position: 0 }, ...path];
}
