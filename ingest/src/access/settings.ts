/** Settings of the door of ingest. */
import { bindSetting } from '@postback/core/commonSettings';
import { integer, optional, secret } from '@postback/core/settings';
import { parseApiKeys } from './parseApiKeys.js';

export const accessSettings = {
  HTTP_BIND: bindSetting,
  INGEST_API_KEYS: secret(
    {
      default: '',
      description:
        'The keys that clients must present, by commas: name:key, name:key:rate (postbacks per second) or a bare key. A file is looked ' +
        'at every 2 s, and may have a key per line. Empty: everyone may send, which is allowed on loopback only.',
    },
    parseApiKeys,
  ),
  INGEST_KEY_RATE: integer({
    default: '0',
    min: 0,
    max: 1_000_000,
    description: 'Postbacks per second that each API key may send, counted by each ingest process. 0: no limit.',
  }),
  INGEST_KEY_BURST: optional(
    integer({
      min: 1,
      max: 10_000_000,
      description: 'Postbacks that an API key with a rate may send at once. Unset: what two seconds bring.',
    }),
  ),
};
