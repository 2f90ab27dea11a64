/** The requests that the cost of ingest is measured with: from what most clients send to what is dear to check. */
const ENDPOINT = {
  method: 'GET',
  url: 'http://127.0.0.1:9/data?title={mascot}&image={location}&foo={bar}',
};

const plain = (n: number) => ({ mascot: `Gopher ${n}`, location: 'https://blog.golang.org/gopher/gopher.png', bar: n });
/** What PHP's json_encode writes: slashes and every letter beyond ASCII escaped. */
const escaped = (n: number) =>
  JSON.stringify({ ...plain(n), mascot: `Gopher № ${n} – süß` })
    .replaceAll('/', '\\/')
    .replace(/[^ -~]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);

function requestOf(data: readonly string[], indent?: number): string {
  const text = `{"endpoint":${JSON.stringify(ENDPOINT)},"data":[${data.join(',')}]}`;
  return indent === undefined ? text : JSON.stringify(JSON.parse(text), null, indent);
}

const texts = (count: number, make: (n: number) => string) => Array.from({ length: count }, (_, n) => make(1_000 + n));
const compact = (n: number) => JSON.stringify(plain(n));

export interface SampleBody {
  readonly name: string;
  readonly text: string;
  /** Requests of one round; some 200 ms of CPU. */
  readonly requests: number;
}

export const BODIES: readonly SampleBody[] = [
  { name: '1 object', text: requestOf(texts(1, compact)), requests: 6_000 },
  { name: '10 objects', text: requestOf(texts(10, compact)), requests: 5_000 },
  { name: '10 objects, indented', text: requestOf(texts(10, compact), 2), requests: 5_000 },
  { name: '10 objects, escaped', text: requestOf(texts(10, escaped)), requests: 5_000 },
  { name: '100 objects', text: requestOf(texts(100, compact)), requests: 1_200 },
];
