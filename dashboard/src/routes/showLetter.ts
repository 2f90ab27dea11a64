/** How a dead letter is shown. Credentials are not: whoever may look at letters need not know them. Pure. */
import type { BuriedLetter } from '@postback/core/queue/deadLetter';
import { acceptedAt } from '@postback/core/queue/entry';
import { urlOf } from '../dead/filter.js';

const SECRET_HEADER = /authorization|cookie|token|secret|signature|password|key/i;
const HIDDEN = '***';

export function summarize({ letter, diedAt }: BuriedLetter) {
  const { id, reason, detail, attemptsMade, lastStatus, reference } = letter;
  const { method, url } = endpointOf(letter.endpointJson);
  return {
    id,
    reason,
    detail,
    diedAt: new Date(diedAt).toISOString(),
    acceptedAt: new Date(acceptedAt(id)).toISOString(),
    method,
    url,
    host: urlOf(letter.endpointJson)?.host,
    attemptsMade,
    lastStatus,
    reference,
  };
}

/** With all there is to know. `data` is JSON text, as the client sent it: parsed, its large numbers would change. */
export function showLetter(buried: BuriedLetter) {
  const { data, history, lastBody, settings, endpointJson } = buried.letter;
  const attempts = history.map(([endedAt, code, durationMs]) => ({
    endedAt: new Date(endedAt).toISOString(),
    code,
    durationMs,
  }));
  return {
    ...summarize(buried),
    settings,
    endpoint: endpointJson && endpointOf(endpointJson),
    data,
    attempts,
    lastBody,
  };
}

function endpointOf(endpointJson: string | null): Record<string, unknown> {
  try {
    const endpoint = JSON.parse(endpointJson ?? '{}') as Record<string, unknown>;
    const { url, headers } = endpoint;
    return {
      ...endpoint,
      ...(typeof url === 'string' ? { url: url.replace(/^(https?:\/\/)[^/?#@]*@/i, '$1') } : {}),
      ...(headers ? { headers: hideSecrets(headers) } : {}),
    };
  } catch {
    return {};
  }
}

function hideSecrets(headers: unknown): unknown {
  const entries = Object.entries(Object(headers) as Record<string, unknown>);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, SECRET_HEADER.test(name) && typeof value === 'string' ? HIDDEN : value]),
  );
}
