/** Where a secret may be sent: `host`, `host:port` or `*.host` (any name below it), by commas or line by line. Pure. */
import { domainToASCII } from 'node:url';

/** `destination`: `scheme://host:port`, canonical and with the port. */
export type AllowsDestination = (destination: string) => boolean;

const ENTRY = /^(\*\.)?(\[[0-9a-f:.]+\]|[^\s:/[\]*?#@]+)(?::(\d{1,5}))?$/i;

/** @throws Error naming the entry that is none */
export function parseSecretHosts(text: string): AllowsDestination {
  const entries = text
    .split('\n')
    .flatMap((line) => line.replace(/#.*/, '').split(','))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0) throw new Error('it names no host');
  const rules = entries.map(parseEntry);
  return (destination) => {
    const place = destination.slice(destination.indexOf('://') + 3);
    const colon = place.lastIndexOf(':');
    return rules.some((rule) => rule(place.slice(0, colon), place.slice(colon + 1)));
  };
}

function parseEntry(entry: string): (host: string, port: string) => boolean {
  const [, wildcard, name = '', port] = ENTRY.exec(entry) ?? [];
  const host = name.startsWith('[') ? name.toLowerCase() : domainToASCII(name);
  if (host === '') throw new Error(`expected host, host:port or *.host, got "${entry}"`);
  const isHost = (other: string) => (wildcard === undefined ? other === host : other.endsWith(`.${host}`));
  return (other, otherPort) => isHost(other) && (port === undefined || Number(port) === Number(otherPort));
}
