import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKS } from '@gatehouse/stage-engine';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { readSecurityFront } from '../src/checks/read-report.ts';
import { checkNamed, QG_CHECKS } from '../src/checks/registry.ts';
import { inScope } from '../src/policy/switched-off.ts';
import { contextFor } from './check-context.ts';
import { type Change, Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const yaml = (...lines: string[]): Change => ({ 'gatehouse.yaml': `${['version: 1', ...lines].join('\n')}\n` });

describe('the registry', () => {
  test('answers for every check of the stage table, and for no name that an object has by birth', () => {
    expect(Object.keys(QG_CHECKS)).toEqual(Object.keys(CHECKS));
    for (const name of ['constructor', '__proto__', 'toString', '', 'check_everything'])
      expect(checkNamed(name)).toBeNull();
  });
});

describe('a scope list', () => {
  test.each([
    ['*', ['*'], '', true],
    ['* in a list', ['other', '*'], 'self', true],
    ['a list that names it', ['other', 'app'], 'self', true],
    ['a list that does not', ['other', 'apps'], '', false],
    ['an empty list without a self repository', [], '', true],
    ['an empty list when it is the self repository', [], 'app', true],
    ['an empty list when another is', [], 'self', false],
  ])('%s', (_title, scope, self, covers) => {
    expect(inScope('app', scope, self)).toBe(covers);
  });
});

test('what stages say of a tree replaces no run of its tests, unless the operator answers for it', async () => {
  const forge = await Forge.make(PROJECT);
  forge.push({ branch: 'red', from: 'main' }, { broken: '' });
  const operatorFile = join(scratchFolder(), 'operator.yaml');
  const asked = async (policy: string) => {
    writeFileSync(operatorFile, policy);
    const context = await contextFor(forge, 'red', { operatorFile });
    const evidence = {
      key: 'x',
      codeTree: 'x',
      copyOf: async () => ({ kind: 'none', reason: '' }) as const,
      validated: true,
    };
    return QG_CHECKS.check_branch_mergeable({ ...context, evidence });
  };
  expect(await asked('version: 1\nci: { command: "true" }\n')).toMatchObject({ status: 'fail' });
  expect(await asked('version: 1\nci: { command: "true", covers: test }\n')).toMatchObject({
    status: 'pass',
    reason: expect.stringContaining('the operator declared to cover the tests'),
  });
});

describe('a gate that does not ask', () => {
  let forge: Forge;
  beforeAll(async () => {
    forge = await Forge.make(PROJECT);
    forge.push({ branch: 'red', from: 'main' }, { broken: '', untested: '' });
  });
  const GATES = [
    ['check_security_gate', 'ORCH_SECURITY_GATE'],
    ['check_branch_mergeable', 'ORCH_MERGE_GATE'],
    ['check_coverage_gate', 'ORCH_COVERAGE'],
  ] as const;

  test.each(GATES)('%s switched off is a skip that names the setting', async (check, setting) => {
    const context = await contextFor(forge, 'red', { env: { [`${setting}_ENABLED`]: 'false' } });
    expect(await QG_CHECKS[check](context)).toMatchObject({
      status: 'skip',
      reason: expect.stringContaining(`${setting}_ENABLED`),
    });
  });

  test.each(GATES)('%s out of scope is a skip that names the list', async (check, setting) => {
    const context = await contextFor(forge, 'red', { env: { [`${setting}_REPOS`]: 'other' } });
    expect(await QG_CHECKS[check](context)).toMatchObject({
      status: 'skip',
      reason: expect.stringMatching(new RegExp(`app .*${setting}_REPOS`)),
    });
  });

  test('coverage without a command and freshness without one are skips that say so', async () => {
    const bare = await Forge.make({ ...PROJECT, ...yaml('test: { command: sh check.sh }') });
    bare.push({ branch: 'x', from: 'main' }, { 'a.txt': 'a' });
    const context = await contextFor(bare, 'x');
    expect(await QG_CHECKS.check_coverage_gate(context)).toMatchObject({
      status: 'skip',
      reason: expect.stringMatching(/coverage\.command/),
    });
    expect(await QG_CHECKS.check_image_freshness(context)).toMatchObject({
      status: 'skip',
      reason: expect.stringMatching(/freshness/),
    });
  });
});

describe('what decides is the base', () => {
  test('a branch that rewrites its own gate definition is tested as the base says', async () => {
    const forge = await Forge.make(PROJECT);
    const easy = yaml("test: { command: 'true' }", "coverage: { command: 'true' }");
    forge.push({ branch: 'sly', from: 'main' }, { ...easy, broken: '' });
    const verdict = await QG_CHECKS.check_branch_mergeable(await contextFor(forge, 'sly'));
    expect(verdict).toMatchObject({ status: 'fail', findings: [{ rule: 'red-run' }] });
  });

  test("path rules are the base's too: what they cover is not tested, and what a branch adds to them covers nothing", async () => {
    const lines = ['test: { command: sh check.sh }', "rules: [{ paths: ['docs/**'], test: skip }]"];
    const forge = await Forge.make({ ...PROJECT, ...yaml(...lines), broken: '' });
    forge.push({ branch: 'words', from: 'main' }, { 'docs/a.md': 'a' });
    const verdict = await QG_CHECKS.check_branch_mergeable(await contextFor(forge, 'words'));
    expect(verdict).toMatchObject({
      status: 'pass',
      reason: expect.stringMatching(/: no test is asked for; by the rule docs\/\*\*: skip \(1 path\)$/),
    });
    const wider = yaml('test: { command: sh check.sh }', "rules: [{ paths: ['**'], test: skip }]");
    forge.push({ branch: 'sly', from: 'main' }, { ...wider, 'docs/a.md': 'a' });
    const sly = await QG_CHECKS.check_branch_mergeable(await contextFor(forge, 'sly'));
    expect(sly).toMatchObject({ status: 'defer', cause: 'main-broken' });
  });

  test('a repository without a test command is an error with the next step, and never a pass', async () => {
    const forge = await Forge.make({ 'README.md': 'x\n' });
    forge.push({ branch: 'x', from: 'main' }, yaml("test: { command: 'true' }"));
    const verdict = await QG_CHECKS.check_branch_mergeable(await contextFor(forge, 'x'));
    expect(verdict).toMatchObject({
      status: 'error',
      cause: 'tool-failed',
      reason: expect.stringMatching(/gatehouse\.yaml.*test\.command.*main/),
    });
  });

  test('a deadline that the reaper would cut off is an error before anything runs', async () => {
    const forge = await Forge.make(PROJECT);
    forge.push({ branch: 'x', from: 'main' }, { 'a.txt': 'a' });
    const context = await contextFor(forge, 'x', { env: { ORCH_REAPER_MAX_RUNNING_S: '30' } });
    expect(await QG_CHECKS.check_branch_mergeable(context)).toMatchObject({ status: 'error', cause: 'tool-failed' });
  });
});

describe('the security check', () => {
  let forge: Forge;
  beforeAll(async () => {
    forge = await Forge.make(PROJECT);
    forge.push({ branch: 'good', from: 'main' }, { 'a.txt': 'a' });
    const token = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');
    forge.push({ branch: 'leak', from: 'main' }, { key: `${token}\n` });
  });
  const REPORT = '17-security-report.md';

  test('says loudly that without a feed no dependency was audited', async () => {
    const verdict = await QG_CHECKS.check_security_gate(await contextFor(forge, 'good'));
    expect(verdict).toMatchObject({ status: 'pass', artefact: REPORT });
    expect(verdict.warnings.join()).toContain('ORCH_SECURITY_DEP_FEED_URL');
  });

  test('believes no report that lay there before it, whatever it says', async () => {
    const other = await contextFor(forge, 'good');
    await QG_CHECKS.check_security_gate(other);
    const passed = readFileSync(join(other.workspace.reportsDir, REPORT), 'utf8');
    const planted = await contextFor(forge, 'leak');
    writeFileSync(join(planted.workspace.reportsDir, REPORT), passed);
    expect(await QG_CHECKS.check_security_gate(planted)).toMatchObject({ status: 'error', cause: 'tool-failed' });
    const linked = await contextFor(forge, 'leak');
    symlinkSync(join(other.workspace.reportsDir, REPORT), join(linked.workspace.reportsDir, REPORT));
    expect(await QG_CHECKS.check_security_gate(linked)).toMatchObject({ status: 'error', cause: 'tool-failed' });
    expect(readFileSync(join(other.workspace.reportsDir, REPORT), 'utf8')).toBe(passed);
  });

  test('a report that was edited on disk cannot be read back', async () => {
    const context = await contextFor(forge, 'leak');
    expect(await QG_CHECKS.check_security_gate(context)).toMatchObject({ status: 'fail' });
    const path = join(context.workspace.reportsDir, REPORT);
    expect(await readSecurityFront(path)).toEqual({ status: 'FAIL', head: context.subject.head });
    const honest = readFileSync(path, 'utf8');
    const edits: readonly ((text: string) => string)[] = [
      (text) => text.replace('security_status: FAIL', 'security_status: pass'),
      (text) => text.replace('security_status: FAIL', 'security_status: PASS\nsecurity_status: FAIL'),
      (text) => text.replace('security_status: FAIL', 'security_status: PASS\nextra: 1'),
      (text) => text.replace('security_status: FAIL\n', ''),
      (text) => `\ufeff${text}`,
      (text) => text.slice(0, 40),
      () => '',
    ];
    for (const edit of edits) {
      const edited = edit(honest);
      expect(edited).not.toBe(honest);
      writeFileSync(path, edited);
      expect([edited.slice(0, 60), await readSecurityFront(path)]).toEqual([edited.slice(0, 60), null]);
    }
    expect(await readSecurityFront(join(scratchFolder(), REPORT))).toBeNull();
  });
});

describe('the coverage check', () => {
  test('coverage that cannot be measured passes loudly, or is an error when the operator says so', async () => {
    const forge = await Forge.make({ ...PROJECT, 'cover.sh': 'exit 0\n' });
    forge.push({ branch: 'x', from: 'main' }, { 'a.txt': 'a' });
    const open = await QG_CHECKS.check_coverage_gate(await contextFor(forge, 'x'));
    expect(open.status).toBe('pass');
    expect(open.warnings.join()).toContain('coverage_unknown');
    const closed = await contextFor(forge, 'x', { env: { ORCH_COVERAGE_FAIL_CLOSED: 'true' } });
    expect((await QG_CHECKS.check_coverage_gate(closed)).status).toBe('error');
  });

  test('a floor of the settings blocks what is below it', async () => {
    const forge = await Forge.make(PROJECT);
    forge.push({ branch: 'x', from: 'main' }, { untested: '' });
    const context = await contextFor(forge, 'x', { env: { ORCH_COVERAGE_MIN: '90' } });
    const absolute = {
      ...context,
      policy: { ...context.policy, coverage: { ...context.policy.coverage, mode: 'both' } },
    };
    const verdict = await QG_CHECKS.check_coverage_gate(absolute as typeof context);
    expect(verdict).toMatchObject({ status: 'fail', artefact: '18-coverage-report.md' });
  });
});

describe('the freshness check', () => {
  const asked = async (freshness: string, staging = '') => {
    const folder = scratchFolder();
    const forge = await Forge.make(PROJECT, folder);
    forge.push({ branch: 'x', from: 'main' }, { 'a.txt': 'a' });
    const operatorFile = join(folder, 'operator.yaml');
    const deploy = { freshness: freshness.replaceAll('@', folder), staging: staging.replaceAll('@', folder) };
    writeFileSync(operatorFile, JSON.stringify({ version: 1, deploy }));
    const context = await contextFor(forge, 'x', { operatorFile });
    return { folder, head: forge.head('x'), verdict: await QG_CHECKS.check_image_freshness(context) };
  };

  test('exit 0 passes, and the command receives the commit that is meant', async () => {
    const { folder, head, verdict } = await asked('echo "$GATEHOUSE_TESTED_SHA" > "@/asked"');
    expect(verdict.status).toBe('pass');
    expect(readFileSync(join(folder, 'asked'), 'utf8').trim()).toBe(head);
  });

  test('exit 10 deploys to staging once and asks once more', async () => {
    const { folder, verdict } = await asked(
      'echo asked >> "@/log"; [ -e "@/staged" ] || exit 10',
      'echo staged >> "@/log"; touch "@/staged"',
    );
    expect(verdict.status).toBe('pass');
    expect(readFileSync(join(folder, 'log'), 'utf8').trim().split('\n')).toEqual(['asked', 'staged', 'asked']);
  });

  test('stale without a staging command, stale for ever and broken never pass', async () => {
    expect((await asked('exit 10')).verdict).toMatchObject({
      status: 'error',
      reason: expect.stringMatching(/deploy\.staging/),
    });
    expect((await asked('exit 10', 'true')).verdict).toMatchObject({ status: 'defer', cause: 'infra' });
    expect((await asked('exit 1')).verdict).toMatchObject({ status: 'defer', cause: 'infra' });
    expect((await asked('exit 10', 'exit 4')).verdict).toMatchObject({
      status: 'defer',
      reason: expect.stringMatching(/deploy\.staging.*exit 4/),
    });
  });
});
