/**
 * The URL of an endpoint: where it goes is fixed at compile time, by the one parser that also reads it later (WHATWG URL),
 * so a host in any spelling has one canonical form here. Only the path and the query are rendered.
 */
import { canBecomeDots, isDotSegment } from './dotSegments.js';
import { percentText } from './encoders.js';
import { addFault, parseParts, type Faults } from './faults.js';
import type { TemplatePart } from './parseTemplate.js';
import { toPieces, type Pieces, type Slots } from './pieces.js';
import { splitLiterals } from './splitLiterals.js';
import { splitUrl, type SplitUrl } from './splitUrl.js';
import { encodeUrlLiterals, urlLiteralFault } from './urlLiterals.js';

export interface CompiledUrl {
  /** The template as sent, but without credentials. */
  readonly template: string;
  /** `http://host`, with the port only if it is not the default one: what rendered URLs start with. */
  readonly origin: string;
  /** `http://host:80`, always with the port. */
  readonly destination: string;
  /** The value of an Authorization header (RFC 7617), from `user:password@`. */
  readonly basicAuth: string | undefined;
  readonly path: Pieces;
  /** The query, to be joined by `&`: in one piece, or by parameter if single ones may be left out. */
  readonly params: readonly Pieces[];
  /** The path segments that some values would turn into `.` or `..`. */
  readonly riskySegments: readonly Pieces[];
}

interface UrlOptions {
  readonly maxUrlBytes: number;
  /** Whether single query parameters can be left out (`unmatched: omit`). */
  readonly canOmit: boolean;
}

const PATH = ['url'];
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

export function compileUrl(text: unknown, options: UrlOptions, slots: Slots, faults: Faults): CompiledUrl | undefined {
  if (typeof text !== 'string') return addFault(faults, PATH, 'expected a string, the URL template');
  if (text.length > options.maxUrlBytes) {
    return addFault(faults, PATH, `is longer than ${options.maxUrlBytes} characters`);
  }
  const parts = parseParts(text, 'url', PATH, faults);
  if (!parts || hasFaultyLiteral(parts, faults)) return undefined;
  const split = splitUrl(parts);
  if (typeof split === 'string') return addFault(faults, PATH, split);
  const site = parseSite(split);
  if (typeof site === 'string') return addFault(faults, PATH, site);
  return compileParts(text, split, site, { options, slots, faults });
}

function hasFaultyLiteral(parts: readonly TemplatePart[], faults: Faults): boolean {
  const details = parts.map((part) =>
    part.kind === 'literal' ? urlLiteralFault(part.text, part.position) : undefined,
  );
  const found = details.filter((detail) => detail !== undefined);
  for (const detail of found) addFault(faults, PATH, detail);
  return found.length > 0;
}

type Site = Pick<CompiledUrl, 'origin' | 'destination' | 'basicAuth'>;

/** Host, port and credentials in canonical form, or what is wrong with them. */
function parseSite({ scheme, authority }: SplitUrl): Site | string {
  const text = `${scheme}//${authority}/`;
  if (authority === '' || !URL.canParse(text)) return 'the host or the port of the URL is not valid';
  const url = new URL(text);
  if (url.port === '0') return 'port 0 cannot be called';
  const basicAuth = readBasicAuth(url);
  if (basicAuth === null) return 'the user or the password in the URL is not valid';
  const destination = `${scheme}//${url.hostname}:${url.port || (DEFAULT_PORTS[scheme] ?? '')}`;
  return { origin: url.origin, destination, basicAuth };
}

/** `null` when it cannot be expressed: it is not UTF-8, or the user has a colon (RFC 7617 section 2). */
function readBasicAuth(url: URL): string | undefined | null {
  if (url.username === '' && url.password === '') return undefined;
  try {
    const user = decodeURIComponent(url.username);
    const credentials = `${user}:${decodeURIComponent(url.password)}`;
    return user.includes(':') ? null : `Basic ${Buffer.from(credentials).toString('base64')}`;
  } catch {
    return null;
  }
}

interface Context {
  readonly options: UrlOptions;
  readonly slots: Slots;
  readonly faults: Faults;
}

function compileParts(text: string, split: SplitUrl, site: Site, context: Context): CompiledUrl | undefined {
  const { slots, faults, options } = context;
  const path = encodeUrlLiterals(split.path, 'path');
  const segments = splitLiterals(path, '/');
  if (segments.some(isDotLiteral)) {
    return addFault(faults, PATH, 'the path segments "." and ".." are refused: write the path they lead to');
  }
  const query = split.query && encodeUrlLiterals(split.query, 'query');
  const pieces = (parts: readonly TemplatePart[]) => toPieces(parts, slots, () => percentText);
  return {
    ...site,
    template: withoutCredentials(text, split),
    path: pieces(path),
    params: (query ? (options.canOmit ? splitLiterals(query, '&') : [query]) : []).map(pieces),
    riskySegments: segments.filter(canBecomeDots).map(pieces),
  };
}

function isDotLiteral(segment: readonly TemplatePart[]): boolean {
  const [part, ...rest] = segment;
  return rest.length === 0 && part?.kind === 'literal' && isDotSegment(part.text);
}

function withoutCredentials(text: string, { scheme, authority }: SplitUrl): string {
  const start = scheme.length + 2;
  return text.slice(0, start) + text.slice(start + authority.lastIndexOf('@') + 1);
}
