import { join } from 'node:path';
import type { CommandRun } from '@gatehouse/gate-run';
import { createBaseRunQueue, memoryTests } from '@gatehouse/merge-gate';
import { expect, test } from '@jest/globals';
import { probeMain } from '../src/checks/probe-main.ts';
import type { Workload } from '../src/store/breaker-causes.ts';
import { contextFor } from './check-context.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

/** What a probe of a main with these lines in gatehouse.yaml answers, and which commands it ran. */
async function probe(work: Exclude<Workload, 'forge'>, lines: readonly string[], files = PROJECT) {
  const forge = await Forge.make({ ...files, 'gatehouse.yaml': ['version: 1', ...lines, ''].join('\n') });
  const { git, policy, settings, workspace, subject, signal } = await contextFor(forge, 'main');
  const runs: CommandRun[] = [];
  const slotDir = join(scratchFolder(), 'slot');
  const record = async (run: CommandRun) => void runs.push(run);
  const about = { work, repo: 'app', base: subject.base, git, policy, settings, signal };
  const answer = await probeMain({
    ...about,
    workspace: { ...workspace, slotDir },
    line: createBaseRunQueue(),
    tests: memoryTests(),
    fresh: true,
    record,
  });
  return { ...answer, ran: runs.map(({ purpose, outcome }) => `${purpose} ${outcome}`) };
}

const HANGS = 'sleep 60';
const MISSING = 'no-such-command-here';
const FULL = 'echo "No space left on device" >&2; exit 1';

test.each<[string, Workload & Exclude<Workload, 'forge'>, string, object]>([
  ['green tests', 'test', 'test: { command: sh check.sh, timeout: 60s }', { word: 'green', ran: ['probe green'] }],
  ['red tests', 'test', 'test: { command: "exit 3", timeout: 60s }', { word: 'red', ran: ['probe red'] }],
  ['tests that hang', 'test', `test: { command: ${HANGS}, timeout: 1s }`, { kind: 'trouble', ran: ['probe infra'] }],
  ['a missing tool', 'test', `test: { command: ${MISSING}, timeout: 60s }`, { kind: 'trouble' }],
  ['a setup on a full disk', 'test', `test: { setup: '${FULL}', command: 'true', timeout: 60s }`, { kind: 'trouble' }],
  ['a suite of no tests', 'test', 'test: { command: "echo \'# tests 0\'", timeout: 60s }', { kind: 'told' }],
  ['nothing to test', 'test', 'markers: []', { kind: 'told', word: 'none', ran: [] }],
  ['a linter that is content', 'ci', 'ci: { command: "true" }', { word: 'green', ran: ['probe green'] }],
  ['a linter that is not', 'ci', 'ci: { command: "false" }', { word: 'red' }],
  ['no linter', 'ci', 'markers: []', { kind: 'told', word: 'none', ran: [] }],
  [
    'coverage',
    'coverage',
    'coverage: { command: sh cover.sh, report: coverage/lcov.info, timeout: 60s }',
    { word: 'green' },
  ],
  ['coverage of nothing', 'coverage', 'coverage: { command: "true", report: no.info, timeout: 60s }', { word: 'none' }],
  [
    'coverage that hangs',
    'coverage',
    `coverage: { command: ${HANGS}, report: a.info, timeout: 1s }`,
    { kind: 'trouble' },
  ],
  ['no coverage', 'coverage', 'markers: []', { kind: 'told', word: 'none', ran: [] }],
])('a probe of main with %s', async (_what, work, line, answer) => {
  // Nothing is detected where the definition is silent.
  const { 'check.sh': check = '', 'cover.sh': cover = '' } = PROJECT;
  expect(await probe(work, [line], { 'check.sh': check, 'cover.sh': cover })).toMatchObject(answer);
});
