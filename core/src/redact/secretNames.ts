/** Which names of parameters, headers and fields stand for a secret: REDACT, a list of names and globs. Pure. */

export interface SecretNames {
  /** Upper and lower case do not matter. */
  readonly has: (name: string) => boolean;
  /** False when no such name can occur in the text: most texts are done with here. */
  readonly mayOccurIn: (text: string) => boolean;
}

const GLOB = /^[\w.*[\]:-]{1,100}$/;

/** One item of REDACT. @throws Error saying what was expected */
export function parseSecretName(item: string): string {
  if (GLOB.test(item)) return item.toLowerCase();
  throw new Error(`expected names such as authorization or *token*, got "${item}"`);
}

/** `none` alone stands for no name at all. */
export function compileSecretNames(globs: readonly string[]): SecretNames {
  const wanted = globs.filter((glob) => glob !== 'none');
  if (wanted.length === 0) return { has: () => false, mayOccurIn: () => false };
  const whole = new RegExp(`^(?:${wanted.map(toPattern).join('|')})$`, 'is');
  const parts = new RegExp(wanted.map((glob) => escape(longestLiteral(glob))).join('|'), 'i');
  return { has: (name) => whole.test(name), mayOccurIn: (text) => parts.test(text) };
}

function toPattern(glob: string): string {
  return glob.split(/\*+/).map(escape).join('.*');
}

/** What a name that fits must contain; empty for `*`, which every text contains. */
function longestLiteral(glob: string): string {
  return glob.split('*').reduce((longest, part) => (part.length > longest.length ? part : longest), '');
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
