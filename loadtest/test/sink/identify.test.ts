import { identify } from '../../src/sink/identify.js';

describe('identify', () => {
  it.each([
    ['the query', '/postback/r1?run=r1&seq=12&title=x', '', 12],
    ['the query, seq last', '/any?title=x&run=r1&seq=0', '', 0],
    ['the path and the query', '/postback/r1?seq=3', '', 3],
    ['the body', '/hook', '{"run":"r1","seq":7,"mascot":"Gopher"}', 7],
    ['a body with blanks', '/hook', '{ "run" : "r1" , "seq" : 7 }', 7],
    ['the path and the body', '/postback/r1', '{"seq":9}', 9],
  ])('finds run and seq in %s', (_, url, body, seq) => {
    expect(identify(url, body)).toEqual({ run: 'r1', seq });
  });

  it.each([
    ['neither', '/data?title=Gopher', ''],
    ['a run alone', '/postback/r1', ''],
    ['a seq alone', '/data?seq=1', ''],
    ['a seq that is no number', '/postback/r1?run=r1&seq=1x', ''],
    ['a name that only ends in seq', '/postback/r1?subseq=1', ''],
    ['a run with other characters', '/x?run=a%2Fb&seq=1', ''],
    ['a fraction', '/x', '{"run":"r1","seq":1.5}'],
  ])('finds nothing where there is %s', (_, url, body) => {
    expect(identify(url, body)).toBeUndefined();
  });
});
