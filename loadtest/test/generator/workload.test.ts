import { createBodyBuilder } from '../../src/generator/workload.js';

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
});
