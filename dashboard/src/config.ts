/** The dashboard's settings. */
import { commonSettings } from '@postback/core/commonSettings';
import { parseConfig, type Config, type Environment } from '@postback/core/config';
import { duration, integer, port, text } from '@postback/core/settings';

export const dashboardSettings = {
  ...commonSettings,
  DASHBOARD_PORT: port({ default: '8083', description: 'Port of the dashboard service.' }),
  DEAD_MAX_AGE: duration({
    default: '30d',
    minMs: 1_000,
    maxMs: 3_650 * 86_400_000,
    description: 'Dead letters older than this are trimmed.',
  }),
  DEAD_MAX_COUNT: integer({
    default: '100000',
    min: 1,
    max: 100_000_000,
    description:
      'So many dead letters are kept; beyond, the oldest are trimmed. A letter takes some KB of memory in Redis.',
  }),
  DEAD_ARCHIVE: text({
    default: '',
    description:
      'Directory for trimmed dead letters, as compressed JSON lines; unset: they are only counted. In containers: /archive, a volume.',
  }),
};

export type DashboardConfig = Config<typeof dashboardSettings>;

/** @throws ConfigError naming each faulty variable */
export function parseDashboardConfig(env: Environment): DashboardConfig {
  return parseConfig(dashboardSettings, env);
}
