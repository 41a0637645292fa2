import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { ShownFailure } from '../src/agents/failed-check.ts';
import { mendingSteps } from '../src/agents/mending.ts';
import { approveWhenAsked, askFor, fullProfile, GOOD, registerFull } from './full-profile.ts';
import { atRest, serviceOn } from './live-gatehouse.ts';
import { testWhole } from './tool-tests.ts';

const MAIN = 'c'.repeat(40);
const stepsOf = (failed: Partial<ShownFailure>): string =>
  mendingSteps({
    main: 'main',
    mainCommit: MAIN,
    failed: {
      check: 'check_x',
      reason: 'why',
      findings: [],
      command: null,
      failing: [],
      logPath: null,
      findingsPath: null,
      ...failed,
    },
  }).join('\n');

describe('what a developer does about a failed check', () => {
  test('failing tests: their names, the command to run, and the whole log as a file', () => {
    expect(
      stepsOf({
        check: 'check_branch_mergeable',
        reason: 'red twice with the branch',
        findings: [{ rule: 'red-run', message: 'much output' }],
        failing: ['adds up', 'a `name`\nwith a line end'],
        command: 'npm test',
        logPath: '/reports/failed-check.txt',
      }),
    ).toMatchInlineSnapshot(`
"The change did not pass \`check_branch_mergeable\`: red twice with the branch

1. These tests fail with your change on top of main, and not on main alone:
   - \`adds up\`
   - \`a 'name'\\u{a}with a line end\`
2. Run the same: \`npm test\`
3. Mend the cause in the change. Do not skip, loosen or delete a test, unless the task says that it is wrong.
4. Commit. The service asks the same check again.

Everything that its commands printed: /reports/failed-check.txt
"
`);
  });

  test('a conflict: where main is, which files, and each command', () => {
    const findings = ['a.ts', 'b.ts'].map((path) => ({ rule: 'conflict', message: `resolve ${path}`, path }));
    const steps = stepsOf({ findings });
    expect(steps).toContain(`\`git rebase ${MAIN}\``);
    expect(steps).toMatch(/so that both changes hold\. Here:\n {3}- `a\.ts`\n {3}- `b\.ts`/);
    expect(steps).toContain('rebase --continue');
  });

  test('findings: what to do about the first kind, with the places', () => {
    const at = (rule: string) => stepsOf({ findings: [{ rule, message: 'm', path: 'src/x.ts', line: 7 }] });
    expect(at('secret/github-token')).toMatch(/out of every commit.*Here:\n {3}- `src\/x\.ts:7`/);
    expect(at('entry/gitlink')).toMatch(/out of every commit.*Here:\n {3}- `src\/x\.ts:7`.*git rm --cached/s);
    expect(at('coverage/patch')).toMatch(/Write tests.*`src\/x\.ts:7`/s);
    expect(at('dependency/known-vulnerability')).toContain('lockfile');
    expect(at('gate-changed')).toContain('only a person may allow it');
    expect(at('marker-lost')).toContain('main must keep');
    expect(at('unrelated-history')).toContain(`git reset --hard ${MAIN}`);
    expect(at('ci')).toContain('Mend the cause');
    expect(at('review')).toContain('each of them');
  });

  test('a thousand failing tests stay a page', () => {
    const failing = Array.from({ length: 1000 }, (_, at) => `test ${at}`);
    const steps = stepsOf({ failing, findings: [{ rule: 'red-run', message: '' }] });
    expect([steps.split('\n').length, steps.includes('and 960 more')]).toEqual([47, true]);
  });
});

testWhole('an agent that does what the steps say passes a red check and a conflict with main', async () => {
  const token = 'ghp_1234567890abcdefghijABCDEFGHIJ123456';
  const red = `a=${token.slice(0, 4)}; echo "$a${token.slice(4)}"; echo "the second line is missing" >&2; exit 1\n`;
  const check = 'if [ -e broken ]; then exit 1; fi\n';
  const full = await fullProfile(
    {
      ...GOOD,
      developer: [{ write: { 'check.sh': red, 'feature.txt': 'a feature\n' }, commit: 'a red check' }],
      reviewer: GOOD.reviewer,
    },
    () => [],
  );
  const later = full.forge.push({ branch: 'later', from: 'main' }, { 'feature.txt': 'of somebody else\n' });
  const moveMain = `git --git-dir='${full.forge.path}' update-ref refs/heads/main ${later}`;
  const resolve = `git rebase ${later} || { printf 'both\\n' > feature.txt; git add feature.txt; git -c core.editor=true rebase --continue; }`;
  full.play({
    ...GOOD,
    developer: [
      { write: { 'check.sh': red, 'feature.txt': 'a feature\n' }, commit: 'a red check' },
      { expects: ['check_ci_green', 'Run the same: `sh check.sh`'], write: { 'check.sh': check }, commit: 'mended' },
      { expects: ['check_branch_mergeable', `git rebase ${later}`, '- `feature.txt`'], shell: resolve },
    ],
    reviewer: { shell: moveMain, ...GOOD.reviewer },
  });
  const service = await serviceOn(full.folder);
  await registerFull(service, full);
  const id = await askFor(service);
  await approveWhenAsked(service, id);
  expect(await atRest(service, id)).toMatchObject({ stage: 'done' });
  expect(full.forge.git('show', 'main:feature.txt')).toBe('both');

  const jobs = (await service.context.store.listJobs({ taskId: id })).filter(({ step }) => step === 'developer');
  const reports = jobs.map((job) => join(service.context.dataDir, 'reports', id, `${job.id}-1`));
  const [, mended = '', rebased = ''] = reports.map((dir) => readFileSync(join(dir, 'prompt.md'), 'utf8'));
  const log = /printed: (\/.*)/.exec(mended)?.[1] ?? '';
  expect(dirname(log)).toBe(reports[1]);
  const printed = readFileSync(log, 'utf8');
  expect(printed).toContain('the second line is missing');
  for (const text of [printed, mended, rebased]) expect(text).not.toContain(token);
});
