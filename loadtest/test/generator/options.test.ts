import { parseLoadtestConfig } from '../../src/config.js';
import { UsageError } from '../../src/generator/optionKinds.js';
import { parseOptions } from '../../src/generator/options.js';

const parse = (args: string[], env = {}) => parseOptions(args, parseLoadtestConfig(env));

describe('parseOptions', () => {
  it('has defaults for everything', () => {
    expect(parse([])).toEqual({
      requests: 1_000,
      durationMs: null,
      data: 10,
      objectBytes: null,
      endpoints: 1,
      hosts: 1,
      ceiling: false,
      rate: null,
      connections: 32,
      method: 'GET',
      targetUrl: 'http://127.0.0.1:8080/ingest',
      sinkUrl: 'http://127.0.0.1:8090',
      sinkControlUrl: 'http://127.0.0.1:8090',
      drainTimeoutMs: 60_000,
      apiKey: '',
      jsonFile: null,
      htmlFile: null,
      svgFile: null,
      scenario: null,
      thresholds: { p50Ms: null, p99Ms: null, ingestP99Ms: null, lost: null, duplicated: null },
      sinkBehaviour: { dropShare: 0, duplicateShare: 0, delayMs: 0 },
    });
  });

  it('reads every option', () => {
    const args = '--duration 30s --data 4 --rate 0.5 --connections 8 --method post --url http://a:1/ --path /i';
    const more =
      '--sink-url http://127.0.0.1:2 --sink-control-url http://c/sink/ --drain-timeout 500ms --json out.json';
    const last = '--api-key k --sink-drop 1% --sink-duplicate 0.5% --sink-delay 100ms --html out.html --svg out.svg';
    const limits = '--max-p50 5ms --max-p99 50ms --max-ingest-p99 20ms --max-lost 0 --max-duplicated 3';
    const spread = '--object-bytes 1000 --endpoints 7 --hosts 5 --ceiling';
    const env = { STACK_DNS_SERVERS: '127.0.0.1:2' };
    expect(parse(`${args} ${more} ${last} ${limits} ${spread}`.split(' '), env)).toEqual({
      requests: null,
      durationMs: 30_000,
      data: 4,
      objectBytes: 1_000,
      endpoints: 7,
      hosts: 5,
      ceiling: true,
      rate: 0.5,
      connections: 8,
      method: 'POST',
      targetUrl: 'http://a:1/i',
      sinkUrl: 'http://127.0.0.1:2',
      sinkControlUrl: 'http://c/sink',
      drainTimeoutMs: 500,
      apiKey: 'k',
      jsonFile: 'out.json',
      htmlFile: 'out.html',
      svgFile: 'out.svg',
      scenario: null,
      thresholds: { p50Ms: 5, p99Ms: 50, ingestP99Ms: 20, lost: 0, duplicated: 3 },
      sinkBehaviour: { dropShare: 0.01, duplicateShare: 0.005, delayMs: 100 },
    });
  });

  it('runs the scenario with slow names only where the sink resolves them', () => {
    const args = ['--scenario', 'slow-dns'];
    expect(() => parse(args)).toThrow('DNS_SERVERS=127.0.0.1:8090');
    expect(() => parse(args, { STACK_DNS_SERVERS: '192.0.2.1' })).toThrow(UsageError);
    const docker = { STACK_DNS_SERVERS: 'sink:8090', SINK_URL: 'http://sink:8090' };
    expect(() => parse(args, docker)).toThrow(UsageError);
    expect(parse(args, { STACK_DNS_SERVERS: '127.0.0.1:8090' })).toMatchObject({ scenario: { name: 'slow-dns' } });
  });

  it('takes addresses and key from the environment, unless an option says otherwise', () => {
    const env = { TARGET_URL: 'http://nginx:8080', SINK_URL: 'http://sink:8090', INGEST_API_KEY: 'secret' };
    expect(parse([], env)).toMatchObject({ sinkControlUrl: 'http://sink:8090', apiKey: 'secret' });
    expect(parse(['--url', 'http://x'], env)).toMatchObject({ targetUrl: 'http://x/ingest' });
    expect(parse([], { ...env, SINK_CONTROL_URL: 'http://c' })).toMatchObject({ sinkControlUrl: 'http://c' });
  });

  it.each([
    ['--requests 0', '--requests'],
    ['--scenario unheard-of', '--list'],
    ['--hosts 2', '--hosts: this needs a local stack whose resolver is the sink'],
    ['--object-bytes 0', '--object-bytes'],
    ['--scenario steady --endpoints 2', '--endpoints'],
    ['--scenario steady --rate 5', '--rate'],
    ['--scenario=steady --requests=5', '--requests'],
    ['--max-p99 50', '--max-p99'],
    ['--max-lost -1', '--max-lost'],
    ['--requests ten', '--requests'],
    ['--data 1001', '--data'],
    ['--rate 0', '--rate'],
    ['--rate fast', '--rate'],
    ['--duration 30', '--duration'],
    ['--duration 3s --requests 5', '--requests and --duration'],
    ['--method BREW', '--method'],
    ['--url localhost', '--url'],
    ['--sink-url ftp://x', '--sink-url'],
    ['--path ingest', '--path'],
    ['--sink-drop 1', '--sink-drop'],
    ['--sink-drop 101%', '--sink-drop'],
    ['--sink-drop 60% --sink-duplicate 60%', '--sink-drop and --sink-duplicate'],
    ['--conections 3', '--conections'],
    ['--data', '--data'],
    ['extra', 'extra'],
  ])('refuses %s, naming %s in one line', (line, name) => {
    const attempt = () => parse(line.split(' '));
    expect(attempt).toThrow(name);
    expect(attempt).toThrow(/^[^\n]+$/);
    expect(attempt).toThrow(UsageError);
  });

  it('knows --help', () => {
    expect(parse(['--help', '--data', '0'])).toBe('help');
  });
});
