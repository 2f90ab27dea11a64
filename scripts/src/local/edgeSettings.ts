/** Settings of nginx: whom it believes and how much it takes from one client. nginx/render.sh reads them, with the same defaults. */
import { integer, optional, port, text } from '@postback/core/settings';

export const edgeSettings = {
  TRUSTED_PROXIES: text({
    description:
      'Networks of proxies in front of nginx, such as 10.0.0.0/8: their X-Forwarded-For, X-Forwarded-Proto and X-Request-Id are ' +
      'believed. Those of anybody else are replaced.',
    default: '',
  }),
  HSTS_MAX_AGE: integer({
    description:
      'Seconds for which browsers are told, over TLS, to use nothing else (Strict-Transport-Security). 0: they are not told.',
    default: '0',
    min: 0,
    max: 63_072_000,
  }),
  CLIENT_RATE: integer({
    description:
      'Requests per second from one client address (IPv6: from one /64); beyond it the answer is 429. 0: no limit.',
    default: '1000',
    min: 0,
    max: 1_000_000,
  }),
  CLIENT_BURST: integer({
    description: 'Requests that a client which was quiet before may send at once.',
    default: '2000',
    min: 1,
    max: 1_000_000,
  }),
  CLIENT_CONNECTIONS: integer({
    description: 'Requests of one client address under way at the same time; beyond it the answer is 429. 0: no limit.',
    default: '128',
    min: 0,
    max: 65_535,
  }),
  CLIENT_UNLIMITED: text({
    description:
      'Networks to which CLIENT_RATE and CLIENT_CONNECTIONS do not apply, or none. A proxy in front that is not in ' +
      'TRUSTED_PROXIES would count as one client.',
    default: '127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7',
  }),
};

/** TLS at nginx. In containers docker-compose.tls.yml adds it. */
export const tlsSettings = {
  HTTPS_PORT: optional(
    port({
      description:
        'The port on which nginx speaks TLS, at HTTP_BIND. Needs TLS_CERT_FILE and TLS_KEY_FILE. Empty: no TLS.',
    }),
  ),
  TLS_CERT_FILE: text({
    description: 'PEM file of the certificate with its chain. A renewed one is taken over within seconds.',
    default: '',
  }),
  TLS_KEY_FILE: text({
    description: 'PEM file of its key; in containers, in the same directory, readable by user 101.',
    default: '',
  }),
};
