/** What is to be different when a letter is sent again. Pure. */

export interface ReplacementDraft {
  readonly url: string;
  /** A header per line, `Name: value`. */
  readonly headers: string;
}

export const emptyReplacement: ReplacementDraft = { url: '', headers: '' };

/** @throws Error when a line is no header */
export function readReplacement({ url, headers }: ReplacementDraft): {
  url?: string;
  headers?: Record<string, string>;
} {
  return {
    ...(url.trim() === '' ? {} : { url: url.trim() }),
    ...(headers.trim() === '' ? {} : { headers: readHeaders(headers) }),
  };
}

/** @throws Error naming the line that is no header */
export function readHeaders(text: string): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const pairs = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    if (colon < 1) throw new Error(`expected "Name: value", found: ${line}`);
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  return Object.fromEntries(pairs);
}
