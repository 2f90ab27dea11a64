/** Settings that are dangerous, as figures: `doctor` names them. */
import type { Registry } from 'prom-client';
import { gaugesAtScrape } from './atScrape.js';

/** @param risks what is set → whether that is dangerous */
export function tellRiskySettings(registry: Registry, risks: Readonly<Record<string, boolean>>): void {
  const about = {
    name: 'postback_risky_setting',
    help: '1 when a setting is dangerous; docs/configuration.md says what it does.',
    label: 'setting',
  };
  const found = Object.entries(risks).map(([setting, isRisky]) => [setting, Number(isRisky)] as const);
  gaugesAtScrape(registry, about, () => found);
}
