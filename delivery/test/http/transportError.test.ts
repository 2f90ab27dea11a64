import { toTransportError } from '../../src/http/transportError.js';

test.each([
  ['EMFILE', 'no-resources'],
  ['ENFILE', 'no-resources'],
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'resolver'],
  ['ETIMEOUT', 'resolver'],
  ['ETIMEDOUT', 'timeout'],
  ['ENETUNREACH', 'unreachable'],
  ['WHATEVER', 'network'],
])('%s is of class %s, in a wrapper too', (code, errorClass) => {
  const error = Object.assign(new Error('it failed'), { code });
  expect(toTransportError(error).errorClass).toBe(errorClass);
  expect(toTransportError(new AggregateError([error])).errorClass).toBe(errorClass);
});
