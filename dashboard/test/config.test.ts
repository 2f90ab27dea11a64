import { parseDashboardConfig } from '../src/config.js';

const TOKEN = 'operators-operators';

test.each([
  [{ DASHBOARD_TOKEN: 'short' }, 'invalid setting DASHBOARD_TOKEN: it is shorter than 16 characters'],
  [{ DASHBOARD_TOKEN: `${TOKEN} x` }, 'invalid setting DASHBOARD_TOKEN: it has characters other'],
  [{ DASHBOARD_READ_TOKEN: TOKEN }, 'invalid setting DASHBOARD_READ_TOKEN: it is set without DASHBOARD_TOKEN'],
  [{ DASHBOARD_TOKEN: TOKEN, DASHBOARD_READ_TOKEN: TOKEN }, 'invalid setting DASHBOARD_READ_TOKEN: it is the same'],
])('%j is refused, and not shown', (env, message) => {
  expect(() => parseDashboardConfig(env)).toThrow(message);
  expect(() => parseDashboardConfig(env)).not.toThrow(TOKEN);
});
