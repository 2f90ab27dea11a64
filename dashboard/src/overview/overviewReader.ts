/** Reads the overview within its time, for all who ask at the same moment once; a Redis that is away is an answer too. */
import type { Clock } from '@postback/core/clock';
import type { Overview } from '@postback/core/queue/overview';
import { withinDeadline } from '@postback/core/withinDeadline';
import { showOverview, showUnreachable, type ShownOverview } from './showOverview.js';

export type OverviewReader = () => Promise<ShownOverview>;

interface ReaderDeps {
  /** @throws when Redis does not answer as it should */
  readonly read: () => Promise<Overview>;
  readonly clock: Pick<Clock, 'now'>;
  readonly deadlineMs?: number;
}

/** With the second between two readings, it is known within three that Redis is away. */
const DEADLINE_MS = 1_500;

export function createOverviewReader({ read, clock, deadlineMs = DEADLINE_MS }: ReaderDeps): OverviewReader {
  let underWay: Promise<ShownOverview> | undefined;
  const readShown = async () => {
    try {
      return showOverview(await withinDeadline(read(), deadlineMs));
    } catch (error) {
      return showUnreachable(clock.now(), (error as Error).message);
    } finally {
      underWay = undefined;
    }
  };
  return () => (underWay ??= readShown());
}
