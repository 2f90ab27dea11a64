/**
 * The dashboard's page in a real browser, on a whole stack: what an operator sees and does. Needs what `make test` builds. The tests
 * run in this order on one stack: the books are compared with the load test's ledger while nothing else was sent.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '@postback/core/testing/eventually';
import type { Browser, Page } from 'playwright-core';
import { repositoryRoot } from '../../scripts/src/local/layout.js';
import { findChromium, startBrowser } from './chromium.js';
import { keepMany } from './keepMany.js';
import { HOSTILE, startPageStack, type PageStack } from './pageStack.js';

const executable = findChromium();
if (!executable) process.stderr.write('tests of the page are skipped: no chromium found (apt-get install chromium)\n');
const describeInBrowser = executable ? describe : describe.skip;

const PATIENCE_MS = 20_000;
jest.setTimeout(60_000);
const VIEWS = [
  ['overview', 'Overview'],
  ['destinations', 'Destinations'],
  ['attempts', 'Attempts'],
  ['dead', 'Dead letters'],
  ['send', 'Send'],
] as const;

describeInBrowser('the page', () => {
  let browser: Browser;
  let stack: PageStack;
  let page: Page;
  const complaints: string[] = [];
  let failures = 0;

  beforeAll(async () => {
    [browser, stack] = await Promise.all([startBrowser(executable ?? ''), startPageStack()]);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop(failures > 0);
  });
  beforeEach(async () => {
    complaints.length = 0;
    page = await openPage();
  });
  afterEach(async () => {
    if ((expect.getState().numPassingAsserts ?? 0) === 0) failures++;
    if (!page) return;
    expect(await evaluate('globalThis.wasHit')).toBeUndefined();
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  async function openPage(options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const opened = await context.newPage();
    opened.setDefaultTimeout(PATIENCE_MS);
    opened.on('pageerror', (error) => complaints.push(String(error)));
    // A file that cannot be had is what some tests are about; a refusal of the page's own policy is a fault.
    opened.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        complaints.push(message.text());
    });
    return opened;
  }
  const open = (hash: string) => page.goto(`${stack.url}/${hash}`);
  const evaluate = (code: string) => page.evaluate<unknown>(code);
  const see = (text: string | RegExp) => page.getByText(text).first().waitFor();
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const rows = (id: string) => page.locator(`tr[data-id="${id}"]`);
  const confirm = (name: string | RegExp) => page.getByRole('dialog').getByRole('button', { name }).click();
  const stateOf = async (id: string) => (await stack.api<{ state: string }>(`postbacks/${id}`)).state;
  const reaches = (id: string, state: string) =>
    eventually(`${id} is ${state}`, async () => (await stateOf(id)) === state, PATIENCE_MS);

  test('shows the same numbers as the ledger of a load test at its end', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'ledger-'));
    const report = join(directory, 'report.json');
    const args = ['--requests', '60', '--data', '5', '--url', stack.url, '--sink-url', stack.stack.sinkUrl];
    await open('#/overview');
    await promisify(execFile)(process.execPath, ['loadtest/dist/main.js', ...args, '--json', report], {
      cwd: repositoryRoot,
    });
    const { accounting } = JSON.parse(readFileSync(report, 'utf8')) as { accounting: Record<string, number> };
    rmSync(directory, { recursive: true });
    expect([accounting['accepted'], accounting['delivered']]).toEqual([300, 300]);
    const figure = async (name: string) =>
      (await page.locator(`.books [data-name="${name}"]`).textContent())?.replaceAll(/\D/g, '');
    await eventually('all is delivered on the page', async () => (await figure('delivered')) === '300', PATIENCE_MS);
    expect(await figure('accepted')).toBe(String(accounting['accepted']));
    await see('The books balance.');
  });

  test.each(['light', 'dark'] as const)(
    'every view stands in %s, wide and on a phone',
    async (colorScheme) => {
      await page.context().close();
      const [dead = ''] = await stack.send('/reject');
      await reaches(dead, 'dead');
      page = await openPage({ colorScheme });
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 844 });
        for (const [view, title] of [...VIEWS, [`postback/${dead}`, 'Postback'] as const]) {
          await open(`#/${view}`);
          await page.getByRole('heading', { level: 1, name: title }).waitFor();
          await page.locator('.link.live').waitFor();
          await page
            .locator(view === 'dead' || view === 'attempts' ? 'tbody tr' : 'main .card')
            .first()
            .waitFor();
          expect([view, width, await evaluate('document.documentElement.scrollWidth - innerWidth')]).toEqual([
            view,
            width,
            0,
          ]);
        }
      }
      const brightness = Number(
        await evaluate(
          'getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0)',
        ),
      );
      if (colorScheme === 'light') expect(brightness).toBeGreaterThan(600);
      else expect(brightness).toBeLessThan(150);
    },
    60_000,
  );

  test('send: what would be sent, sending it, and its fate as it happens', async () => {
    await open('#/send');
    await page.getByLabel('URL').fill(`${stack.endpoint.origin}/ok?title={mascot}`);
    await page.getByLabel(/^Data/).fill('[{"mascot": "Gopher & é"}, {"mascot": 12345678901234567890}]');
    await button('Preview').click();
    await see(/title=Gopher%20%26%20%C3%A9/);
    await see(/title=12345678901234567890/);
    await button(/^Send$/).click();
    await see('2 accepted');
    const fates = page.locator('.fates li');
    await fates.filter({ hasText: 'delivered' }).nth(1).waitFor();
    await fates.first().getByRole('link').click();
    await page.getByRole('heading', { name: /^Postback/ }).waitFor();
    await see('waiting for the first byte');
  });

  test('send: a request that is refused says where and what to do; one that fails shows when it comes again', async () => {
    await open('#/send');
    await page.getByLabel('URL').fill(`${stack.endpoint.origin}/ok`);
    await page.getByLabel(/^Data/).fill('[7]');
    await button('Preview').click();
    const alert = page.getByRole('alert');
    await alert.getByText('/data/0', { exact: true }).waitFor();
    expect(await alert.getByRole('link', { name: 'What to do' }).getAttribute('href')).toMatch(/^docs\/errors\//);
    await page.getByLabel(/^Data/).fill('[{}]');
    await page.getByLabel('URL').fill(`${stack.endpoint.origin}/fail`);
    await button(/^Send$/).click();
    await page.locator('.fates li').filter({ hasText: 'attempts-exhausted' }).waitFor();
  });

  test('what comes from outside is text, wherever it is shown', async () => {
    const [id = ''] = await stack.send(`/reject?x=${encodeURIComponent(HOSTILE)}`, { reference: HOSTILE });
    await reaches(id, 'dead');
    for (const hash of [`#/attempts?id=${id}`, `#/postback/${id}`, `#/dead?reference=${encodeURIComponent(HOSTILE)}`]) {
      await open(hash);
      await see(HOSTILE);
      expect([hash, await page.locator('main img, main script').count()]).toEqual([hash, 0]);
    }
    await open(`#/postback/${id}`);
    await page.locator('pre', { hasText: HOSTILE }).first().waitFor();
    await open('#/send');
    await page.getByLabel('URL').fill(`${stack.endpoint.origin}/ok?x={x}`);
    await page.getByLabel(/^Data/).fill(JSON.stringify([{ x: HOSTILE }]));
    await page.getByText('Headers, body').click();
    await page.getByLabel('Reference').fill(HOSTILE);
    await button('Preview').click();
    await page.locator('[data-name="preview"]', { hasText: HOSTILE }).waitFor();
    expect(await page.locator('main img, main script').count()).toBe(0);
  });

  test('attempts come as they are made, as the filter says; held, none comes', async () => {
    await open('#/attempts?outcome=delivered');
    await page.locator('.link.live').waitFor();
    await button(/^Live/).waitFor();
    const seen = async (path: string) => {
      const [id = ''] = await stack.send(path);
      return rows(id)
        .first()
        .waitFor()
        .then(() => id);
    };
    await seen('/ok');
    const [failed = ''] = await stack.send('/reject');
    await seen('/ok');
    expect(await rows(failed).count()).toBe(0);
    await button(/^Live/).click();
    const before = await page.locator('tbody tr').count();
    const [unseen = ''] = await stack.send('/ok');
    await reaches(unseen, 'delivered');
    await page.locator('.link.live').waitFor();
    expect(await page.locator('tbody tr').count()).toBe(before);
    await button(/^Held/).click();
    await seen('/ok');
  });

  test('a filter stands in the address: whoever opens it sees the same', async () => {
    const [id = ''] = await stack.send('/fail', { reference: 'order 7' });
    await reaches(id, 'dead');
    await open('#/attempts');
    await page.getByLabel('reference', { exact: true }).fill('order 7');
    await button('Filter').click();
    await rows(id).nth(2).waitFor();
    const shared = page.url();
    expect(shared).toContain('reference=order+7');
    await page.goto('about:blank');
    await page.goto(shared);
    await rows(id).nth(2).waitFor();
    expect(await page.locator('tbody tr').count()).toBe(3);
    await see(/that is all that is kept/);
  });

  test('one postback: each attempt with its answer, and what can be done; cancelled it is not sent', async () => {
    const [id = ''] = await stack.send('/ok', { delaySeconds: 3_000, method: 'POST' });
    await open(`#/postback/${id}`);
    await page.locator('[data-name="state"]', { hasText: 'delayed' }).waitFor();
    await see(/Next attempt/);
    await button(/Cancel it/).click();
    await confirm('Cancel it');
    await page.locator('[data-name="state"]', { hasText: 'cancelled' }).waitFor();
    await button(/Redrive it/).click();
    await page.getByText('With another address').click();
    await page.getByLabel(/^URL template/).fill(`${stack.endpoint.origin}/ok?again=1`);
    await confirm('Redrive it');
    await page.locator('[data-name="state"]', { hasText: 'delivered' }).waitFor();
    await see(/again=1/);
    expect(stack.endpoint.received.at(-1)?.url).toBe('/ok?again=1');
    await button(/Erase it/).click();
    await confirm('Erase it');
    await page.getByRole('alert').waitFor();
  });

  test('dead letters: one is redriven, many by filter after a count, some purged, all of them exported', async () => {
    const many = await stack.send('/reject', { reference: 'many', count: 12 });
    const few = await stack.send('/reject', { reference: 'few', count: 3 });
    for (const id of [...many, ...few]) await reaches(id, 'dead');
    await open('#/dead?reference=few');
    await rows(few[0] ?? '').waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export' }).click(),
    ]);
    const exported = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\n');
    expect(exported.map((line) => (JSON.parse(line) as { id: string }).id).sort()).toEqual([...few].sort());
    await button(`Redrive ${few[0]}`).click();
    await confirm('Redrive it');
    await eventually('it was sent again', async () => (await attemptsOf(few[0] ?? '')) === 2, PATIENCE_MS);
    await open('#/dead?reference=many');
    await rows(many[0] ?? '').waitFor();
    await button('Redrive these…').click();
    await page.getByRole('dialog').getByText('12', { exact: true }).waitFor();
    await confirm('Redrive 12');
    await page.locator('.job', { hasText: '12 redriven' }).waitFor();
    for (const id of many) await eventually('again dead', async () => (await attemptsOf(id)) === 2, PATIENCE_MS);
    await eventually(
      'all of them died again',
      async () => (await stack.api<{ letters: unknown[] }>('dead?reference=many')).letters.length === 12,
      PATIENCE_MS,
    );
    await button('Purge these…').click();
    await confirm('Purge 12');
    await see('There are no dead letters with reference many.');
  });

  async function attemptsOf(id: string): Promise<number> {
    return (await stack.api<{ attempts: unknown[] }>(`attempts?id=${id}`)).attempts.length;
  }

  test('by keyboard alone: past the navigation, to another view, through a dialog and back', async () => {
    await open('#/overview');
    await page.locator('.link.live').waitFor();
    const focused = () => evaluate('document.activeElement.textContent.trim()');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await evaluate('document.activeElement.tagName')).toBe('MAIN');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Pause delivery…');
    expect(
      Number.parseFloat(String(await evaluate('getComputedStyle(document.activeElement).outlineWidth'))),
    ).toBeGreaterThan(1);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).toBe('Pause delivery…');
    for (let step = 0; step < 12 && (await focused()) !== 'Destinations'; step++)
      await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Destinations' }).waitFor();
    expect(await evaluate('document.activeElement.tagName')).toBe('MAIN');
  });

  test('pausing and resuming all delivery, with the reason above every view', async () => {
    await open('#/overview');
    await button('Pause delivery…').click();
    await page.getByLabel(/^Reason/).fill('they migrate');
    await confirm('Pause delivery');
    await see(/by operator: they migrate/);
    await button('Resume…').click();
    await confirm('Resume');
    await page.locator('.banner').waitFor({ state: 'detached' });
  });

  test('a destination is paused and resumed, and says why', async () => {
    const [id = ''] = await stack.send('/ok');
    await reaches(id, 'delivered');
    await open('#/destinations');
    const row = page.locator(`tr[data-destination="${stack.endpoint.origin}"]`);
    await row.getByRole('button', { name: 'Pause…' }).click();
    await page.getByLabel(/^Reason/).fill('too slow');
    await confirm('Pause');
    await row.getByText(/by operator: too slow/).waitFor();
    await row.getByRole('button', { name: 'Resume…' }).click();
    await confirm('Resume');
    await row.getByRole('button', { name: 'Pause…' }).waitFor();
    await row.getByRole('link').click();
    await page.getByRole('heading', { level: 1, name: 'Attempts' }).waitFor();
    await rows(id).first().waitFor();
  });

  test('with 100,000 attempts kept, overview and attempts stand within a second on a quiet machine', async () => {
    await keepMany(stack.stack, 50_000);
    const times: number[] = [];
    for (const [hash, shown] of [
      ['#/attempts', 'tbody tr'],
      ['#/overview', '.books .even'],
    ] as const) {
      let bestMs = Infinity;
      for (let tries = 0; tries < 3; tries++) {
        await page.goto('about:blank');
        const startedAt = performance.now();
        await open(hash);
        await page.locator(shown).first().waitFor();
        bestMs = Math.min(bestMs, performance.now() - startedAt);
      }
      times.push(bestMs);
    }
    process.stderr.write(
      `the page with 100,000 attempts kept: ${times.map((ms) => Math.round(ms)).join(' and ')} ms\n`,
    );
    expect(Math.max(...times)).toBeLessThan(2_500); // a search through all of them takes many seconds
  });

  describe('what goes wrong is said within three seconds, and mended without a reload', () => {
    const WITHIN_MS = 3_000;
    /** Other work on the machine only makes it later: of three rounds the best counts. */
    async function noticed(
      text: string,
      round: { end: () => Promise<unknown>; begin: () => Promise<unknown> },
    ): Promise<void> {
      await open('#/overview');
      let bestMs = Infinity;
      for (let tries = 0; tries < 3 && bestMs > WITHIN_MS; tries++) {
        await page.locator('.link.live').waitFor();
        const [, tookMs] = await Promise.all([
          round.end(),
          timed(() => page.locator('.banner', { hasText: text }).waitFor()),
        ]);
        bestMs = Math.min(bestMs, tookMs);
        await round.begin();
        await page.locator('.banner', { hasText: text }).waitFor({ state: 'detached' });
      }
      expect(bestMs).toBeLessThanOrEqual(WITHIN_MS);
      await see('The books balance.');
    }
    async function timed(act: () => Promise<unknown>): Promise<number> {
      const startedAt = performance.now();
      await act();
      return performance.now() - startedAt;
    }

    test.each([
      ['Redis', 'redis', 'Redis cannot be reached'],
      ['delivery', 'delivery-1', 'No delivery worker is alive'],
      ['the dashboard itself', 'dashboard', 'No news from the dashboard service'],
    ])(
      '%s is killed and comes back',
      async (_name, process, text) => {
        const end = () => stack.stack.process(process).end();
        await noticed(text, { end, begin: () => stack.stack.start(process) });
      },
      90_000,
    );
  });

  test('who may only look sees the actions off, with the reason; logging in comes back to the view, out to the login', async () => {
    const tokens = { DASHBOARD_TOKEN: 'operator-operator', DASHBOARD_READ_TOKEN: 'reader-reader-reader' };
    stack.stack.alter('dashboard', (spec) => ({ ...spec, env: { ...spec.env, ...tokens } }));
    await stack.stack.process('dashboard').end('SIGTERM');
    await stack.stack.start('dashboard');
    await open('#/dead?reference=few');
    await page.getByLabel('Token').fill('wrong-wrong-wrong-wrong');
    await button('Log in').click();
    await see('This token is not known.');
    await page.getByLabel('Token').fill(tokens.DASHBOARD_READ_TOKEN);
    await button('Log in').click();
    await page.getByRole('heading', { level: 1, name: 'Dead letters' }).waitFor();
    expect(page.url()).toContain('#/dead?reference=few');
    await see('Looking only');
    const redrive = button('Redrive these…');
    expect(await redrive.getAttribute('aria-disabled')).toBe('true');
    expect(await redrive.getAttribute('title')).toContain('DASHBOARD_TOKEN');
    await redrive.click({ force: true });
    expect(await page.getByRole('dialog').count()).toBe(0);
    await button('Log out').click();
    await page.getByLabel('Token').fill(tokens.DASHBOARD_TOKEN);
    await button('Log in').click();
    await see('Operator');
    await page.getByRole('link', { name: 'Dead letters' }).click();
    await button('Redrive these…').click();
    await page.getByRole('dialog').waitFor();
  });
});
