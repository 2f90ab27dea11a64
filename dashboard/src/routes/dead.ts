/** /api/dead: looking at dead letters, sending one again, removing one or many. */
import { Problem } from '@postback/core/problem';
import type { Clock } from '@postback/core/clock';
import type { BuriedLetter } from '@postback/core/queue/deadLetter';
import type { DeadLetters } from '@postback/core/queue/deadLetters';
import type { Redactor } from '@postback/core/redact/redactor';
import express, { type Request, type Response, type Router } from 'express';
import { exportLetters } from '../dead/exportLetters.js';
import { purge } from '../dead/purge.js';
import { replaceEndpoint } from '../dead/replacement.js';
import { searchDead } from '../dead/search.js';
import { audit } from '../audit.js';
import { cursorOf, FILTER_MEMBERS, inputOf, readCursor, readFilter, readJson, type Members } from './input.js';
import { readReplacement, REPLACEMENT_MEMBERS } from './replacementInput.js';
import { showLetter, summarize } from './showLetter.js';

export interface DeadDeps {
  readonly dead: DeadLetters;
  readonly clock: Clock;
  readonly redactor: Redactor;
}

export function deadRouter(deps: DeadDeps): Router {
  const router = express.Router();
  router.get('/dead', (request, response) => list(request, response, deps));
  router.get('/dead/export', (request, response) => exportMany(request, response, deps));
  router.get('/dead/:id', async (request, response) => {
    response.json(showLetter(await findLetter(request.params.id, deps), deps.redactor));
  });
  router.post('/dead/:id/redrive', ...readJson, (request, response) => redriveOne(request, response, deps));
  router.delete('/dead/:id', async (request, response) => {
    const letter = await findLetter(request.params.id, deps);
    if ((await deps.dead.discard([letter], 'purged')) === 0) throw noLetter(letter.letter.id);
    audit(response, 'purge', { purged: 1, ids: [letter.letter.id] });
    response.json({ purged: 1 });
  });
  router.post('/purge', ...readJson, (request, response) => purgeMany(request, response, deps));
  return router;
}

async function list(request: Request, response: Response, { dead, clock, redactor }: DeadDeps): Promise<void> {
  const input = inputOf(request.query, [...FILTER_MEMBERS, 'limit', 'cursor']);
  const filter = readFilter(input, clock.now());
  const limit = input.whole('limit', { min: 1, max: 500 }) ?? 50;
  const after = readCursor(input);
  input.end();
  const found = await searchDead(dead, { filter, order: 'newest', limit, after });
  const letters = found.letters.map((letter) => summarize(letter, redactor));
  response.json({ letters, next: cursorOf(found.next), scanned: found.scanned });
}

/** An export that cannot go on is cut off: what was saved must not look like all of it. */
async function exportMany(request: Request, response: Response, { dead, clock, redactor }: DeadDeps): Promise<void> {
  const input = inputOf(request.query, FILTER_MEMBERS);
  const filter = readFilter(input, clock.now());
  input.end();
  await dead.now(); // an outage is answered as such, as long as nothing is written
  response.set({
    'Content-Type': 'application/jsonl',
    'Content-Disposition': 'attachment; filename="dead-letters.jsonl"',
    'Cache-Control': 'no-store',
  });
  try {
    const show = (letter: BuriedLetter) => showLetter(letter, redactor);
    await exportLetters(dead, { filter, show, output: response, isOver: () => response.destroyed });
    response.end();
  } catch (error) {
    if (!response.headersSent) throw error;
    response.destroy();
  }
}

async function redriveOne(request: Request, response: Response, { dead }: DeadDeps): Promise<void> {
  const input = inputOf(request.body as Members, REPLACEMENT_MEMBERS);
  const replacement = readReplacement(input);
  input.end();
  const buried = await findLetter(request.params['id'] as string, { dead });
  const endpoint = replaceEndpoint(buried.letter, replacement);
  if (endpoint.kind === 'lost') throw new Problem('not-redrivable', { detail: endpoint.detail });
  if (endpoint.kind === 'faults') throw replacementProblem(endpoint.faults);
  const { endpointJson } = endpoint;
  if (!(await dead.redrive(buried, { endpointJson, at: await dead.now() }))) throw noLetter(buried.letter.id);
  audit(response, 'redrive', { redriven: 1, ids: [buried.letter.id], replaced: Object.keys(replacement) });
  response.status(202).json({ redriven: buried.letter.id });
}

async function purgeMany(request: Request, response: Response, { dead, clock }: DeadDeps): Promise<void> {
  const input = inputOf(request.body as Members, [...FILTER_MEMBERS, 'all', 'cursor']);
  const filter = readFilter(input, clock.now());
  const isAll = input.flag('all');
  const after = readCursor(input);
  input.end();
  requireChoice(Object.keys(filter).length > 0, isAll);
  const { purged, next } = await purge(dead, filter, after);
  audit(response, 'purge', { purged, filter, is_all: isAll });
  response.json({ purged, next: cursorOf(next) });
}

/** An empty filter is more likely a mistake than a wish: all of them have to be asked for. */
export function requireChoice(hasFilter: boolean, isAll: boolean): void {
  if (hasFilter !== isAll) return;
  throw new Problem('invalid-request', { detail: 'expected a filter, or "all": true' });
}

function replacementProblem(faults: readonly { pointer: string; detail: string }[]): Problem {
  const errors = faults.map(({ pointer, detail }) => ({ pointer: pointer.replace(/^\/endpoint/, ''), detail }));
  return new Problem('invalid-request', { detail: `${errors[0]?.pointer}: ${errors[0]?.detail}`, errors });
}

async function findLetter(id: string, { dead }: Pick<DeadDeps, 'dead'>): Promise<BuriedLetter> {
  const letter = await dead.find(id);
  if (!letter) throw noLetter(id);
  return letter;
}

function noLetter(id: string): Problem {
  return new Problem('not-found', { detail: `there is no dead letter ${id.slice(0, 64)}` });
}
