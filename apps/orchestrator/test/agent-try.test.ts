import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { processesNaming } from '../src/platform/processes.ts';
import { registerFull } from './full-profile.ts';
import { ask, ownToken, serviceOn, until } from './live-gatehouse.ts';
import { cli, onlyJson } from './recording-terminal.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

interface Shown {
  readonly prompt: string;
  readonly artefact: { readonly name: string; readonly text: string } | null;
  readonly changed: readonly string[];
  readonly run: { readonly exit_code: number | null; readonly said: string } | null;
  readonly verdict: {
    readonly check: string;
    readonly status: string;
    readonly cause?: string;
    readonly reason: string;
  };
}

let forge: Forge;
let folder: string;
let refs: string;
beforeAll(async () => {
  folder = scratchFolder();
  forge = await Forge.make(PROJECT, folder);
  forge.push({ branch: 'feature/x', from: 'main' }, { 'AGENTS.md': 'mine\n', 'a.txt': 'a\n' });
  refs = forge.git('for-each-ref');
});

let temp: string;
const before = process.env['TMPDIR'];
beforeEach(() => {
  temp = scratchFolder();
  process.env['TMPDIR'] = temp;
});
afterEach(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  expect(forge.git('for-each-ref')).toBe(refs);
});

/** The words of a try with an agent that does `shell`; `ci` is the repository's own. */
function words(role: string, shell: string, ci = 'true'): string[] {
  const policy = join(folder, 'operator.yaml');
  writeFileSync(
    policy,
    JSON.stringify({ version: 1, agents: { command: shell, timeout: '60s' }, ci: { command: ci } }),
  );
  return ['agent', 'try', role, '--repo', forge.path, '--policy', policy, '--base', 'main', '--branch', 'feature/x'];
}
const tried = async (role: string, shell: string, ci?: string) => {
  const said = await cli([...words(role, shell, ci), '--json'], folder);
  return { exit: said.exit, shown: onlyJson(said) as Shown };
};

const report = (front: string, body = 'looked at'): string =>
  `mkdir -p "\${GATEHOUSE_ARTEFACT%/*}"; printf -- '---\\n%s\\nattempt: "%s"\\n---\\n%s\\n' '${front}' "$GATEHOUSE_ATTEMPT" '${body}' > "$GATEHOUSE_ARTEFACT"`;
const PAPER =
  'mkdir -p docs/work-items/TRY-1; echo wanted > docs/work-items/TRY-1/01-analysis.md; git add docs; git commit -qm analysis';

test.each([
  ['analyst', 0, PAPER, 'check_analysis_approved', 'pass', /a person approves/],
  [
    'architect',
    0,
    report('architecture_status: DONE'),
    'check_architecture_done',
    'pass',
    /says architecture_status: DONE/,
  ],
  ['architect', 3, 'true', 'check_architecture_done', 'error', /left no docs\/work-items\/TRY-1\/06-architecture\.md/],
  ['developer', 0, 'echo b > b.txt; git add b.txt; git commit -qm b', 'check_ci_green', 'pass', /ended with status 0/],
  ['reviewer', 0, report('verdict: APPROVED'), 'check_review_approved', 'pass', /says verdict: APPROVED/],
  ['reviewer', 1, report('verdict: REJECTED', 'no test'), 'check_review_approved', 'fail', /says verdict: REJECTED/],
  ['tester', 3, 'exit 4', 'check_tests_passed', 'error', /exit status 4/],
  ['deployer', 0, report('staging_status: SUCCESS'), 'check_staging_status', 'pass', /SUCCESS/],
] as const)('a try of the %s that ends with status %i', async (role, exit, shell, check, status, reason) => {
  const { exit: got, shown } = await tried(role, `echo working; ${shell}`);
  expect([got, shown.verdict]).toMatchObject([exit, { check, status, reason: expect.stringMatching(reason) }]);
  expect(shown.prompt).toContain(`You are the ${role}`);
  expect(shown.run?.said).toContain('working');
  expect(readdirSync(temp)).toEqual([]);
});

describe('what is shown', () => {
  test('to a person is the prompt, what was printed, the report and the verdict', async () => {
    const said = await cli(
      words('reviewer', `echo reading; ${report('verdict: REJECTED', 'the test is missing')}`),
      folder,
    );
    for (const part of [
      '== The prompt of the reviewer\n# TRY-1: Try this agent',
      '- `AGENTS.md`',
      '== What it printed\nreading',
      '== 12-review.md\n---\nverdict: REJECTED',
      'the test is missing',
      '== What the branch would have against main\n  AGENTS.md\n  a.txt',
      'FAIL  check_review_approved: 12-review.md says verdict: REJECTED',
      'Nothing of this was kept',
    ])
      expect(said.out).toContain(part);
  });

  test('of a report that nearly opens is what would have', async () => {
    const script = `echo reading; ${report('verdict: approved')}`;
    expect((await cli(words('reviewer', script), folder)).out).toContain(
      'FAIL  check_review_approved: 12-review.md says verdict: approved; only `verdict: APPROVED` opens, to the letter',
    );
    const { exit, shown } = await tried('reviewer', script);
    expect([exit, shown.verdict]).toMatchObject([1, { reason: expect.stringContaining('`verdict: APPROVED`') }]);
  });

  test('of a developer is what its ci says, and what the branch would have', async () => {
    const { exit, shown } = await tried(
      'developer',
      'echo b > b.txt; git add b.txt; git commit -qm b',
      'test ! -e b.txt',
    );
    expect([exit, shown.verdict.status, shown.changed]).toEqual([1, 'fail', ['AGENTS.md', 'a.txt', 'b.txt']]);
  });

  test('holds no secret that the agent wrote or printed', async () => {
    const token = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');
    const said = await cli(
      [...words('reviewer', `echo ${token}; ${report('verdict: REJECTED', token)}`), '--json'],
      folder,
    );
    expect(said.out).not.toContain(token);
  });
});

test.each([
  [
    ['agent', 'try', 'revewer'],
    /no role is called "revewer"; did you mean reviewer\?[\s\S]*gatehouse agent try --help/,
  ],
  [['agent', 'try', 'reviewer', '--stage', 'deploy'], /reviewer works on review, not on deploy/],
  [
    ['agent', 'try', 'reviewer', '--repo', 'FORGE', '--base', 'main', '--branch', 'main'],
    /no agent is configured for reviewer[\s\S]*next: gatehouse agent try reviewer .*--policy/,
  ],
  [
    ['agent', 'try', 'reviewer', '--repo', 'FORGE', '--policy', 'none.yaml'],
    /--policy none\.yaml: there is no such file/,
  ],
  [['agent', 'try', 'reviewer', '--repo', './nowhere'], /no such directory/],
] as const)('%j is refused with the next step', async (line, why) => {
  const said = await cli(
    line.map((word) => word.replace('FORGE', forge.path)),
    folder,
  );
  expect([said.exit, said.out]).toEqual([2, '']);
  expect(said.err).toMatch(why);
});

test('the name of a registered repository stands for its address and its file; its tasks are let be', async () => {
  const file = join(folder, 'registered.yaml');
  writeFileSync(file, JSON.stringify({ version: 1, agents: { command: report('verdict: APPROVED') } }));
  const service = await serviceOn(scratchFolder());
  await registerFull(service, { forge, folder, policy: file, play: () => {} });
  const reach = ['--url', service.url, '--token', ownToken(service)];
  const line = ['agent', 'try', 'reviewer', '--repo', 'app', '--branch', 'feature/x', ...reach, '--json'];
  const said = await cli(line, folder);
  expect([said.exit, (onlyJson(said) as Shown).verdict.status]).toEqual([0, 'pass']);
  expect((await ask(service, '/tasks')).json).toEqual([]);
  mkdirSync(join(folder, 'app'));
  expect((await cli(line, folder)).exit).toBe(0);
  const unknown = await cli(['agent', 'try', 'reviewer', '--repo', 'other', ...reach], folder);
  expect([unknown.exit, unknown.err]).toEqual([
    2,
    expect.stringMatching(/no repository is registered[\s\S]*next: gatehouse repo ls/),
  ]);
});

test('a try that is stopped leaves no file and no process', async () => {
  const marker = `agent-try-${process.pid}`;
  const begun = join(folder, 'begun');
  const stop = new AbortController();
  const hang = `perl -e '$0 = "${marker}"; open(F, ">", "${begun}"); close(F); sleep 600'`;
  const answer = cli(words('developer', hang), folder, stop.signal);
  await until('it works', async () => existsSync(begun));
  stop.abort(new Error('interrupted'));
  expect((await answer).exit).toBe(75);
  expect(await processesNaming(marker)).toEqual([]);
  expect(readdirSync(temp)).toEqual([]);
});
