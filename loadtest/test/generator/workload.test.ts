import { createBodyBuilder, createTurns } from '../../src/generator/workload.js';

const SPEC = { run: '0a1b2c3d', data: 3, sinkUrl: 'http://sink:8090' } as const;

interface Posted {
  readonly endpoint: { readonly method: string; readonly url: string };
  readonly data: readonly { readonly run: string; readonly seq: number; readonly mascot: string }[];
}

describe('createBodyBuilder', () => {
  it('puts run and seq into every data object and into the template of the address', () => {
    const body = JSON.parse(createBodyBuilder({ ...SPEC, method: 'GET' })(30)) as Posted;
    expect(body.endpoint).toEqual({
      method: 'GET',
      url: 'http://sink:8090/postback/0a1b2c3d?run={run}&seq={seq}&title={mascot}&image={location}',
    });
    expect(body.data.map(({ run, seq }) => [run, seq])).toEqual([30, 31, 32].map((s) => [SPEC.run, s]));
    expect(body.data[0]?.mascot).toBe('Gopher & é');
  });

  it('leaves run and seq to the body where the data object is the body', () => {
    const body = JSON.parse(createBodyBuilder({ ...SPEC, method: 'POST' })(0)) as Posted;
    expect(body.endpoint).toEqual({ method: 'POST', url: 'http://sink:8090/postback/0a1b2c3d' });
  });

  it('makes data objects of some 110 bytes', () => {
    const build = createBodyBuilder({ ...SPEC, method: 'GET', data: 1 });
    const object = build(1_000)
      .replace(/^.*"data":\[/, '')
      .slice(0, -2);
    expect(Buffer.byteLength(object)).toBeGreaterThan(100);
    expect(Buffer.byteLength(object)).toBeLessThan(125);
  });

  it('makes them as long as was asked for', () => {
    for (const objectBytes of [200, 1_000, 100_000]) {
      const build = createBodyBuilder({ ...SPEC, method: 'GET', data: 1, objectBytes });
      const [object] = (JSON.parse(build(123_456)) as Posted).data;
      expect(Buffer.byteLength(JSON.stringify(object))).toBe(objectBytes - 1); // 1.10 is 1.1 when written again
    }
  });
});

describe('createTurns', () => {
  const urlsOf = (endpoints: number, hosts: number) => {
    const build = createTurns({ ...SPEC, method: 'POST' }, { endpoints, hosts });
    return Array.from({ length: 6 }, (_, turn) => {
      const { endpoint, data } = JSON.parse(build(turn * SPEC.data)) as Posted;
      expect(data[0]?.seq).toBe(turn * SPEC.data);
      return endpoint.url;
    });
  };

  it('takes distinct endpoints in turn', () => {
    const urls = urlsOf(3, 1);
    expect(urls.slice(0, 3)).toEqual([0, 1, 2].map((n) => `http://sink:8090/postback/0a1b2c3d/${n}`));
    expect(urls.slice(3)).toEqual(urls.slice(0, 3));
  });

  it('takes distinct hosts in turn, as names that the sink resolves', () => {
    expect(new Set(urlsOf(1, 2).map((url) => new URL(url).host))).toEqual(
      new Set(['host-0.lasting.sink.test:8090', 'host-1.lasting.sink.test:8090']),
    );
  });

  it('has one endpoint unless more are asked for', () => {
    expect(new Set(urlsOf(1, 1))).toEqual(new Set(['http://sink:8090/postback/0a1b2c3d']));
  });
});
