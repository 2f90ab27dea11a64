/** LOG_RESPONSE_BODY: whose answers are kept. Pure. */
import type { Decision } from './decide.js';

export const RESPONSE_BODY_RULES = ['always', 'failures', 'never'] as const;
export type ResponseBodyRule = (typeof RESPONSE_BODY_RULES)[number];

export function keepsBody(rule: ResponseBodyRule): (outcome: Decision['kind']) => boolean {
  switch (rule) {
    case 'always':
      return () => true;
    case 'failures':
      return (outcome) => outcome !== 'delivered';
    case 'never':
      return () => false;
  }
}
