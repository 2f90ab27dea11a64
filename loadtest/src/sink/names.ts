/**
 * The sink as a resolver, for the scenario with slow names: every name below sink.test leads to the sink, and those below a domain that
 * a run silences are not answered. `.test` is reserved for this (RFC 6761): it exists nowhere else.
 */
import type { DnsRecord } from '@postback/core/testing/dnsServer';

export const SINK_DOMAIN = 'sink.test';

export interface Names {
  lookUp(name: string): DnsRecord | undefined;
  /** From now on these labels, as in `<anything>.<label>.sink.test`, get no answer; all others do. */
  silence(labels: readonly string[]): void;
}

/** Short, so that names are asked for during a run. */
const TTL_SECONDS = 1;
/** Names below `lasting.sink.test` are good for as long as those of most third parties. */
export const LASTING = 'lasting';
const LASTING_TTL_SECONDS = 300;

export function createNames(): Names {
  let silent: readonly string[] = [];
  return {
    lookUp: (name) => {
      if (!name.endsWith(`.${SINK_DOMAIN}`)) return undefined;
      const isSilent = silent.some((label) => name.endsWith(`.${label}.${SINK_DOMAIN}`));
      const isLasting = name.endsWith(`.${LASTING}.${SINK_DOMAIN}`);
      return isSilent ? 'hangs' : { addresses: ['127.0.0.1'], ttl: isLasting ? LASTING_TTL_SECONDS : TTL_SECONDS };
    },
    silence: (labels) => void (silent = labels),
  };
}
