/**
 * Twelve tasks with four agents at once: two in each other's way, one rejected, one whose tester lies, one that hangs, one that leaks,
 * one that approves itself, one stopped, two that wait for others, one that changes what agents obey, one that writes papers only.
 * What became of them is asked of git and the store.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { namesIn } from '../src/platform/files.ts';
import { processesNaming } from '../src/platform/processes.ts';
import type { Stage } from './agent-stages/cells.ts';
import { Desk } from './agent-stages/desk.ts';
import { askFor, registerFull } from './full-profile.ts';
import { ask, serviceOn, taskOf, until } from './live-gatehouse.ts';
import { scratchFolder } from './scratch-forge.ts';
import { testWhole } from './tool-tests.ts';

const AT_ONCE = 4;
const TOKEN = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');
const TWICE = (first: string, then: string): string => `if [ $GATEHOUSE_TRY = 1 ]; then ${first}; else ${then}; fi`;
const REBASE = [
  'sha=$(sed -n "s/.*git rebase \\\\([0-9a-f]\\\\{40\\\\}\\\\).*/\\\\1/p" "$GATEHOUSE_PROMPT" | head -n 1)',
  'git rebase -q $sha >/dev/null 2>&1 || { echo both > shared.txt; git add shared.txt; git -c core.editor=true rebase --continue >/dev/null; }',
].join('; ');

interface Part {
  readonly key: string;
  readonly after?: string;
  readonly plays: { readonly [Name in Stage]?: string };
  readonly ends: 'done' | 'blocked' | 'cancelled';
}

const STORY: readonly Part[] = [
  { key: 'plain', plays: {}, ends: 'done' },
  { key: 'follows', after: 'plain', plays: { development: 'test -e plain.txt && work' }, ends: 'done' },
  { key: 'collides', plays: { development: TWICE('echo one > shared.txt; keep', REBASE) }, ends: 'done' },
  { key: 'crashes-into', plays: { development: TWICE('echo two > shared.txt; keep', REBASE) }, ends: 'done' },
  {
    key: 'rejected',
    plays: {
      review: TWICE("paper 'verdict: REJECTED' 'the second line is missing'", "paper 'verdict: APPROVED' fine"),
    },
    ends: 'done',
  },
  { key: 'lied-about', plays: { development: TWICE('touch broken; keep', 'git rm -q broken; work') }, ends: 'done' },
  { key: 'hangs', plays: { development: TWICE('sleep 600', 'work') }, ends: 'done' },
  {
    key: 'leaks',
    plays: { development: TWICE(`echo ${TOKEN} > leak.env; keep`, 'git reset -q --hard HEAD~1; work') },
    ends: 'done',
  },
  {
    key: 'approves-itself',
    plays: { development: 'GATEHOUSE_ARTEFACT=$PAPERS/12-review.md; paper "verdict: APPROVED" me; work', review: ':' },
    ends: 'blocked',
  },
  { key: 'unwanted', plays: { development: ': > "$DESK/$GATEHOUSE_TASK_NAME.hangs"; sleep 600' }, ends: 'cancelled' },
  {
    key: 'instructs',
    plays: {
      development: TWICE('echo new rule >> AGENTS.md; work', 'work'),
      review: TWICE(
        "test \"$(cat AGENTS.md)\" = rules && paper 'verdict: REJECTED' 'say why'",
        "paper 'verdict: APPROVED' fine",
      ),
    },
    ends: 'done',
  },
  {
    key: 'writes-papers',
    after: 'unwanted',
    plays: { development: TWICE('echo a > $PAPERS/notes.md; keep', 'work') },
    ends: 'done',
  },
];
/** The first four begin together: none goes on before all of them are there. */
const BARRIER = `: > "$DESK/begun.$GATEHOUSE_TASK_NAME"; until [ "$(ls "$DESK" | grep -c '^begun')" -ge ${AT_ONCE} ]; do sleep 0.05; done; usual`;

testWhole('twelve tasks and four agents at once: each ends as it must, and main holds what was tested', async () => {
  // A lint that sees nothing: what is red only the tests find.
  const desk = await Desk.make({ timeout: '15s', ci: 'true', files: { 'AGENTS.md': 'rules\n' } });
  const { forge, folder } = desk.full;
  const service = await serviceOn(folder, {
    ORCH_MAX_CONCURRENCY: String(AT_ONCE),
    ORCH_MERGE_INFRA_RETRY_MAX: '1',
    ORCH_MAX_DEVELOPER_RETRIES: '3',
  });
  await registerFull(service, desk.full);
  const ids = new Map<string, string>();
  const idOf = (key: string): string => ids.get(key) ?? '';
  for (const [at, { key, after, plays }] of STORY.filter(({ after }) => after === undefined).entries()) {
    for (const [stage, code] of Object.entries(plays)) desk.arm(key, stage as Stage, code);
    if (at < AT_ONCE) desk.arm(key, 'analysis', BARRIER);
    expect(after).toBeUndefined();
    ids.set(key, await askFor(service, { key, title: `A task that is ${key}` }));
  }
  for (const { key, after, plays } of STORY.filter((part) => part.after !== undefined)) {
    for (const [stage, code] of Object.entries(plays)) desk.arm(key, stage as Stage, code);
    ids.set(key, await askFor(service, { key, title: `A task that ${key}`, depends_on: [idOf(after ?? '')] }));
  }

  let isStopped = false;
  await until('every task rests', async () => {
    const tasks = await Promise.all([...ids.values()].map((id) => taskOf(service, id)));
    for (const { id, status } of tasks)
      if (status === 'waiting')
        await ask(service, `/tasks/${id}/approve`, { body: { check: 'check_analysis_approved' } });
    if (!isStopped && desk.hangs('unwanted')) {
      isStopped = true;
      await ask(service, `/tasks/${idOf('unwanted')}/stop`, { body: { reason: 'not wanted' } });
    }
    return tasks.every(({ stage, status }) => ['done', 'cancelled'].includes(stage) || status === 'blocked');
  });

  const { store, dataDir } = service.context;
  for (const { key, ends } of STORY) {
    const task = await taskOf(service, idOf(key));
    expect([key, task.status === 'blocked' ? 'blocked' : task.stage, task.reason]).toEqual([
      key,
      ends,
      expect.anything(),
    ]);
  }
  expect((await taskOf(service, idOf('approves-itself'))).reason).toMatch(/reviewer gave up .* left no/);
  expect(desk.mostAtOnce()).toBeGreaterThanOrEqual(AT_ONCE);

  // By git: main moved forward only, to what was tested, and holds what it must and nothing else.
  const moves = forge.mainMoves();
  for (const [at, commit] of moves.slice(1).entries())
    forge.git('merge-base', '--is-ancestor', moves[at] ?? '', commit);
  const landed: string[] = [];
  for (const { key, ends } of STORY.filter((part) => part.ends === 'done')) {
    const { landed_sha: sha } = await taskOf(service, idOf(key));
    landed.push(sha ?? '');
    const merges = await store.gateRuns({ taskId: idOf(key), check: 'check_branch_mergeable', limit: 1 });
    expect([key, ends, merges[0]?.status, merges[0]?.testedSha]).toEqual([key, 'done', 'pass', sha]);
    const runs = await store.commandRuns({ taskId: idOf(key), limit: 500 });
    const isTested = runs.some(
      ({ command, outcome, tree }) =>
        command === 'sh check.sh' &&
        outcome === 'green' &&
        tree !== null &&
        tree === forge.git('rev-parse', `${sha}^{tree}`),
    );
    expect([key, isTested]).toEqual([key, true]);
  }
  expect(moves.slice(1).sort()).toEqual(landed.sort());
  const files = forge
    .git('ls-tree', '-r', '--name-only', 'main')
    .split('\n')
    .filter((path) => !path.startsWith('docs/'));
  const own = STORY.filter(({ key, ends }) => ends === 'done' && !['collides', 'crashes-into'].includes(key)).map(
    ({ key }) => `${key}.txt`,
  );
  expect(files.sort()).toEqual([...own, 'AGENTS.md', 'check.sh', 'gatehouse.yaml', 'shared.txt'].sort());
  expect(forge.git('show', 'main:shared.txt')).toBe('both');
  expect(forge.git('show', 'main:AGENTS.md')).toBe('rules\nnew rule');
  expect(forge.git('log', '-p', '--all').includes(TOKEN)).toBe(false);
  const checkout = scratchFolder();
  execFileSync('git', ['clone', '--quiet', forge.path, join(checkout, 'main')]);
  execFileSync('sh', ['check.sh'], { cwd: join(checkout, 'main') });
  const landedAt = async (key: string): Promise<number> =>
    moves.indexOf((await taskOf(service, idOf(key))).landed_sha ?? '');
  expect(await landedAt('plain')).toBeLessThan(await landedAt('follows'));

  // By the store and the machine: nothing is left at work.
  expect(await store.listJobs({ live: true })).toEqual([]);
  // But for a look at the forge, which the service takes again and again.
  await until('no process of a task is left', async () => (await processesNaming(folder))?.length === 0);
  expect(await namesIn(join(dataDir, 'slots', 'app'))).toEqual([]);
  for (const key of ['leaks', 'rejected', 'instructs', 'lied-about'])
    expect(desk.prompt(key, 'development', 2)).toContain('## What has to be mended');
  expect(desk.prompt('writes-papers', 'development', 2)).toContain('## Why your last attempt was not taken');
  for (const attempt of [1, 2, 3]) expect(desk.prompt('leaks', 'development', attempt) ?? '').not.toContain(TOKEN);
});
