import { SCENARIOS } from '../../src/scenarios/scenarios.js';
import { WELL_BEHAVED } from '../../src/sink/behaviour.js';

test('names are unique', () => {
  expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
});

test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
  '%s names only what it has',
  (_name, scenario) => {
    const groups = new Set(scenario.groups.map(({ name }) => name));
    const phases = new Set(scenario.phases.map(({ name }) => name));
    expect(scenario.groups.reduce((sum, { count }) => sum + count, 0)).toBeLessThanOrEqual(100);
    for (const { shares, behaviour = {} } of scenario.phases) {
      expect([...groups]).toEqual(expect.arrayContaining([...Object.keys(shares), ...Object.keys(behaviour)]));
      for (const how of Object.values(behaviour)) {
        if (typeof how === 'object')
          expect(Object.keys(WELL_BEHAVED)).toEqual(expect.arrayContaining(Object.keys(how)));
      }
    }
    for (const bound of scenario.bounds) {
      expect(groups).toContain(bound.group);
      for (const phase of Object.entries(bound).filter(([key]) => ['phase', 'of', 'after'].includes(key))) {
        expect(phases).toContain(phase[1]);
      }
    }
  },
);
