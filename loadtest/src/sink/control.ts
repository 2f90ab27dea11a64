/**
 * The sink's own addresses: health, what was captured, and the runs of the load test.
 *   GET /healthz · GET / (page) · GET|DELETE /captured[?limit=&contains=]
 *   PUT|GET|DELETE /runs/<id> · GET /runs/<id>/arrivals · PUT /runs/<id>/destinations
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { Problem } from '@postback/core/problem';
import { arrivalLines } from './arrivals.js';
import { parseBehaviour } from './behaviour.js';
import { ownCpuMs } from '../report/instrument.js';
import type { CaptureDeps } from './capture.js';
import { CAPTURED_LIMIT, toJson } from './captured.js';
import { parseDestinationPlans } from './destinationPlans.js';
import { RUN_ID } from './identify.js';
import type { Names } from './names.js';
import type { Page } from './page.js';
import { readBody } from './readBody.js';
import type { Run } from './runs.js';

export interface ControlDeps extends CaptureDeps {
  readonly page: Page;
  readonly names: Names;
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

type Handler = (deps: ControlDeps, call: Call) => void;

const ROUTES: Readonly<Record<string, Handler>> = {
  'GET /': ({ page }, { response }) => void response.writeHead(200, page.headers).end(page.html),
  'GET /healthz': (_deps, { response }) => sendJson(response, 200, { status: 'ok' }),
  'GET /captured': listCaptured,
  'DELETE /captured': ({ captured }, { response }) => {
    captured.clear();
    response.writeHead(204).end();
  },
  'PUT /runs/:id': openRun,
  'GET /runs/:id': (deps, call) => sendJson(call.response, 200, summarize(requireRun(deps, call), deps.now())),
  'GET /runs/:id/arrivals': sendArrivals,
  'PUT /runs/:id/destinations': arrangeDestinations,
  'DELETE /runs/:id': removeRun,
};

/** @returns false when the address is not one of the sink's own, and the request therefore a delivery */
export function control(deps: ControlDeps, request: IncomingMessage, response: ServerResponse): boolean {
  const target = request.url ?? '/';
  if (!/^\/($|healthz$|captured(\?|$)|runs\/)/.test(target)) return false;
  const url = new URL(target, 'http://sink');
  const handler = ROUTES[`${request.method} ${url.pathname.replace(/^\/runs\/[^/]+/, '/runs/:id')}`];
  guard(response, () => {
    if (!handler)
      throw new Problem('not-found', { detail: `${request.method} ${url.pathname} is not known to the sink` });
    handler(deps, { request, response, url });
  });
  return true;
}

function guard(response: ServerResponse, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    sendProblem(response, error);
  }
}

function sendProblem(response: ServerResponse, problem: Problem): void {
  sendJson(response, problem.status, problem.toBody(), 'application/problem+json');
}

function listCaptured({ captured }: ControlDeps, { response, url }: Call): void {
  const limit = Number(url.searchParams.get('limit') ?? '50');
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= CAPTURED_LIMIT)) {
    throw new Problem('invalid-request', { detail: `limit: expected a whole number from 1 to ${CAPTURED_LIMIT}` });
  }
  const newest = captured.newest(limit, url.searchParams.get('contains') ?? '');
  sendJson(response, 200, { total: captured.total(), captured: newest.map(toJson) });
}

function openRun({ runs, now }: ControlDeps, { request, response, url }: Call): void {
  const id = runIdOf(url);
  if (!RUN_ID.test(id)) throw new Problem('invalid-request', { detail: 'a run is 1 to 64 letters, digits, _ or -' });
  readBody(request, (body) =>
    guard(response, () => sendJson(response, 200, summarize(runs.open(id, parseBehaviour(body.text)), now()))),
  );
}

function sendArrivals(deps: ControlDeps, call: Call): void {
  const run = requireRun(deps, call);
  call.response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  Readable.from(arrivalLines(run)).pipe(call.response);
}

function arrangeDestinations(deps: ControlDeps, call: Call): void {
  const { id } = requireRun(deps, call);
  readBody(call.request, (body) =>
    guard(call.response, () => {
      const { plans, silentNames } = parseDestinationPlans(body.text);
      deps.names.silence(silentNames);
      deps.destinations.arrange(id, plans).then(
        (arranged) =>
          sendJson(
            call.response,
            200,
            arranged.map(({ port, attempts }) => ({ port, attempts })),
          ),
        (error: Error) => sendProblem(call.response, new Problem('service-unavailable', { detail: error.message })),
      );
    }),
  );
}

function removeRun(deps: ControlDeps, call: Call): void {
  deps.runs.remove(requireRun(deps, call).id);
  call.response.writeHead(204).end();
}

function requireRun({ runs }: ControlDeps, { url }: Call): Run {
  const run = runs.find(runIdOf(url));
  if (!run) throw new Problem('not-found', { detail: 'the sink knows no such run' });
  return run;
}

function runIdOf(url: URL): string {
  return url.pathname.split('/')[2] ?? '';
}

/** `now` is the sink's clock, so that the generator can see by how much the two differ; `cpuMs` says how busy the sink is. */
function summarize(run: Run, now: number) {
  const { id, behaviour, arrivals, distinct, failed, dropped, overflow, lastArrivalAt } = run;
  const cpuMs = ownCpuMs();
  return { run: id, behaviour, arrivals, distinct, failed, dropped, overflow, lastArrivalAt, now, cpuMs };
}

function sendJson(response: ServerResponse, status: number, value: unknown, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(JSON.stringify(value));
}
