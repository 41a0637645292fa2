import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { importHistory, validateRefName } from '@gatehouse/git';
import { parsePolicyFile, processesNaming } from '@gatehouse/orchestrator/testing';
import { afterEach, describe, expect, test } from '@jest/globals';
import { audit } from '../src/audit.ts';
import { emptyOwnedDirectory } from '../src/empty-directory.ts';
import { startFeed } from '../src/feed.ts';
import { historyStream } from '../src/history.ts';
import { firstFiles, operatorFile, secondFiles } from '../src/project.ts';
import { type Expected, scenarios } from '../src/scenarios.ts';
import { auditedDemo, type Demo, SCENARIOS } from './audited-demo.ts';
import { Forge, scratchFolder } from './scratch-forge.ts';

describe('the scenarios', () => {
  const all = scenarios('a-marker');

  test('have names and branches of their own, which git accepts, and wait only for one that comes before', () => {
    expect(new Set(all.map((one) => one.name)).size).toBe(all.length);
    expect(new Set(all.map((one) => one.branch)).size).toBe(all.length);
    for (const [index, one] of all.entries()) {
      expect(validateRefName(one.branch)).toMatchObject({ kind: 'valid' });
      const earlier = all.slice(0, index).map((other) => other.name);
      if (one.after !== undefined) expect(earlier).toContain(one.after);
      expect(one.commits.length).toBeGreaterThan(0);
    }
  });

  test('expect something of every gate, something that lands, and pairs of two', () => {
    const ends = all.map((one) => one.expected);
    const checks = new Set(ends.flatMap((end) => (end.end === 'kept-out' ? [end.check] : [])));
    expect([...checks].sort()).toEqual(['check_branch_mergeable', 'check_coverage_gate', 'check_security_gate']);
    expect(ends.filter((end) => end.end === 'landed').length).toBeGreaterThan(1);
    const pairs = ends.flatMap((end) => (end.end === 'one-of-pair' ? [end.pair] : []));
    for (const pair of pairs) expect(pairs.filter((other) => other === pair)).toHaveLength(2);
  });

  test('become a history with the same commits every time, cut from where they say', async () => {
    const main = [
      { message: 'first', files: firstFiles },
      { message: 'second', files: secondFiles },
    ] as const;
    const forges: Forge[] = [];
    for (const _ of [1, 2]) {
      const dir = join(scratchFolder(), 'forge.git');
      const stream = historyStream(main, all, 1_790_000_000);
      expect(await importHistory({ dir, main: 'main', stream })).toMatchObject({ kind: 'imported' });
      forges.push(Forge.at(dir));
    }
    const [one, other] = forges.map((forge) => forge.git('for-each-ref'));
    expect(one).toBe(other);
    const [forge] = forges;
    if (forge === undefined) throw new Error('no forge');
    for (const { branch, from, commits } of all) {
      expect(forge.git('rev-list', '--count', `${from === 'first' ? 'main~1' : 'main'}..${branch}`)).toBe(
        String(commits.length),
      );
      expect(forge.git('merge-base', 'main', branch)).toBe(
        forge.git('rev-parse', from === 'first' ? 'main~1' : 'main'),
      );
    }
    expect(forge.git('grep', '-l', 'a-marker', 'feature/L-7-watch')).toContain('test/watch.test.mjs');
    for (const [path, text] of Object.entries(firstFiles))
      expect(forge.git('show', `main~1:${path}`)).toBe(text?.trim());
  });

  test('are judged by a policy that the reader accepts', () => {
    expect(parsePolicyFile(operatorFile('/path with "quotes"/node', 15), 'operator.yaml')).toMatchObject({
      kind: 'policy',
      policy: { test: { timeout: 15_000, min_tests: 4 }, coverage: { mode: 'baseline' } },
    });
  });
});

describe('the audit', () => {
  let demo: Demo | null = null;
  afterEach(async () => {
    await demo?.close();
    demo = null;
  });
  const expecting = (name: string, expected: Expected) =>
    SCENARIOS.map((one) => (one.name === name ? { ...one, expected } : one));
  const pair = (): typeof SCENARIOS =>
    SCENARIOS.map((one) => ({ ...one, expected: { end: 'one-of-pair', pair: 'p' } }));

  test('finds nothing when everything is as it must be', async () => {
    demo = await auditedDemo();
    const { endings, breaches } = await audit(demo.context);
    expect(breaches).toEqual([]);
    expect(endings.map((ending) => [ending.scenario.name, ending.landed, ending.asExpected])).toEqual([
      ['good', true, true],
      ['red', false, true],
      ['leak', false, true],
    ]);
  });

  const SPOILT: readonly (readonly [string, RegExp, (demo: Demo) => unknown])[] = [
    [
      'a commit that was not tested',
      /main holds [0-9a-f]{12} \(sneaked in\), which no landing brought/,
      ({ forge }) => forge.push({ branch: 'main', message: 'sneaked in' }, { 'd.txt': 'd' }),
    ],
    [
      'a main that moved back and forth',
      /which is not forward/,
      ({ forge, context }) => {
        const head = forge.head('main');
        forge.git('update-ref', 'refs/heads/main', context.before);
        forge.git('update-ref', 'refs/heads/main', head);
      },
    ],
    [
      'a main without a record of its moves',
      /no reflog/,
      ({ forge }) => rmSync(join(forge.path, 'logs'), { recursive: true }),
    ],
    ['a main that is not there', /main cannot be read/, ({ forge }) => forge.deleteBranch('main')],
    [
      'a landing that main lost',
      /good: should have landed/,
      ({ forge, context }) => forge.git('update-ref', 'refs/heads/main', context.before),
    ],
    ['a missing report', /report .* cannot be read back/, ({ report }) => rmSync(report)],
    [
      'a report that says otherwise',
      /leak: the security report says PASS/,
      ({ report }) =>
        writeFileSync(report, readFileSync(report, 'utf8').replace('security_status: FAIL', 'security_status: PASS')),
    ],
    [
      'a report about another head',
      /leak: the security report says FAIL for 0{40}/,
      ({ report }) =>
        writeFileSync(
          report,
          readFileSync(report, 'utf8').replace(/head_sha: "?[0-9a-f]{40}"?/, (text) =>
            text.replace(/[0-9a-f]{40}/, '0'.repeat(40)),
          ),
        ),
    ],
  ];
  test.each(SPOILT)('finds %s', async (_title, breach, spoil) => {
    demo = await auditedDemo();
    await spoil(demo);
    expect((await audit(demo.context)).breaches).toContainEqual(expect.stringMatching(breach));
  });

  test.each(['check_security_gate', 'check_coverage_gate'] as const)(
    'finds a landing without a pass of %s',
    async (check) => {
      demo = await auditedDemo(check);
      expect((await audit(demo.context)).breaches).toEqual([`good landed without a pass of ${check}`]);
    },
  );

  test('finds a landing without a recorded green', async () => {
    demo = await auditedDemo('check_branch_mergeable');
    expect((await audit(demo.context)).breaches).toContainEqual(
      expect.stringContaining('good landed without a recorded green'),
    );
  });

  test('finds an ending that is not the expected one', async () => {
    demo = await auditedDemo();
    const { context } = demo;
    const found = async (spoilt: Partial<typeof context>) =>
      (await audit({ ...context, ...spoilt })).breaches.join('\n');
    const keptOut = (check: string, rule?: string): Expected => ({
      end: 'kept-out',
      check,
      status: 'fail',
      ...(rule === undefined ? {} : { rule }),
    });
    expect(await found({ scenarios: expecting('red', { end: 'landed' }) })).toMatch(
      /red: should have landed, but check_branch_mergeable/,
    );
    expect(await found({ scenarios: expecting('good', keptOut('check_coverage_gate')) })).toMatch(
      /good: landed, but must not/,
    );
    expect(await found({ scenarios: expecting('red', keptOut('check_coverage_gate')) })).toMatch(
      /red: check_branch_mergeable answered fail/,
    );
    expect(await found({ scenarios: expecting('red', keptOut('check_branch_mergeable', 'conflict')) })).toMatch(
      /red: expected a finding conflict; found red-run/,
    );
    expect(await found({ scenarios: expecting('red', { end: 'stopped' }) })).toMatch(
      /red: should be cancelled, but is deploy-staging/,
    );
    expect(await found({ scenarios: expecting('good', { end: 'stopped' }) })).toMatch(/good: landed, but must not/);
    expect(await found({ scenarios: expecting('red', { end: 'one-of-pair', pair: 'p' }) })).toMatch(
      /pair "p" may land; 0 did/,
    );
    expect(
      await found({
        tasks: new Map([
          ['good', 'good'],
          ['red', 'red'],
        ]),
      }),
    ).toMatch(/leak: it was never enqueued/);
    expect(await found({ scenarios: pair() })).not.toMatch(/pair "p" may land/);
  });

  test('finds a process that carries the marker', async () => {
    demo = await auditedDemo();
    const { marker } = demo.context;
    const survivor = spawn('sleep', ['600'], { argv0: marker, stdio: 'ignore' });
    const gone = new Promise((resolve) => survivor.once('close', resolve));
    while (((await processesNaming(marker)) ?? []).length === 0) await pause(20);
    const { breaches } = await audit(demo.context);
    survivor.kill('SIGKILL');
    expect(breaches).toEqual([expect.stringMatching(new RegExp(`1 processes survive: ${survivor.pid} `))]);
    await gone;
    expect((await audit(demo.context)).breaches).toEqual([]);
  });
});

test('the stand-in feed answers for what it knows and nothing else, like the real one', async () => {
  const feed = await startFeed();
  if (feed.kind !== 'listening') throw new Error(feed.problem);
  const url = `http://127.0.0.1:${feed.port}/advisories/bulk`;
  const body = '{"csv-quick-parser":["1.0.2"],"left-pad":["1.0.0"]}';
  const answered = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const known = (await answered.json()) as object;
  await feed.close();
  expect(Object.keys(known)).toEqual(['csv-quick-parser']);
});

test('the demo empties only a directory that it made itself', async () => {
  const own = join(scratchFolder(), 'demo');
  expect(await emptyOwnedDirectory(own)).toEqual({ kind: 'empty' });
  writeFileSync(join(own, 'left'), '');
  mkdirSync(join(own, 'deep', 'er'), { recursive: true });
  expect(await emptyOwnedDirectory(own)).toEqual({ kind: 'empty' });
  expect(() => readFileSync(join(own, 'left'))).toThrow('ENOENT');
  const foreign = scratchFolder();
  writeFileSync(join(foreign, 'precious'), 'x');
  expect(await emptyOwnedDirectory(foreign)).toMatchObject({ kind: 'refused' });
  expect(readFileSync(join(foreign, 'precious'), 'utf8')).toBe('x');
});
