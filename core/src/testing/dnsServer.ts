/**
 * A resolver for tests and for the sink: a real DNS server on a loopback UDP port, with answers from a table. What the table does not
 * have does not exist; `hangs` is never answered.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';

export type DnsRecord =
  /** Addresses of either family, possibly behind an alias. */
  | {
      readonly addresses: readonly string[];
      readonly ttl?: number;
      readonly alias?: string;
      /** Questions about this family are not answered. */
      readonly silentFamily?: 4 | 6;
    }
  | 'hangs'
  | 'fails'
  | 'refused';

export interface DnsServer {
  /** As `setServers` takes it. */
  readonly address: string;
  /** Changes what a name stands for. */
  set(name: string, record: DnsRecord): void;
  /** The questions that have come in, `A name` or `AAAA name`. */
  readonly questions: string[];
  close(): Promise<void>;
}

const TYPES: Readonly<Record<number, { readonly name: string; readonly family: number }>> = {
  1: { name: 'A', family: 4 },
  28: { name: 'AAAA', family: 6 },
};
const CNAME = 5;
const RCODE = { fine: 0, fails: 2, missing: 3, refused: 5 };

interface DnsOptions {
  /** UDP; any that is free unless given. */
  readonly port?: number;
  /** Asked about names that the table does not have. */
  readonly otherwise?: (name: string) => DnsRecord | undefined;
}

export async function startDnsServer(
  table: Readonly<Record<string, DnsRecord>> = {},
  { port = 0, otherwise = () => undefined }: DnsOptions = {},
): Promise<DnsServer> {
  const records = new Map(Object.entries(table));
  const questions: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (message, from) => {
    const question = readQuestion(message);
    questions.push(`${TYPES[question.type]?.name} ${question.name}`);
    const answer = answerTo(message, question, records.get(question.name) ?? otherwise(question.name));
    if (answer) socket.send(answer, from.port, from.address);
  });
  socket.bind(port, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    questions,
    set: (name, record) => void records.set(name, record),
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

interface Question {
  readonly name: string;
  readonly type: number;
  /** Where it ends in the message. */
  readonly end: number;
}

function readQuestion(message: Buffer): Question {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

function answerTo(message: Buffer, question: Question, record: DnsRecord | undefined): Buffer | undefined {
  if (record === 'hangs') return undefined;
  if (record === undefined) return reply(message, question, RCODE.missing, []);
  if (typeof record === 'string') return reply(message, question, RCODE[record], []);
  const { addresses, ttl = 60, alias, silentFamily } = record;
  const family = TYPES[question.type]?.family;
  if (family === silentFamily) return undefined;
  const found = addresses.filter((address) => isIP(address) === family);
  const owner = alias ?? question.name;
  const chain = alias === undefined ? [] : [resourceOf(question.name, CNAME, ttl, nameBytes(alias))];
  const answers = found.map((address) => resourceOf(owner, question.type, ttl, addressBytes(address)));
  return reply(message, question, RCODE.fine, [...chain, ...answers]);
}

function reply(message: Buffer, { end }: Question, code: number, answers: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(12);
  message.copy(head, 0, 0, 2);
  head.writeUInt16BE(0x8180 | code, 2); // an answer, recursion wanted and available
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(answers.length, 6);
  return Buffer.concat([head, message.subarray(12, end), ...answers]);
}

function resourceOf(owner: string, type: number, ttl: number, data: Buffer): Buffer {
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(type, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(ttl, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameBytes(owner), fixed, data]);
}

function nameBytes(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::');
  const groups = (text: string | undefined) => (text ? text.split(':') : []);
  const zeros = Array<string>(tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length).fill('0');
  return Buffer.from(
    [...groups(head), ...zeros, ...groups(tail)].map((group) => group.padStart(4, '0')).join(''),
    'hex',
  );
}
