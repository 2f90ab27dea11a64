/** How a dead letter is shown. Secrets (REDACT) are not: whoever may look at letters need not know them. Pure. */
import type { BuriedLetter } from '@postback/core/queue/deadLetter';
import { acceptedAt } from '@postback/core/queue/entry';
import type { Redactor } from '@postback/core/redact/redactor';
import { urlOf } from '../dead/filter.js';

export function summarize({ letter, diedAt }: BuriedLetter, redactor: Redactor) {
  const { id, reason, detail, attemptsMade, lastStatus, reference } = letter;
  const { method, url } = showEndpoint(letter.endpointJson, redactor);
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
export function showLetter(buried: BuriedLetter, redactor: Redactor) {
  const { data, history, lastBody, settings, endpointJson } = buried.letter;
  const attempts = history.map(([endedAt, code, durationMs]) => ({
    endedAt: new Date(endedAt).toISOString(),
    code,
    durationMs,
  }));
  return {
    ...summarize(buried, redactor),
    settings,
    endpoint: endpointJson && showEndpoint(endpointJson, redactor),
    data: redactor.text(data),
    attempts,
    lastBody: lastBody === undefined ? undefined : redactor.text(lastBody),
  };
}

/** Whoever sent it may have put anything there: what is not of the expected kind is shown as it is. */
export function showEndpoint(endpointJson: string | null, redactor: Redactor): Record<string, unknown> {
  try {
    const endpoint = JSON.parse(endpointJson ?? '{}') as Record<string, unknown>;
    const { url, headers, body, defaults } = endpoint;
    return {
      ...endpoint,
      ...(typeof url === 'string' ? { url: redactor.url(url) } : {}),
      ...(headers ? { headers: redactor.headers(Object(headers) as Record<string, unknown>) } : {}),
      ...(typeof body === 'string' ? { body: redactor.text(body) } : {}),
      ...(defaults ? { defaults: redactor.headers(Object(defaults) as Record<string, unknown>) } : {}),
    };
  } catch {
    return {};
  }
}
