import fc from 'fast-check';
import { createRoster } from '../src/roster.js';

const newcomer = (name: number) => ({ name, place: -1 });

test('whatever comes and goes, the roster has the same members as a Set', () => {
  const steps = fc.array(fc.tuple(fc.boolean(), fc.nat(9)), { maxLength: 100 });
  fc.assert(
    fc.property(steps, (moves) => {
      const roster = createRoster();
      const expected = new Set<ReturnType<typeof newcomer>>();
      const everybody = Array.from({ length: 10 }, (_, name) => newcomer(name));
      for (const [comes, who] of moves) {
        const member = everybody[who] as ReturnType<typeof newcomer>;
        if (comes && !expected.has(member)) roster.add(member);
        if (comes) expected.add(member);
        else {
          roster.remove(member);
          expected.delete(member);
        }
        expect(new Set(roster.members())).toEqual(expected);
        expect(roster.members()).toHaveLength(expected.size);
      }
    }),
  );
});

test('members may leave while they are gone through', () => {
  const roster = createRoster<ReturnType<typeof newcomer>>();
  for (let name = 0; name < 5; name++) roster.add(newcomer(name));
  for (const member of roster.members()) roster.remove(member);
  expect(roster.members()).toEqual([]);
});
