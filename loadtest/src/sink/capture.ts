/**
 * The third party's side of a delivery: takes any request, behaves as its run was told to, records it and answers. Nothing
 * here may be slower than the system that is being measured.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PreciseClock } from '../preciseClock.js';
import type { Behaviour, Reaction } from './behaviour.js';
import { react, WELL_BEHAVED } from './behaviour.js';
import type { Captured } from './captured.js';
import type { Destinations } from './destinations.js';
import { fail } from './fail.js';
import type { Identity } from './identify.js';
import { identify } from './identify.js';
import type { Body } from './readBody.js';
import { readBody } from './readBody.js';
import type { Run, Runs, SeqRecord } from './runs.js';
import { recordArrival } from './runs.js';

export interface CaptureDeps {
  readonly runs: Runs;
  readonly destinations: Destinations;
  readonly captured: Captured;
  readonly now: PreciseClock;
}

type Slot = { readonly run: Run; readonly record: SeqRecord };

const ONCE: Reaction = { kind: 'record', times: 1 };
const ANSWER_HEADERS = { 'content-type': 'text/plain', 'content-length': '2' };

export function capture(deps: CaptureDeps, request: IncomingMessage, response: ServerResponse): void {
  readBody(request, (body) => {
    const identity = identify(request.url ?? '/', body.text);
    const slot = identity && deps.runs.attempt(identity);
    const destination = deps.destinations.at(request.socket.localPort);
    const behaviour = destination?.behaviour ?? slot?.run.behaviour ?? WELL_BEHAVED;
    const take = () => takeIn(deps, { request, response, body, identity, slot, behaviour });
    const { delayMs } = behaviour;
    if (destination) destination.attempts++;
    if (delayMs > 0) setTimeout(take, delayMs);
    else take();
  });
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Body;
  readonly identity: Identity | undefined;
  readonly slot: Slot | undefined;
  readonly behaviour: Behaviour;
}

function takeIn(deps: CaptureDeps, exchange: Exchange): void {
  const { slot, identity, behaviour, response } = exchange;
  const at = deps.now();
  const reaction = slot && identity ? react(behaviour, identity.seq, slot.record.attempts) : ONCE;
  if (slot) book(slot, reaction, { at, postbackId: postbackIdOf(exchange.request) });
  const isFailed = reaction.kind === 'fail';
  if (reaction.kind !== 'drop') deps.captured.add(describe(exchange, at, isFailed ? behaviour.status : 200));
  if (isFailed) fail(behaviour, response);
  else response.writeHead(200, ANSWER_HEADERS).end('ok');
}

function book({ run, record }: Slot, reaction: Reaction, arrival: { at: number; postbackId: string | null }): void {
  switch (reaction.kind) {
    case 'record':
      for (let time = 0; time < reaction.times; time++) recordArrival(run, record, arrival);
      return;
    case 'drop':
      run.dropped++;
      return;
    case 'fail':
      run.failed++;
      return;
  }
}

function describe({ request, body, identity }: Exchange, at: number, status: number) {
  const { method = 'GET', url = '/', rawHeaders } = request;
  return { at, method, url, rawHeaders, body: body.text, bodyBytes: body.bytes, identity, status };
}

function postbackIdOf(request: IncomingMessage): string | null {
  const id = request.headers['postback-id'];
  return typeof id === 'string' ? id : null;
}
