/** Whether who looks may change anything, and why not. */
import { usePage } from '../shell/context.js';
import { useStore } from '../shell/store.js';

/** @returns the reason why nothing may be changed */
export function useWhyNot(): string | undefined {
  const session = useStore(usePage().session);
  return session?.kind === 'reader' ? 'You are looking only: changes take DASHBOARD_TOKEN.' : undefined;
}
