/**
 * What speaks against calling an address: it is not one of the public internet, or clouds hand out credentials there.
 * An address that carries another one (IPv4-mapped, NAT64, 6to4, Teredo, ISATAP) is judged by what it carries, since that is where
 * it leads. Pure. Source: the IANA special-purpose registries by way of ipaddr.js, and the gaps of these, closed below.
 */
import ipaddr, { type IPv4, type IPv6 } from 'ipaddr.js';

export interface AddressFault {
  readonly isMetadata: boolean;
  /** For a sentence: "127.0.0.1 is …". */
  readonly what: string;
}

/** Where clouds answer with a machine's credentials or settings. Some are outside of every reserved range. */
const METADATA = [
  '169.254.169.254/32', // AWS, Azure, Google, Oracle, DigitalOcean and others
  '169.254.170.2/32', // AWS ECS
  '169.254.170.23/32', // AWS EKS
  '169.254.0.23/32', // Tencent
  '169.254.42.42/32', // Scaleway
  '168.63.129.16/32', // Azure: public by its number
  '100.100.100.200/32', // Alibaba
  '192.0.0.192/32', // Oracle
  'fd00:ec2::254/128', // AWS
  'fd00:ec2::23/128', // AWS EKS
  'fd20:ce::254/128', // Google
  'fd00:42::42/128', // Scaleway
].map((range) => ipaddr.parseCIDR(range));

/** Only this block of IPv6 is assigned to the public internet (IANA); what is outside of it ipaddr.js calls unicast too. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** Given back in 2006 (RFC 3701). */
const SIXBONE = ipaddr.IPv6.parseCIDR('3ffe::/16');
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');
/** Of the block for local use (RFC 8215); elsewhere in it nobody can know where the IPv4 address stands. */
const LOCAL_NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b:1::/96');

const NAMES: Readonly<Record<string, string>> = {
  loopback: 'a loopback address',
  private: 'a private address',
  uniqueLocal: 'a private address',
  linkLocal: 'a link-local address',
  multicast: 'a multicast address',
  broadcast: 'the broadcast address',
  unspecified: 'an unspecified address',
  carrierGradeNat: "an address of a provider's own network",
};

/** `undefined`: nothing does. What is no address is at fault too. */
export function addressFault(text: string): AddressFault | undefined {
  if (!ipaddr.isValid(text)) return { isMetadata: false, what: 'not an address' };
  return faultOf(ipaddr.process(text));
}

function faultOf(address: IPv4 | IPv6): AddressFault | undefined {
  if (METADATA.some((range) => matches(address, range))) {
    return { isMetadata: true, what: 'a cloud metadata address' };
  }
  if (address.kind() === 'ipv4') return plainFault(address, true);
  const carried = carriedBy(address as IPv6);
  const [fault] = carried.map(faultOf).filter((found) => found !== undefined);
  if (fault) return { ...fault, what: `an address that leads to ${fault.what}` };
  const isPublic = matches(address, GLOBAL_UNICAST) && !matches(address, SIXBONE);
  return isCarrier(address as IPv6) ? undefined : plainFault(address, isPublic);
}

function plainFault(address: IPv4 | IPv6, isPublic: boolean): AddressFault | undefined {
  const range = address.range();
  if (range === 'unicast' && isPublic) return undefined;
  return { isMetadata: false, what: NAMES[range] ?? 'not an address of the public internet' };
}

/** Of these ranges the whole address stands for another one; in ISATAP only its second half does. */
function isCarrier(address: IPv6): boolean {
  const range = address.range();
  return range === '6to4' || range === 'teredo' || matches(address, NAT64) || matches(address, LOCAL_NAT64);
}

function carriedBy(address: IPv6): IPv4[] {
  const bytes = address.toByteArray();
  const range = address.range();
  const at = (start: number) => new ipaddr.IPv4(bytes.slice(start, start + 4));
  if (matches(address, NAT64) || matches(address, LOCAL_NAT64)) return [at(12)];
  if (range === '6to4') return [at(2)];
  if (range === 'teredo') return [at(4), new ipaddr.IPv4(bytes.slice(12).map((byte) => byte ^ 0xff))]; // RFC 4380, 4
  const isIsatap = [0x0000_5efe, 0x0200_5efe].includes(new DataView(new Uint8Array(bytes).buffer).getUint32(8));
  return isIsatap ? [at(12)] : []; // RFC 5214, 6.1
}

function matches(address: IPv4 | IPv6, [range, bits]: [IPv4 | IPv6, number]): boolean {
  return address.kind() === range.kind() && address.match(range, bits);
}
