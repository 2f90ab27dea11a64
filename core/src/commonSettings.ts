/** Settings that every service has. */
import { LOG_LEVELS } from './logger.js';
import { parseAllowedTarget } from './net/allowedTarget.js';
import { list, oneOf, text, url } from './settings.js';

export const commonSettings = {
  REDIS_URL: url(['redis:', 'rediss:'], {
    default: 'redis://127.0.0.1:6380',
    description: 'Where Redis is.',
  }),
  REDIS_PASSWORD: text({
    default: '',
    secret: true,
    description: 'Password of Redis, or the file that holds it. Generated on the first start unless set.',
  }),
  LISTEN_HOST: text({
    default: '127.0.0.1',
    description: 'Address that the service listens on. Containers listen on all of theirs; nginx is the one in front.',
  }),
  LOG_LEVEL: oneOf(LOG_LEVELS, { default: 'info', description: 'The least severe level that is logged.' }),
};

/** The services never listen there, but who may come in depends on it (access/openDoors.ts). */
export const bindSetting = text({
  default: '127.0.0.1',
  description:
    'The address that nginx listens on. With any but a loopback address nothing starts without INGEST_API_KEYS and DASHBOARD_TOKEN.',
});

/** Redis is started with it, and ingest checks that Redis runs with it. */
export const durabilitySetting = oneOf(['always', 'everysec'], {
  default: 'always',
  description:
    'When an accepted postback is on disk: before the answer, or up to a second after it, which is faster. A Redis that keeps ' +
    'its data less safely is not used: ingest answers 503 and names the setting.',
});

/** Ingest refuses what names an unknown secret, and delivery sends them. */
export const secretsDirSetting = text({
  default: '',
  description:
    'Directory of the secrets that headers may name: the file NAME holds the value, NAME.hosts the hosts it may be sent to. Looked at ' +
    'every 2 s. The stack mounts ./secrets. Empty: there are none.',
});

/** Ingest checks what would be sent and delivery sends it: both must fill gaps with the same value. */
export const defaultValueSetting = text({
  default: '',
  description: 'What a macro becomes when the data object has no value for it and the endpoint names no default.',
});

/** Ingest refuses at once what delivery would not call. */
export const allowedTargetsSetting = list(
  {
    default: 'sink,127.0.0.1:8090',
    description:
      'Comma list of host, host:port, address or CIDR that may be called although they are private. By default the sink.',
  },
  parseAllowedTarget,
);
