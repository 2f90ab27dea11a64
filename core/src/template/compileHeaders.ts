/** The headers of an endpoint: fixed ones, ones with macros, and ones whose value is a secret read at each attempt. */
import { plainText } from './encoders.js';
import { addFault, parseParts, type Faults } from './faults.js';
import { headerNameFault, isHeaderText } from './headerRules.js';
import { isRecord } from './isRecord.js';
import { literalLength, toPieces, type Pieces, type Slots } from './pieces.js';

export interface CompiledHeaders {
  readonly fixed: Readonly<Record<string, string>>;
  readonly templates: ReadonlyMap<string, Pieces>;
  /** Header name → name of the secret. */
  readonly secrets: ReadonlyMap<string, string>;
  /** The Content-Type header, if given. */
  readonly contentType: string | undefined;
  /** Length of the fixed headers and of all names: what is there before any value comes in. */
  readonly fixedBytes: number;
}

interface Building {
  readonly fixed: Record<string, string>;
  readonly templates: Map<string, Pieces>;
  readonly secrets: Map<string, string>;
  contentType: string | undefined;
}

const PATH = ['headers'];
/** More is a mistake; receivers commonly stop at 100. */
const MAX_HEADERS = 64;
/** What a receiver takes in total: 8 KiB per line in nginx, 16 KiB in Node with everything else. */
export const MAX_HEADER_BYTES = 8_192;
/** Names a file, so it must not lead out of its directory. */
export const SECRET_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/;

export function compileHeaders(headers: unknown, slots: Slots, faults: Faults): CompiledHeaders {
  const building: Building = { fixed: {}, templates: new Map(), secrets: new Map(), contentType: undefined };
  if (isRecord(headers)) compileEach(headers, building, { slots, faults });
  else if (headers !== undefined) addFault(faults, PATH, 'expected an object: name → template, or {"secret": name}');
  const { fixed, templates } = building;
  const texts = [...Object.entries(fixed).flat(), ...templates.keys()];
  const fixedBytes = texts.reduce((sum, text) => sum + text.length, 0);
  const literalBytes = [...templates.values()].reduce((sum, pieces) => sum + literalLength(pieces), 0);
  if (fixedBytes + literalBytes > MAX_HEADER_BYTES) addFault(faults, PATH, `are longer than ${MAX_HEADER_BYTES} bytes`);
  return { ...building, fixedBytes };
}

function compileEach(headers: Record<string, unknown>, building: Building, context: Context): void {
  const { faults } = context;
  const names = Object.keys(headers);
  if (names.length > MAX_HEADERS) return addFault(faults, PATH, `expected at most ${MAX_HEADERS} headers`);
  const seen = new Set<string>();
  for (const name of names) {
    const lower = name.toLowerCase();
    const fault = headerNameFault(name) ?? (seen.has(lower) ? 'this header is given twice' : undefined);
    seen.add(lower);
    if (fault) addFault(faults, ['headers', name], fault);
    else compileHeader(name, headers[name], building, context);
  }
}

interface Context {
  readonly slots: Slots;
  readonly faults: Faults;
}

function compileHeader(name: string, value: unknown, building: Building, { slots, faults }: Context): void {
  const path = ['headers', name];
  const isContentType = name.toLowerCase() === 'content-type';
  if (typeof value !== 'string') {
    if (isContentType) return addFault(faults, path, 'expected a string, which decides how the body is escaped');
    return addSecret(name, value, building, faults);
  }
  if (!isHeaderText(value)) return addFault(faults, path, 'may hold no control characters and none beyond Latin-1');
  const parts = parseParts(value, 'header', path, faults);
  if (!parts) return;
  const pieces = toPieces(parts, slots, () => plainText);
  const isFixed = pieces.slots.length === 0;
  if (isContentType && !isFixed) return addFault(faults, path, 'decides how the body is escaped: macros are refused');
  if (isContentType) building.contentType = value;
  if (isFixed) building.fixed[name] = value;
  else building.templates.set(name, pieces);
}

function addSecret(name: string, value: unknown, building: Building, faults: Faults): void {
  const secret = isRecord(value) && Object.keys(value).length === 1 ? value['secret'] : undefined;
  if (typeof secret === 'string' && SECRET_NAME.test(secret)) building.secrets.set(name, secret);
  else addFault(faults, ['headers', name], 'expected a template, or {"secret": name}');
}
