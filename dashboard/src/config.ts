/** The dashboard's settings. */
import { openDoorsFault } from '@postback/core/access/openDoors';
import { bindSetting, commonSettings } from '@postback/core/commonSettings';
import { ConfigError, parseConfig, type Config, type Environment } from '@postback/core/config';
import { keptAttemptsSettings } from '@postback/core/queue/keptAttemptsSettings';
import { redactSetting } from '@postback/core/redact/redactSetting';
import { duration, integer, port, text } from '@postback/core/settings';
import { tokenSetting } from './access/tokenSetting.js';

export const dashboardSettings = {
  ...commonSettings,
  HTTP_BIND: bindSetting,
  DASHBOARD_PORT: port({ default: '8083', description: 'Port of the dashboard service.' }),
  DASHBOARD_TOKEN: tokenSetting(
    'The token for the page and /api: presented as bearer token by programs, exchanged once for a cookie by browsers. Empty: everyone may come in, which is allowed on loopback only.',
  ),
  DASHBOARD_READ_TOKEN: tokenSetting(
    'A second token, which lets in to look but not to change anything. Empty: there is none.',
  ),
  SERVICE_URLS: text({
    default: '',
    description: 'Where `doctor` asks the services how they are: name=URL, separated by commas. Set by the stack.',
  }),
  EDGE_TLS: text({
    default: '',
    description: 'host:port of which `doctor` reads the certificate. Set by the stack; empty: there is no TLS.',
  }),
  SESSION_TTL: duration({
    default: '12h',
    minMs: 60_000,
    maxMs: 30 * 86_400_000,
    description: 'How long a login at the dashboard lasts.',
  }),
  ...keptAttemptsSettings,
  REDACT: redactSetting,
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
  const config = parseConfig(dashboardSettings, env);
  const { DASHBOARD_TOKEN: token, DASHBOARD_READ_TOKEN: readToken } = config;
  const fault = openDoorsFault(config.HTTP_BIND, { DASHBOARD_TOKEN: token !== '' });
  if (fault !== undefined) throw new ConfigError([fault]);
  if (readToken !== '' && token === '')
    throw readTokenFault('is set without DASHBOARD_TOKEN, so nobody could change anything');
  if (readToken !== '' && readToken === token) throw readTokenFault('is the same as DASHBOARD_TOKEN');
  return config;
}

function readTokenFault(why: string): ConfigError {
  return new ConfigError([`invalid setting DASHBOARD_READ_TOKEN: it ${why}`]);
}
