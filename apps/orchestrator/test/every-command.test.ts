/**
 * What holds for one command of the service holds for each of them: the kill-switch, the reaper's limit, a record. They were
 * once five ways to run a command, and each of these was true of some.
 */

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandRun } from '@gatehouse/gate-run';
import { describe, expect, test } from '@jest/globals';
import { classifyFault } from '../src/breakers/report.ts';
import type { CheckContext } from '../src/checks/port.ts';
import { QG_CHECKS } from '../src/checks/registry.ts';
import { defer } from '../src/checks/verdicts.ts';
import { silentLog } from '../src/platform/logger.ts';
import { contextFor } from './check-context.ts';
import { approveWhenAsked, askFor, fullProfile, GOOD, registerFull } from './full-profile.ts';
import { ask, atRest, serviceOn, taskOf, until } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { testWhole } from './tool-tests.ts';

const COVERAGE = 'coverage: { command: sh cover.sh, report: coverage/lcov.info }';

/** Every command that a task of the profile full meets, in order of the stages. */
const ALL = [
  'analyst',
  'architect (architecture)',
  'ci',
  'coverage',
  'deployer (deploy)',
  'deployer (deploy-staging)',
  'developer',
  'freshness',
  'reviewer (review)',
  'tester (testing)',
  'branch',
];

/** The operator's file for commands that record their arguments and environment. */
const DEPLOYING = (folder: string): readonly string[] => [
  COVERAGE,
  'deploy:',
  `  staging: touch ${join(folder, 'staged')}`,
  `  production: touch ${join(folder, 'deployed')}`,
  `  freshness: test -e ${join(folder, 'staged')}`,
];

async function ranToItsEnd(env: Readonly<Record<string, string>>) {
  const full = await fullProfile(GOOD, DEPLOYING);
  const service = await serviceOn(full.folder, env);
  await registerFull(service, full);
  const id = await askFor(service);
  await approveWhenAsked(service, id);
  const task = await atRest(service, id);
  return { task, full, service, id, runs: await service.context.store.commandRuns({ taskId: id }) };
}

test('with the tree-kill switched off every command of a task is a plain spawn, and every one is on record', async () => {
  const { task, runs } = await ranToItsEnd({
    ORCH_SUBPROCESS_TREE_KILL_ENABLED: 'false',
    ORCH_MERGE_RETEST_SKIP_WHEN_CURRENT_ENABLED: 'false',
  });
  expect(task.stage).toBe('done');
  expect([...new Set(runs.map(({ purpose }) => purpose))].sort()).toEqual([...ALL].sort());
  expect(runs.filter(({ level }) => level !== 'plain').map(({ purpose, level }) => `${purpose} at ${level}`)).toEqual(
    [],
  );
});

describe('under a reaper that waits for 30 s', () => {
  const TOO_SHORT = { ORCH_REAPER_MAX_RUNNING_S: '30' };

  test.each([
    ['check_ci_green', 'ci'],
    ['check_branch_mergeable', 'test'],
    ['check_coverage_gate', 'coverage'],
    ['check_image_freshness', 'freshness'],
  ] as const)('%s runs nothing, and says why', async (check, what) => {
    const folder = scratchFolder();
    const ran = join(folder, 'ran');
    const operatorFile = join(folder, 'operator.yaml');
    const touch = `touch ${ran}`;
    const policy = {
      version: 1,
      test: { command: touch, timeout: '60s' },
      ci: { command: touch },
      coverage: { command: touch, report: 'coverage/lcov.info', timeout: '60s' },
      deploy: { freshness: touch },
    };
    writeFileSync(operatorFile, JSON.stringify(policy));
    const forge = await Forge.make(PROJECT, folder);
    forge.push({ branch: 'x', from: 'main' }, { 'a.txt': 'a' });
    const context = await contextFor(forge, 'x', { operatorFile, env: TOO_SHORT });
    const { runs, recording } = recordingIn(context);
    expect(await QG_CHECKS[check](recording)).toMatchObject({
      status: 'error',
      cause: 'tool-failed',
      reason: expect.stringContaining("the reaper's limit of 30000 ms"),
    });
    expect([what, runs, existsSync(ran)]).toEqual([what, [], false]);
  });

  testWhole('no agent begins, and no deployment; the log says so at the start', async () => {
    const full = await fullProfile(GOOD, DEPLOYING);
    const warned: unknown[] = [];
    const log = { ...silentLog, warn: (...values: unknown[]) => void warned.push(values) };
    const service = await serviceOn(full.folder, TOO_SHORT, log);
    expect(JSON.stringify(warned)).toContain("the reaper's limit of 30000 ms");
    await registerFull(service, full);
    const id = await askFor(service);
    await until('the analyst is given up', async () => (await taskOf(service, id)).status === 'blocked');
    expect(await service.context.store.commandRuns({ taskId: id })).toEqual([]);
    expect((await taskOf(service, id)).reason).toContain("the reaper's limit of 30000 ms");
  });
});

/** The same context, whose recorded commands are kept. */
function recordingIn(context: CheckContext) {
  const runs: CommandRun[] = [];
  const record = async (run: CommandRun) => void runs.push(run);
  return { runs, recording: { ...context, ports: { ...context.ports, record } } };
}

test('the three commands of a stale staging are on record, each with how it ended', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT, folder);
  forge.push({ branch: 'x', from: 'main' }, { 'a.txt': 'a' });
  const operatorFile = join(folder, 'operator.yaml');
  const staged = join(folder, 'staged');
  const deploy = { freshness: `test -e ${staged} || exit 10`, staging: `touch ${staged}` };
  writeFileSync(operatorFile, JSON.stringify({ version: 1, deploy }));
  const { runs, recording } = recordingIn(await contextFor(forge, 'x', { operatorFile }));
  expect(await QG_CHECKS.check_image_freshness(recording)).toMatchObject({ status: 'pass' });
  const recorded = runs.map(({ purpose, commit, exitCode, outcome }) => ({ purpose, commit, exitCode, outcome }));
  const commit = forge.head('x');
  expect(recorded).toEqual([
    { purpose: 'freshness', commit, exitCode: 10, outcome: 'red' },
    { purpose: 'staging', commit, exitCode: 0, outcome: 'green' },
    { purpose: 'freshness-again', commit, exitCode: 0, outcome: 'green' },
  ]);
});

testWhole(
  'a stop asks the freshness command, too: what cannot be proven of its end is not said to be proven',
  async () => {
    const full = await fullProfile(GOOD, (folder) => [
      'deploy:',
      `  freshness: touch ${join(folder, 'asked')}; exec sleep 600`,
    ]);
    const service = await serviceOn(full.folder, { ORCH_SUBPROCESS_TREE_KILL_ENABLED: 'false' });
    await registerFull(service, full);
    const id = await askFor(service);
    await approveWhenAsked(service, id);
    await until('staging is asked', async () => existsSync(join(full.folder, 'asked')));
    expect((await ask(service, `/tasks/${id}/stop`, { body: {} })).status).toBeLessThan(300);
    await until('the stop is settled', async () => (await service.context.store.getTask(id))?.cancelledAt !== null);
    const runs = await service.context.store.commandRuns({ taskId: id });
    expect(runs.map(({ purpose }) => purpose)).toContain('freshness');
    expect((await service.context.metrics.tallies()).settled).toMatchObject({ all: 1, unverified: 1 });
  },
);

test('what a freshness command meets opens no breaker: main cannot be asked about a deployment', () => {
  const timedOut = { ending: 'timed-out' } as CommandRun;
  const verdict = defer('infra', 'deploy.freshness ended with timeout');
  const report = { verdict, runs: [timedOut] };
  expect(classifyFault({ step: 'check_image_freshness', ...report })).toBeNull();
  expect(classifyFault({ step: 'check_coverage_gate', ...report })).toMatchObject({
    work: 'coverage',
    trouble: 'timeout',
  });
});
