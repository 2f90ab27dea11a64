import { parseBehaviour, react, WELL_BEHAVED } from '../../src/sink/behaviour.js';

function tally(behaviour: Partial<typeof WELL_BEHAVED>, count: number) {
  const found = { dropped: 0, duplicated: 0, recorded: 0, failed: 0 };
  for (let seq = 0; seq < count; seq++) {
    const reaction = react({ ...WELL_BEHAVED, ...behaviour }, seq, 1);
    if (reaction.kind === 'drop') found.dropped++;
    else if (reaction.kind === 'fail') found.failed++;
    else if (reaction.times === 2) found.duplicated++;
    else found.recorded++;
  }
  return found;
}

describe('react', () => {
  it.each([
    { drop: 0.01, duplicate: 0.01, of: 2_000, dropped: 20, duplicated: 20 },
    { drop: 0.01, duplicate: 0, of: 100, dropped: 1, duplicated: 0 },
    { drop: 0.07, duplicate: 0, of: 100, dropped: 7, duplicated: 0 },
    { drop: 0, duplicate: 0.29, of: 100, dropped: 0, duplicated: 29 },
    { drop: 0.5, duplicate: 0.5, of: 10, dropped: 5, duplicated: 5 },
    { drop: 0.001, duplicate: 0.02, of: 10_000, dropped: 10, duplicated: 200 },
    { drop: 1, duplicate: 0, of: 50, dropped: 50, duplicated: 0 },
  ])('hits exactly the shares of $of: drop $drop, duplicate $duplicate', ({ drop, duplicate, of, ...hit }) => {
    const recorded = of - hit.dropped - hit.duplicated;
    expect(tally({ dropShare: drop, duplicateShare: duplicate }, of)).toEqual({ ...hit, recorded, failed: 0 });
  });

  it('records everything once unless told otherwise', () => {
    expect(tally({}, 1_000)).toEqual({ dropped: 0, duplicated: 0, recorded: 1_000, failed: 0 });
  });

  it('fails the first attempts of every postback, and then behaves', () => {
    const behaviour = { ...WELL_BEHAVED, failFirst: 2, status: 500 };
    expect([1, 2, 3].map((attempt) => react(behaviour, 7, attempt))).toEqual([
      { kind: 'fail' },
      { kind: 'fail' },
      { kind: 'record', times: 1 },
    ]);
  });
});

describe('parseBehaviour', () => {
  it('fills what is missing with good behaviour', () => {
    expect(parseBehaviour('{"dropShare":0.01}')).toEqual({ ...WELL_BEHAVED, dropShare: 0.01 });
    expect(parseBehaviour('')).toEqual(WELL_BEHAVED);
  });

  it.each([
    ['{"dropShare":1.5}', '/dropShare'],
    ['{"delayMs":"100"}', '/delayMs'],
    ['{"delayMs":0.5}', '/delayMs'],
    ['{"status":204}', '/status'],
    ['{"droppShare":0.1}', '/droppShare'],
    ['{"toString":1}', '/toString'],
    ['{"dropShare":0.6,"duplicateShare":0.6}', '/duplicateShare'],
  ])('refuses %s naming %s', (json, pointer) => {
    expect(() => parseBehaviour(json)).toThrow(pointer);
  });

  it.each(['[]', 'null', '{'])('refuses %s', (json) => {
    expect(() => parseBehaviour(json)).toThrow();
  });
});
