/**
 * The body of an endpoint: none, the data object as sent, or a template whose values are escaped as its Content-Type needs.
 * In a JSON template a macro within a string takes the value's text; anywhere else it stands for the value itself, quotes
 * and all, so that no value can change the structure around it. A template that could not be valid JSON is refused.
 */
import { jsonStringText, jsonValueText, percentText, plainText, type Encoder } from './encoders.js';
import { addFault, parseParts, type Faults } from './faults.js';
import type { TemplatePart } from './parseTemplate.js';
import { toPieces, type Pieces, type Slots } from './pieces.js';

export type CompiledBody =
  { readonly kind: 'none' } | { readonly kind: 'data' } | { readonly kind: 'template'; readonly pieces: Pieces };

/** As much as a request may have (MAX_BODY_BYTES), counted in characters: it bounds memory. */
export const MAX_BODY_LENGTH = 1_048_576;

const PATH = ['body'];
const WITH_BODY = new Set<string | undefined>(['POST', 'PUT', 'PATCH']);

interface BodyOptions {
  readonly method: string | undefined;
  readonly contentType: string | undefined;
}

/** `undefined` is a body that was not given, `null` one that shall not be. */
export function compileBody(body: unknown, options: BodyOptions, slots: Slots, faults: Faults): CompiledBody {
  if (body === undefined) return { kind: WITH_BODY.has(options.method) ? 'data' : 'none' };
  if (typeof body === 'string') return compileTemplate(body, options.contentType, slots, faults);
  if (body !== null) addFault(faults, PATH, 'expected a string, the template, or null for no body');
  return { kind: 'none' };
}

function compileTemplate(text: string, contentType: string | undefined, slots: Slots, faults: Faults): CompiledBody {
  const parts = parseParts(text, 'body', PATH, faults) ?? [];
  const encoders = encodersFor(parts, mediaType(contentType));
  if (mediaType(contentType) === 'json' && parts.length > 0 && !isJson(parts, encoders)) {
    addFault(faults, PATH, 'the Content-Type says JSON, but the template is not valid JSON');
  }
  return { kind: 'template', pieces: toPieces(parts, slots, (index) => encoders[index] ?? plainText) };
}

type MediaType = 'json' | 'form' | 'other';

function mediaType(contentType: string | undefined): MediaType {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/x-www-form-urlencoded') return 'form';
  return /^(application|text)\/json$|\+json$/.test(type) ? 'json' : 'other';
}

/** By the index of the part. */
function encodersFor(parts: readonly TemplatePart[], type: MediaType): Encoder[] {
  if (type === 'form') return parts.map(() => percentText);
  if (type === 'other') return parts.map(() => plainText);
  let isInString = false;
  return parts.map((part) => {
    if (part.kind === 'literal') isInString = endsInString(part.text, isInString);
    return isInString ? jsonStringText : jsonValueText;
  });
}

/** Whether a JSON string is open behind `text`. A backslash hides the next character, which is never that of a value. */
function endsInString(text: string, isInString: boolean): boolean {
  let isOpen = isInString;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') isOpen = !isOpen;
  }
  return isOpen;
}

/** Tried with values that would break an unfinished escape sequence (`"\{x}"`, `"\u00{x}"`) or a number (`1{x}`). */
function isJson(parts: readonly TemplatePart[], encoders: readonly Encoder[]): boolean {
  const sample = parts.map((part, index) => {
    if (part.kind === 'literal') return part.text;
    return encoders[index] === jsonStringText ? 'Z' : 'null';
  });
  try {
    JSON.parse(sample.join(''));
    return true;
  } catch {
    return false;
  }
}
