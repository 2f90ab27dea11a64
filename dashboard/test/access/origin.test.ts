import { isLocalName, isOwnOrigin } from '../../src/access/origin.js';

test.each([
  [{ host: 'a:8080' }, true],
  [{ host: 'a:8080', origin: 'http://a:8080' }, true],
  [{ host: 'A:8080', origin: 'http://a:8080' }, true],
  [{ host: 'a', origin: 'https://a' }, true],
  [{ host: 'a:8080', origin: 'http://a:8081' }, false],
  [{ host: 'a:8080', origin: 'http://b:8080' }, false],
  [{ host: 'a:8080', origin: 'http://a.evil.example:8080' }, false],
  [{ host: 'a:8080', origin: 'null' }, false],
  [{ host: undefined, origin: 'http://a' }, false],
  [{ host: 'a', 'sec-fetch-site': 'same-origin' }, true],
  [{ host: 'a', 'sec-fetch-site': 'none' }, true],
  [{ host: 'behind-a-proxy', origin: 'https://outside.example', 'sec-fetch-site': 'same-origin' }, true],
  [{ host: 'a', origin: 'http://a', 'sec-fetch-site': 'cross-site' }, false],
  [{ host: 'a', 'sec-fetch-site': 'same-site' }, false],
  [{ host: 'a', 'sec-fetch-site': ['same-origin', 'cross-site'] }, false],
])('%j comes from our own page: %s', (headers, isOwn) => expect(isOwnOrigin(headers)).toBe(isOwn));

test.each([
  ['127.0.0.1:8080', true],
  ['localhost', true],
  ['LOCALHOST:8080', true],
  ['app.localhost:8080', true],
  ['[::1]:8080', true],
  ['dashboard:8083', true],
  ['192.0.2.7', true],
  ['', true],
  [undefined, true],
  ['evil.example', false],
  ['evil.example:8080', false],
  ['127.0.0.1.evil.example', false],
  ['localhost.evil.example:8080', false],
  ['evil.example.', false],
])('%j is a name of this machine: %s', (host, isLocal) => expect(isLocalName(host)).toBe(isLocal));
