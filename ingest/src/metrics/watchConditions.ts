/** What the watch of Redis knows, as figures. */
import { counterAtScrape, gaugeAtScrape, gaugesAtScrape } from '@postback/core/metrics/atScrape';
import type { Registry } from 'prom-client';
import type { RedisWatch } from '../watch/redisWatch.js';

export function watchConditions(
  registry: Registry,
  watch: Pick<RedisWatch, 'conditions' | 'diskFreeBytes' | 'losses'>,
) {
  const conditions = {
    name: 'postback_condition',
    help: 'What is wrong with Redis: 1 = seen, 2 = requests are refused because of it.',
    label: 'condition',
  };
  gaugesAtScrape(registry, conditions, () =>
    watch.conditions().map(({ name, refusal }) => [name, refusal === undefined ? 1 : 2]),
  );
  const disk = { name: 'postback_redis_disk_free_bytes', help: 'Free space on the disk that Redis writes to.' };
  gaugeAtScrape(registry, disk, () => watch.diskFreeBytes());
  const losses = {
    name: 'postback_data_set_exchanged_total',
    help: 'Times that the data set of Redis was found to be another one than before: what was accepted is gone.',
  };
  counterAtScrape(registry, losses, () => watch.losses());
}
