/** Destinations, as delivery knows them: `scheme://host:port`, canonical and with the port. Pure. */
import { urlOf } from './filter.js';

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

export function destinationOf(endpointJson: string): string | undefined {
  const url = urlOf(endpointJson);
  return url && canonical(url);
}

/** What an operator writes: with or without port, path and upper case. Undefined when it is no http(s) address. */
export function parseDestination(text: string): string | undefined {
  return URL.canParse(text) ? canonical(new URL(text)) : undefined;
}

function canonical({ protocol, hostname, port }: URL): string | undefined {
  const standard = DEFAULT_PORTS[protocol];
  return standard === undefined ? undefined : `${protocol}//${hostname}:${port || standard}`;
}
