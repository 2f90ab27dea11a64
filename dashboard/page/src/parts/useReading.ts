/** Reads something again and again while it is looked at. What was read stays when a reading fails, with the fault beside it. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { asFault, type Fault } from '../api/fault.js';

export interface Reading<T> {
  readonly value: T | undefined;
  readonly fault: Fault | undefined;
  /** Reads now. */
  readonly again: () => void;
}

/**
 * @param key another one begins anew, without what was read
 * @param everyMs `undefined`: only once
 */
export function useReading<T>(
  key: string,
  read: (signal: AbortSignal) => Promise<T>,
  everyMs: number | undefined,
): Reading<T> {
  const [state, setState] = useState<{ key: string; value?: T; fault?: Fault }>({ key });
  const [round, setRound] = useState(0);
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      try {
        const value = await latest.current(abort.signal);
        if (!abort.signal.aborted) setState({ key, value });
      } catch (error) {
        if (abort.signal.aborted) return;
        setState((before) => ({ ...(before.key === key ? before : { key }), fault: asFault(error) }));
      }
      if (everyMs !== undefined && !abort.signal.aborted) timer = setTimeout(() => void look(), everyMs);
    };
    void look();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [key, everyMs, round]);
  const isCurrent = state.key === key;
  return {
    value: isCurrent ? state.value : undefined,
    fault: isCurrent ? state.fault : undefined,
    again: () => setRound((before) => before + 1),
  };
}
