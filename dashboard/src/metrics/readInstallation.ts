/** Everything that is told of the installation as a whole, with a bounded number of commands. */
import { createDestinations } from '@postback/core/queue/destinations';
import type { DestinationState } from '@postback/core/queue/destinationState';
import type { QueueKeys } from '@postback/core/queue/keys';
import { readOverview, type Overview } from '@postback/core/queue/overview';
import type { RedisSender } from '@postback/core/queue/script';

export interface InstallationReading extends Overview {
  readonly states: readonly DestinationState[];
}

export async function readInstallation(redis: RedisSender, keys: QueueKeys): Promise<InstallationReading> {
  const [overview, states] = await Promise.all([
    readOverview(redis, keys),
    createDestinations(redis, keys).readDestinations(),
  ]);
  return { ...overview, states };
}
