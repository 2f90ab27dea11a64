/** The dashboard's settings. */
import { commonSettings } from '@postback/core/commonSettings';
import { parseConfig, type Config, type Environment } from '@postback/core/config';
import { port } from '@postback/core/settings';

export const dashboardSettings = {
  ...commonSettings,
  DASHBOARD_PORT: port({ default: '8083', description: 'Port of the dashboard service.' }),
};

export type DashboardConfig = Config<typeof dashboardSettings>;

/** @throws ConfigError naming each faulty variable */
export function parseDashboardConfig(env: Environment): DashboardConfig {
  return parseConfig(dashboardSettings, env);
}
