/**
 * What becomes of a value where a macro stands. An encoder gets the value as the JSON text it was sent as and returns the
 * text to put in. `room` is how much still fits: when more comes back, its exact form does not matter any more.
 */
import { jsonToText } from '../json/members.js';
import { percentEncode } from './percentEncode.js';

export type Encoder = (raw: string, room: number) => string;

/** URLs and form bodies. */
export const percentText: Encoder = (raw, room) => {
  const text = plainText(raw, room);
  return text.length > room ? text : percentEncode(text);
};

/** Headers and bodies that are neither JSON nor a form. */
export const plainText: Encoder = (raw) => jsonToText(raw) ?? '';

/** Inside of a JSON string. A string is one already and stays as it was sent; other values become their JSON text. */
export const jsonStringText: Encoder = (raw) => (raw.startsWith('"') ? raw : JSON.stringify(raw)).slice(1, -1);

/** In JSON, outside of a string: the value itself, so that no value can change the structure around it. */
export const jsonValueText: Encoder = (raw) => raw;
