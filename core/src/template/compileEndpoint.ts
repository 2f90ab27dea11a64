/**
 * An endpoint, compiled once and rendered for each of its postbacks. All that is wrong with an endpoint whatever the data
 * is found here; it survives any text, because delivery compiles what it finds in Redis. The same endpoint and the same
 * settings give the same result everywhere, so what ingest accepted is what delivery sends.
 */
import { describeUnknown } from '../json/nearestName.js';
import { readMembers } from '../json/members.js';
import type { ProblemFault } from '../problem.js';
import { compileBody, type CompiledBody } from './compileBody.js';
import { compileHeaders, type CompiledHeaders } from './compileHeaders.js';
import { compileUrl, type CompiledUrl } from './compileUrl.js';
import { addFault, MAX_FAULTS, type Faults } from './faults.js';
import { isRecord } from './isRecord.js';
import { literalLength, type Slots } from './pieces.js';

import { safeDataLength, type RenderPlan, type Unmatched } from './plan.js';
import { render, type Rendered } from './render.js';
import { parseStatuses } from './statuses.js';

export interface EndpointSettings {
  /** The text for a key that neither the data object nor the endpoint's defaults have. */
  readonly defaultValue: string;
  /** The longest URL, template or rendered, that is accepted. */
  readonly maxUrlBytes: number;
}

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

export interface CompiledEndpoint {
  readonly method: Method;
  /** `scheme://host:port`, canonical and with the port: who shares it shares connections, breaker and limits. */
  readonly destination: string;
  /** The template as sent, without credentials. */
  readonly url: string;
  /** The keys that any of its templates uses. */
  readonly keys: ReadonlySet<string>;
  /** The statuses that count as delivered, if the endpoint names them. */
  readonly success: ReadonlySet<number> | undefined;
  /** The body is the data object as sent, all of its keys. */
  readonly sendsData: boolean;
  /** `Basic …`, the value of an Authorization header, from credentials in the URL. Not among the rendered headers. */
  readonly basicAuth: string | undefined;
  /** Header name → name of the secret that is its value. Not among the rendered headers. */
  readonly secrets: ReadonlyMap<string, string>;
  /** @param data a data object as it was scanned */
  render(data: string): Rendered;
  /** The faults `render` would answer with, none if it would succeed; mostly without reading `data`. */
  check(data: string): readonly ProblemFault[];
}

export type CompileResult =
  | { readonly kind: 'ok'; readonly endpoint: CompiledEndpoint }
  /** Pointers start with `/endpoint`. */
  | { readonly kind: 'faults'; readonly faults: ProblemFault[] };

const MEMBERS = ['method', 'url', 'headers', 'body', 'defaults', 'unmatched', 'success'];
const UNMATCHED: readonly Unmatched[] = ['default', 'omit', 'reject'];
/** Rendering takes time by it, for each of up to 1,000 data objects. */
const MAX_MACROS = 1_000;
const NO_FAULTS: readonly ProblemFault[] = Object.freeze([]);

/** `json`: the endpoint's part of the request, as it was scanned. */
export function compileEndpoint(json: string, settings: EndpointSettings): CompileResult {
  const faults: Faults = [];
  const text = copy(json);
  const members = parse(text);
  if (!members) return { kind: 'faults', faults: [{ pointer: '/endpoint', detail: 'expected an object' }] };
  const endpoint = compileSource({ members, json: text, settings }, faults);
  return endpoint && faults.length === 0 ? { kind: 'ok', endpoint } : { kind: 'faults', faults };
}

/** A slice, and each slice of it, would keep the whole request in memory for as long as the endpoint is cached. */
function copy(slice: string): string {
  return Buffer.from(slice).toString();
}

function parse(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

interface Source {
  readonly members: Record<string, unknown>;
  readonly json: string;
  readonly settings: EndpointSettings;
}

function compileSource({ members, json, settings }: Source, faults: Faults): CompiledEndpoint | undefined {
  checkNames(members, faults);
  const slots: Slots = new Map();
  const method = oneOf(METHODS, members['method'], 'method', faults);
  const unmatched = oneOf(
    UNMATCHED,
    members['unmatched'] === undefined ? 'default' : members['unmatched'],
    'unmatched',
    faults,
  );
  const urlOptions = { maxUrlBytes: settings.maxUrlBytes, canOmit: unmatched === 'omit' };
  const url = compileUrl(members['url'], urlOptions, slots, faults);
  const headers = compileHeaders(members['headers'], slots, faults);
  const body = compileBody(members['body'], { method, contentType: headers.contentType }, slots, faults);
  const success = readSuccess(members['success'], faults);
  checkDefaults(members['defaults'], faults);
  if (!method || !unmatched || !url) return undefined;
  const { maxUrlBytes } = settings;
  const fallbacks = readFallbacks(json, slots, settings.defaultValue);
  const plan = { ...fallbacks, unmatched, url, headers: withContentType(headers, body), body, maxUrlBytes };
  checkPlan(plan, faults);
  const sendsData = body.kind === 'data';
  return { method, success, sendsData, secrets: headers.secrets, ...publicUrl(url), ...renderers(plan) };
}

function checkNames(members: Record<string, unknown>, faults: Faults): void {
  const unknown = Object.keys(members).filter((name) => !MEMBERS.includes(name));
  for (const name of unknown.slice(0, MAX_FAULTS)) addFault(faults, [name], describeUnknown(name, MEMBERS));
}

function oneOf<T>(values: readonly T[], value: unknown, name: string, faults: Faults): T | undefined {
  const match = values.find((candidate) => candidate === value);
  return match ?? addFault(faults, [name], `expected one of ${values.join(', ')}`);
}

function readSuccess(list: unknown, faults: Faults): ReadonlySet<number> | undefined {
  if (list === undefined) return undefined;
  const expected = 'expected a list of statuses (200 to 599) and classes of them ("2xx" to "5xx")';
  return parseStatuses(list) ?? addFault(faults, ['success'], expected);
}

function checkDefaults(defaults: unknown, faults: Faults): void {
  if (defaults !== undefined && !isRecord(defaults)) addFault(faults, ['defaults'], 'expected an object: key → value');
}

/** Read from the JSON text, not from the parsed values: these have lost the digits of large numbers. */
function readFallbacks(
  json: string,
  slots: Slots,
  defaultValue: string,
): Pick<RenderPlan, 'keys' | 'fallbacks' | 'hasDefault'> {
  const keys = new Set(slots.keys());
  const defaults = readMembers(readMembers(json, new Set(['defaults'])).get('defaults') ?? '{}', keys);
  const given = [...keys].map((key) => defaults.get(key)).map((raw) => (raw === 'null' ? undefined : raw));
  const last = JSON.stringify(defaultValue);
  return { keys, fallbacks: given.map((raw) => raw ?? last), hasDefault: given.map((raw) => raw !== undefined) };
}

/** A data object sent as the body is JSON, unless the endpoint says otherwise. */
function withContentType(headers: CompiledHeaders, body: CompiledBody): CompiledHeaders {
  if (body.kind !== 'data' || headers.contentType !== undefined) return headers;
  return { ...headers, fixed: { ...headers.fixed, 'Content-Type': 'application/json' } };
}

/** What only shows when all parts are known. */
function checkPlan({ url, headers, body, maxUrlBytes }: RenderPlan, faults: Faults): void {
  const literals = [url.path, ...url.params].reduce((sum, pieces) => sum + literalLength(pieces), url.origin.length);
  if (literals > maxUrlBytes) addFault(faults, ['url'], `is longer than ${maxUrlBytes} bytes whatever the values`);
  const names = [...Object.keys(headers.fixed), ...headers.templates.keys(), ...headers.secrets.keys()];
  if (url.basicAuth && names.some((name) => name.toLowerCase() === 'authorization')) {
    addFault(faults, ['url'], 'has credentials, and there is an Authorization header as well');
  }
  const bodies = body.kind === 'template' ? [body.pieces] : [];
  const macros = [url.path, ...url.params, ...headers.templates.values(), ...bodies].flatMap((pieces) => pieces.slots);
  if (macros.length > MAX_MACROS) addFault(faults, [], `has more than ${MAX_MACROS} macros`);
}

function publicUrl(url: CompiledUrl): Pick<CompiledEndpoint, 'destination' | 'url' | 'basicAuth'> {
  return { destination: url.destination, url: url.template, basicAuth: url.basicAuth };
}

function renderers(plan: RenderPlan): Pick<CompiledEndpoint, 'keys' | 'render' | 'check'> {
  const safeLength = safeDataLength(plan);
  const check = (data: string) => {
    if (data.length <= safeLength) return NO_FAULTS;
    const rendered = render(plan, data);
    return rendered.kind === 'ok' ? NO_FAULTS : rendered.faults;
  };
  return { keys: plan.keys, render: (data) => render(plan, data), check };
}
