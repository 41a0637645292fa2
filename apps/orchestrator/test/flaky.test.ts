/** Tests that were red and green on one tree, from the run that shows it to the list, the board and the command line. */
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ask, atRest, enqueue, ownToken, register, serviceOn, taskOf } from './live-gatehouse.ts';
import { cli, onlyJson } from './recording-terminal.ts';
import { Forge, scratchFolder } from './scratch-forge.ts';

/** One TAP test for each script; the failures are counted, because the policy names a report. */
const CHECK = `n=0; bad=0
for t in t/*.sh; do n=$((n+1)); if sh $t; then echo "ok $n - $t"; else echo "not ok $n - $t"; bad=1; fi; done > report.tap
echo "1..$n" >> report.tap; cat report.tap; exit $bad
`;
const definition = (flaky: string, ...quarantine: readonly object[]): string =>
  JSON.stringify({
    version: 1,
    test: { command: 'sh check.sh', report: { format: 'tap', path: 'report.tap' }, flaky, quarantine },
  });
const entry = (name: string, expires = '9999-12-31') => ({ name, owner: 'ann', reason: 'races', expires });
const KEY = { tree: 't', gateDigest: 'g', envDigest: 'e' };

async function world(yaml: string, files: Readonly<Record<string, string>> = {}) {
  const folder = scratchFolder();
  const forge = await Forge.make({ 'gatehouse.yaml': yaml, 'check.sh': CHECK, 't/one.sh': 'true\n', ...files }, folder);
  const service = await serviceOn(join(folder, 'data'));
  await register(service, forge.path);
  const remote = (...words: string[]) => cli([...words, '--url', service.url, '--token', ownToken(service)], folder);
  const seen = (failed: readonly string[], complete: boolean) =>
    service.context.store.recordTests({ repoId: 'app', key: KEY, failed, complete, atMs: Date.UTC(2026, 10, 28) });
  return { folder, forge, service, remote, seen };
}

describe('a branch whose suite is unsteady', () => {
  test('teaches the service which of its tests is flaky, and lands where that is tolerated', async () => {
    const { folder, forge, service, remote } = await world(definition('pass'));
    const once = `test -e ${folder}/met || { touch ${folder}/met; false; }\n`;
    forge.push({ branch: 'task', from: 'main' }, { 't/flaky.sh': once });
    const task = await atRest(service, await enqueue(service, 'task'));
    expect(task.stage).toBe('done');
    const row = { repo: 'app', name: 't/flaky.sh', reds: 1, greens: 1, trees: 1, quarantine: null };
    expect((await ask(service, '/repos/app/flaky')).json).toMatchObject([row]);
    expect(onlyJson(await remote('flaky', '--json'))).toMatchObject({ flaky: [row] });
  });

  test('lands in spite of a quarantined test that is always red, and the verdict says so', async () => {
    const yaml = definition('quarantine', entry('t/one.sh'));
    const { forge, service } = await world(yaml, { 't/two.sh': 'true\n' });
    forge.push({ branch: 'task', from: 'main' }, { 't/one.sh': 'false\n' });
    forge.push({ branch: 'guilty', from: 'main' }, { 't/one.sh': 'false\n', 't/two.sh': 'false\n' });
    const id = await enqueue(service, 'task');
    expect((await atRest(service, id)).stage).toBe('done');
    const shown = await taskOf(service, id);
    const merge = shown.checks.find(({ check }) => check === 'check_branch_mergeable');
    expect(merge?.warnings).toContain('quarantined: 1 test failed and do not decide: t/one.sh (ann, until 9999-12-31)');
    const guilty = await atRest(service, await enqueue(service, 'guilty'));
    expect(guilty.status).toBe('blocked');
    expect(JSON.stringify(guilty.checks[0]?.findings)).toMatch(/failing: t\/two\.sh/);
    expect(JSON.stringify(guilty.checks[0]?.findings)).not.toContain('failing: t/one.sh');
  });
});

describe('the list of flaky tests', () => {
  test('says by whom and until when a test is in quarantine, and which entries have no effect', async () => {
    const yaml = definition('quarantine', entry('slow'), entry('late', '2020-01-31'), entry('steady'));
    const { service, remote, seen } = await world(yaml);
    await service.context.mirrors.refresh({ ...(await repoOf(service)) });
    await seen(['slow', 'late', 'other'], false);
    await seen([], true);
    const rows = (await ask(service, '/repos/app/flaky')).json as { name: string; quarantine: unknown }[];
    const held = { owner: 'ann', reason: 'races', expires: '9999-12-31', decides: false };
    expect(Object.fromEntries(rows.map(({ name, quarantine }) => [name, quarantine]))).toEqual({
      slow: held,
      late: { ...held, expires: '2020-01-31', decides: true },
      other: null,
      steady: held,
    });
    expect(rows.at(-1)).toMatchObject({ name: 'steady', trees: 0, proven_flaky_at: null });
    const text = (await remote('flaky', '--repo', 'app')).out;
    expect(text).toContain('ann, until 9999-12-31: races');
    expect(text).toContain('ann, decides (entry until 2020-01-31): races');
    const board = await ask(service, '/board/repos/app');
    expect(board.text).toContain('Flaky tests</h2>');
    expect(board.text).toContain('ann, until 9999-12-31: races');
    expect(board.text).toContain('not proven');
  });

  test('is cut to the limit that was asked for, and refuses another repository and a limit that is none', async () => {
    const { service, remote, seen } = await world(definition('pass'));
    expect((await remote('flaky')).out).toContain('no test is known as flaky');
    expect((await ask(service, '/board/repos/app')).text).toContain('No test was red and green on one tree');
    await seen(['a', 'b', 'c'], false);
    await seen([], true);
    expect((await ask(service, '/repos/app/flaky?limit=2')).json).toHaveLength(2);
    expect(await ask(service, '/repos/app/flaky?limit=0')).toMatchObject({ status: 400 });
    expect(await ask(service, '/repos/none/flaky')).toMatchObject({ status: 404 });
    expect(await remote('flaky', '--repo', 'none')).toMatchObject({
      exit: 2,
      err: expect.stringContaining('gatehouse repo ls'),
    });
  });

  test('shows hostile names bounded and harmless on the board and in the terminal, one line each', async () => {
    const { service, remote, seen } = await world(definition('pass'));
    const token = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');
    const hostile = [
      '\u001b[2Jclear',
      '\u202Egnp.exe',
      'two\nlines\ttab',
      '<script>alert(1)</script>',
      'x'.repeat(10_000),
    ];
    await seen([...hostile, `with ${token}`], false);
    await seen([], true);
    const board = (await ask(service, '/board/repos/app')).text;
    expect(board).not.toMatch(/<script>alert|(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(board).not.toContain('x'.repeat(121));
    const { out } = await remote('flaky');
    expect(out.trimEnd().split('\n')).toHaveLength(2 + hostile.length + 1);
    expect(Math.max(...out.split('\n').map(({ length }) => length))).toBeLessThan(300);
    expect(out).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    for (const text of [board, out, (await ask(service, '/repos/app/flaky')).text]) expect(text).not.toContain(token);
  });
});

async function repoOf(service: Awaited<ReturnType<typeof serviceOn>>) {
  const repo = await service.context.store.getRepo('app');
  if (repo === null) throw new Error('expected the repository to be registered');
  return repo;
}
