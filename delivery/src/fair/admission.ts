/** What every postback passes between being read and being attempted: may its destination be called, and when is its turn? */
import type { Breakers } from './breakers.js';
import type { Conditions } from './conditions.js';
import type { Ending } from './flow.js';
import type { Lane, Report, Turns } from './turns.js';

/** The attempt may begin; it has a slot until `end`. What came of it is reported at once, not when Redis knows of it. */
export interface Go {
  readonly kind: 'go';
  readonly report: (ending: Ending) => void;
  readonly end: () => void;
}

export type Pass = Go | { readonly kind: 'park' };

export interface Admission {
  ask(destination: string, lane: Lane): Promise<Pass>;
}

interface AdmissionDeps {
  readonly turns: Pick<Turns, 'add'>;
  readonly conditions: Pick<Conditions, 'verdict'>;
  readonly breakers: Breakers;
}

const PARK: Pass = { kind: 'park' };

export function createAdmission({ turns, conditions, breakers }: AdmissionDeps): Admission {
  const go = (destination: string, report: Report, end: () => void): Go => ({
    kind: 'go',
    report: (ending) => {
      breakers.note(destination, ending.isFailure);
      report(ending);
    },
    end,
  });

  const takeTurn = (destination: string, lane: Lane) =>
    new Promise<Pass>((resolve) => {
      const start = (report: Report) => new Promise<void>((end) => resolve(go(destination, report, end)));
      turns.add({ lane, destination, start, giveUp: () => resolve(PARK) });
    });

  return {
    ask: async (destination, lane) => {
      const verdict = conditions.verdict(destination);
      if (verdict === 'open') return takeTurn(destination, lane);
      if (verdict === 'probe' && (await breakers.takeProbe(destination))) return takeTurn(destination, lane);
      return PARK;
    },
  };
}
