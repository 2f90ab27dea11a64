import { parseSecretHosts } from '../../src/secrets/secretHosts.js';

test.each<[string, string, boolean]>([
  ['api.partner.com', 'https://api.partner.com:443', true],
  ['api.partner.com', 'http://api.partner.com:8080', true],
  ['API.Partner.com', 'https://api.partner.com:443', true],
  ['api.partner.com', 'https://evil-api.partner.com:443', false],
  ['api.partner.com', 'https://api.partner.com.evil.com:443', false],
  ['api.partner.com:443', 'https://api.partner.com:443', true],
  ['api.partner.com:443', 'https://api.partner.com:8443', false],
  ['*.partner.com', 'https://a.b.partner.com:443', true],
  ['*.partner.com', 'https://partner.com:443', false],
  ['*.partner.com', 'https://evilpartner.com:443', false],
  ['bücher.example', 'https://xn--bcher-kva.example:443', true],
  ['[fd12::1]:80', 'http://[fd12::1]:80', true],
  ['[fd12::1]', 'http://[fd12::2]:80', false],
  ['a.com, b.com\n# c.com\nd.com # the last one', 'https://d.com:443', true],
  ['a.com, b.com\n# c.com', 'https://c.com:443', false],
])('%j and %s: %s', (hosts, destination, expected) => {
  expect(parseSecretHosts(hosts)(destination)).toBe(expected);
});

test.each(['', ' \n', '# all', '*', '*.*.com', 'https://a.com', 'a.com/path', 'a b', 'user@a.com', 'a.com:port'])(
  '%j is no list of hosts',
  (hosts) => {
    expect(() => parseSecretHosts(hosts)).toThrow();
  },
);
