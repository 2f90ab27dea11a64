/**
 * The `delivery` member of a request: what it sets for its own postbacks. Every value has a cap among the settings; a larger one
 * is refused by the cap's name and never made smaller in silence.
 */
import type { ProblemFault } from '@postback/core/problem';
import type { PostbackSettings } from '@postback/core/queue/postbackSettings';
import { compileReference, type RenderReference } from '@postback/core/template/compileReference';
import { parseStatuses } from '@postback/core/template/statuses';
import { checkDeliveryShape, type DeliveryMember } from './deliverySchema.js';

export interface DeliveryCaps {
  readonly MAX_DELAY: number;
  readonly TTL_MAX: number;
  readonly ATTEMPT_TIMEOUT_MAX: number;
  readonly RETRY_ATTEMPTS_MAX: number;
}

export type DeliveryRead =
  | { readonly kind: 'ok'; readonly settings: PostbackSettings; readonly reference: Reference | undefined }
  | { readonly kind: 'faults'; readonly faults: readonly ProblemFault[] };

export interface Reference {
  readonly render: RenderReference;
  /** The keys that it uses. */
  readonly keys: ReadonlySet<string>;
}

/** Takes the member's JSON text as it stands in the body, already scanned. */
export type ReadDelivery = (json: string) => DeliveryRead;

interface ReaderDeps {
  readonly caps: DeliveryCaps;
  /** For keys of the reference that a data object lacks. */
  readonly defaultValue: string;
  readonly now: () => number;
}

export function deliveryReader({ caps, defaultValue, now }: ReaderDeps): ReadDelivery {
  return (json) => {
    const parsed: unknown = JSON.parse(json);
    const shapeFaults = checkDeliveryShape(parsed);
    if (shapeFaults.length > 0) return { kind: 'faults', faults: shapeFaults };
    const member = parsed as DeliveryMember;
    const reference = member.reference === undefined ? undefined : compileReference(member.reference, defaultValue);
    const details = reference?.kind === 'faults' ? reference.details : [];
    const faults = [
      ...meaningFaults(member),
      ...capFaults(member, caps, now()),
      ...details.map((detail) => fault('/reference', detail)),
    ];
    if (faults.length > 0) return { kind: 'faults', faults };
    return { kind: 'ok', settings: settingsOf(member), reference: reference?.kind === 'ok' ? reference : undefined };
  };
}

function fault(pointer: string, detail: string): ProblemFault {
  return { pointer: `/delivery${pointer}`, detail };
}

function meaningFaults({ delaySeconds, deliverAt, retry }: DeliveryMember): ProblemFault[] {
  const faults: ProblemFault[] = [];
  if (deliverAt !== undefined && delaySeconds !== undefined) {
    faults.push(fault('/deliverAt', 'expected either deliverAt or delaySeconds, got both'));
  }
  if (deliverAt !== undefined && Number.isNaN(parseTime(deliverAt))) {
    faults.push(fault('/deliverAt', 'expected a time with its zone, such as 2030-01-31T08:00:00Z'));
  }
  if (retry?.statuses && !parseStatuses(retry.statuses)) {
    faults.push(fault('/retry/statuses', 'expected statuses (200 to 599) and classes of them ("2xx" to "5xx")'));
  }
  return faults;
}

function capFaults(member: DeliveryMember, caps: DeliveryCaps, nowMs: number): ProblemFault[] {
  const { delaySeconds, deliverAt, ttlSeconds, timeoutSeconds, retry } = member;
  const schedule = (retry?.scheduleSeconds ?? []).map(
    (seconds, index) => [`/retry/scheduleSeconds/${index}`, seconds, 'MAX_DELAY'] as const,
  );
  const waits: readonly (readonly [string, number | undefined, Exclude<keyof DeliveryCaps, 'RETRY_ATTEMPTS_MAX'>])[] = [
    ['/delaySeconds', delaySeconds, 'MAX_DELAY'],
    ['/deliverAt', deliverAt === undefined ? undefined : (parseTime(deliverAt) - nowMs) / 1_000, 'MAX_DELAY'],
    ['/ttlSeconds', ttlSeconds, 'TTL_MAX'],
    ['/timeoutSeconds', timeoutSeconds, 'ATTEMPT_TIMEOUT_MAX'],
    ...schedule,
  ];
  const faults = waits
    .filter(([, seconds, cap]) => seconds !== undefined && seconds * 1_000 > caps[cap])
    .map(([pointer, , cap]) =>
      fault(
        pointer,
        `expected at most ${caps[cap] / 1_000} seconds${pointer === '/deliverAt' ? ' from now' : ''} (${cap})`,
      ),
    );
  if ((retry?.attempts ?? 0) > caps.RETRY_ATTEMPTS_MAX) {
    faults.push(fault('/retry/attempts', `expected at most ${caps.RETRY_ATTEMPTS_MAX} (RETRY_ATTEMPTS_MAX)`));
  }
  return faults;
}

/** ISO 8601 with a zone (RFC 3339, seconds may be left out); NaN for anything else. */
function parseTime(text: string): number {
  const isTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/.test(text);
  return isTime ? Date.parse(text) : NaN;
}

/** Only what is set, so that nothing else is stored. A delay of 0 is none. */
function settingsOf({ delaySeconds, deliverAt, ttlSeconds, timeoutSeconds, retry }: DeliveryMember): PostbackSettings {
  const { attempts, scheduleSeconds, statuses } = retry ?? {};
  return {
    ...(delaySeconds ? { delayMs: toMs(delaySeconds) } : {}),
    ...(deliverAt === undefined ? {} : { deliverAtMs: parseTime(deliverAt) }),
    ...(ttlSeconds === undefined ? {} : { ttlMs: toMs(ttlSeconds) }),
    ...(timeoutSeconds === undefined ? {} : { timeoutMs: toMs(timeoutSeconds) }),
    ...(attempts === undefined ? {} : { attempts }),
    ...(scheduleSeconds === undefined ? {} : { scheduleMs: scheduleSeconds.map(toMs) }),
    ...(statuses === undefined ? {} : { retryStatuses: statuses }),
  };
}

function toMs(seconds: number): number {
  return Math.round(seconds * 1_000);
}
