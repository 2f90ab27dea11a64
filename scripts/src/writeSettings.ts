/** `npm run settings`: writes .env.example and docs/configuration.md anew. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './local/layout.js';
import { renderConfigurationPage, renderEnvExample } from './settingsFiles.js';

writeFileSync(join(repositoryRoot, '.env.example'), renderEnvExample());
writeFileSync(join(repositoryRoot, 'docs', 'configuration.md'), renderConfigurationPage());
