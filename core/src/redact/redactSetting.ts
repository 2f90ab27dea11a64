/** REDACT: every service that shows or logs something of a request has it. */
import { list } from '../settings.js';
import { parseSecretName } from './secretNames.js';

export const redactSetting = list(
  {
    default: '*authorization*,*cookie*,*token*,*key*,*secret*,*password*,*passwd*,*signature*',
    description:
      'Names of query parameters, headers and JSON fields whose values are hidden in logs, kept attempts and whatever the API ' +
      'shows; * stands for anything. It replaces the default list; none hides nothing. What is sent is not changed.',
  },
  parseSecretName,
);
