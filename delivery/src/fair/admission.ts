/** What every postback passes between being read and being attempted: may its destination be called, and when is its turn? */
import type { Breakers } from './breakers.js';
import type { Conditions } from './conditions.js';
import type { Ending } from './flow.js';
import type { Rates } from './rates.js';
import type { Lane, Report, Turns } from './turns.js';

/** The attempt may begin; it has a slot until `end`. What came of it is reported at once, not when Redis knows of it. */
export interface Go {
  readonly kind: 'go';
  readonly report: (ending: Ending) => void;
  readonly end: () => void;
}

export type Pass = Go | { readonly kind: 'park' };

export interface Arrival {
  readonly lane: Lane;
  /** It was parked, and its destination's rate has been charged for it with the release. */
  readonly isReleased: boolean;
}

export interface Admission {
  ask(destination: string, arrival: Arrival): Promise<Pass>;
}

interface AdmissionDeps {
  readonly turns: Pick<Turns, 'add'>;
  readonly conditions: Pick<Conditions, 'verdict'>;
  readonly breakers: Breakers;
  readonly rates: Pick<Rates, 'isLimited' | 'takeOne'>;
  /** Others of the destination wait already, for all that is known here: who comes now stands in line. */
  readonly hasParked: (destination: string) => boolean;
}

const PARK: Pass = { kind: 'park' };

export function createAdmission({ turns, conditions, breakers, rates, hasParked }: AdmissionDeps): Admission {
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

  const isWithinRate = (destination: string) => {
    if (!rates.isLimited(destination)) return true;
    return !hasParked(destination) && rates.takeOne(destination);
  };

  return {
    ask: async (destination, { lane, isReleased }) => {
      const verdict = conditions.verdict(destination);
      if (verdict === 'open') {
        if (isReleased || (await isWithinRate(destination))) return takeTurn(destination, lane);
        return PARK;
      }
      if (verdict === 'probe' && (await breakers.takeProbe(destination))) return takeTurn(destination, lane);
      return PARK;
    },
  };
}
