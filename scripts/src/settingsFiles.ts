/** .env.example and docs/configuration.md, written from the schemas that the services check: neither can be out of date. */
import { attemptSettings } from '@postback/core/attemptSettings';
import {
  allowedTargetsSetting,
  commonSettings,
  defaultValueSetting,
  secretsDirSetting,
} from '@postback/core/commonSettings';
import type { Schema, Setting } from '@postback/core/config';
import { retrySettings } from '@postback/core/retrySettings';
import { dashboardSettings } from '@postback/dashboard/config';
import { deliverySettings } from '@postback/delivery/config';
import { ingestSettings } from '@postback/ingest/config';
import { loadtestSettings, sinkSettings } from '@postback/loadtest/config';
import { stackSettings } from './local/settings.js';

interface Group {
  readonly title: string;
  readonly about: string;
  readonly schema: Schema;
}

const GROUPS: readonly Group[] = [
  { title: 'The stack', about: 'Read by Compose and by local mode.', schema: stackSettings },
  { title: 'Every service', about: 'Understood by ingest, delivery and dashboard.', schema: commonSettings },
  {
    title: 'Ingest and delivery',
    about: 'Must be the same for both.',
    schema: {
      DEFAULT_VALUE: defaultValueSetting,
      ALLOWED_TARGETS: allowedTargetsSetting,
      SECRETS_DIR: secretsDirSetting,
      ...attemptSettings,
      ...retrySettings,
    },
  },
  { title: 'Ingest', about: 'Accepts requests.', schema: ingestSettings },
  { title: 'Delivery', about: 'Sends postbacks.', schema: deliverySettings },
  { title: 'Dashboard', about: 'Shows and steers.', schema: dashboardSettings },
  { title: 'Sink', about: 'The local third party of demo and load test.', schema: sinkSettings },
  { title: 'Load test', about: 'Defaults of its options.', schema: loadtestSettings },
];

type Named = readonly [name: string, setting: Setting<unknown>];

/** Each setting stands once, in the first group that has it. */
function distinctGroups(): (Omit<Group, 'schema'> & { readonly settings: readonly Named[] })[] {
  const seen = new Set<string>();
  return GROUPS.map(({ title, about, schema }) => {
    const settings = Object.entries(schema).filter(([name]) => !seen.has(name));
    for (const [name] of settings) seen.add(name);
    return { title, about, settings };
  });
}

export function renderEnvExample(): string {
  const head = [
    '# Every setting, with its default and its meaning. Nothing has to be set: copy this file to .env and change what you need.',
    '# The environment wins over .env. Durations: 500ms, 5s, 2m, 1h, 3d. A secret may also come from the file that <NAME>_FILE names.',
  ];
  const groups = distinctGroups().map(({ title, about, settings }) => {
    const lines = settings.flatMap(([name, setting]) => [`# ${oneLine(setting)}`, `#${name}=${setting.default ?? ''}`]);
    return [`# --- ${title}: ${about}`, ...lines].join('\n');
  });
  return `${[head.join('\n'), ...groups].join('\n\n')}\n`;
}

export function renderConfigurationPage(): string {
  const head = [
    '# Configuration: what can be set?',
    '',
    'Settings are environment variables; `.env` in the project folder is read too, and the environment wins. A value that cannot be',
    'understood ends the service with one line that names the setting, and exit code 1. An empty value counts as unset. Durations are',
    'written `500ms`, `5s`, `2m`, `1h` or `3d`. A setting marked *secret* may also come from the file named by `<NAME>_FILE`.',
    '',
    'This page and [.env.example](../.env.example) are written from the schemas by `npm run settings`; a test holds them together.',
  ];
  const groups = distinctGroups().map(({ title, about, settings }) => {
    const rows = settings.map(
      ([name, setting]) => `| \`${name}\` | ${defaultCell(setting)} | ${meaningCell(setting)} |`,
    );
    return ['', `## ${title}`, '', about, '', '| setting | default | meaning |', '|---|---|---|', ...rows].join('\n');
  });
  return `${[head.join('\n'), ...groups].join('\n')}\n`;
}

function oneLine({ description, secret }: Setting<unknown>): string {
  return secret ? `${description} (secret)` : description;
}

function defaultCell(setting: Setting<unknown>): string {
  if (setting.default === undefined) return '*required*';
  return setting.default === '' ? 'empty' : `\`${setting.default}\``;
}

function meaningCell(setting: Setting<unknown>): string {
  const meaning = setting.description.replaceAll('|', '\\|');
  return setting.secret ? `${meaning} *Secret.*` : meaning;
}
