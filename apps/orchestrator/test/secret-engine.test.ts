/** gitleaks as a setting: used where it is, required where it is to be, and part of what a verdict depends on. */
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { engineNames, secretEngineFor } from '../src/checks/secret-engine.ts';
import { checkSecurityGate, configDigest } from '../src/checks/security-check.ts';
import { doctorCommand } from '../src/cli/doctor-command.ts';
import { contextFor } from './check-context.ts';
import { settingsFrom } from './live-gatehouse.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';
import { testWhole } from './tool-tests.ts';

let forge: Forge;
beforeAll(async () => {
  forge = await Forge.make(PROJECT);
  forge.push({ branch: 'clean', from: 'main' }, { 'a.txt': 'a\n' });
});

/** Answers as gitleaks does of a batch in which it finds its canary alone. */
function quiet(): string {
  const path = join(scratchFolder(), 'gitleaks');
  const report = '[{"RuleID":"gatehouse-canary","Secret":"x","File":"in/canary"}]';
  writeFileSync(
    path,
    `#!/bin/sh\n[ "$1" = version ] && echo 8.30.1 && exit 0\necho '${report}' > report.json\nexit 77\n`,
  );
  chmodSync(path, 0o755);
  return path;
}

const ABSENT = '/no/such/gitleaks';
const env = (command: string, more: Readonly<Record<string, string>> = {}) => ({
  ORCH_SECURITY_GITLEAKS: command,
  ...more,
});

describe('gitleaks', () => {
  test('beside the embedded engine lets a clean branch pass', async () => {
    const verdict = await checkSecurityGate(await contextFor(forge, 'clean', { env: env(quiet()) }));
    expect(verdict).toMatchObject({ status: 'pass' });
  });

  test('that is required and is not there is an error, and nobody is at fault', async () => {
    const required = env(ABSENT, { ORCH_SECURITY_REQUIRE_ENGINE: 'gitleaks' });
    const verdict = await checkSecurityGate(await contextFor(forge, 'clean', { env: required }));
    expect(verdict).toMatchObject({
      status: 'error',
      cause: 'tool-failed',
      reason: expect.stringContaining('gitleaks is required'),
    });
    const there = env(quiet(), { ORCH_SECURITY_REQUIRE_ENGINE: 'gitleaks' });
    expect(await checkSecurityGate(await contextFor(forge, 'clean', { env: there }))).toMatchObject({ status: 'pass' });
  });

  test('that is not there, or off, is missed by nobody who does not require it', async () => {
    for (const command of [ABSENT, 'off'])
      expect(await checkSecurityGate(await contextFor(forge, 'clean', { env: env(command) }))).toMatchObject({
        status: 'pass',
      });
  });

  test('changes what an earlier pass is worth', async () => {
    const command = quiet();
    const [without, beside] = [
      await contextFor(forge, 'clean', { env: env('off') }),
      await contextFor(forge, 'clean', { env: env(command) }),
    ];
    await secretEngineFor(beside.settings);
    expect(configDigest(beside)).not.toBe(configDigest(without));
    expect(engineNames(beside.settings)).toEqual([
      'secretlint 13.0.7',
      expect.stringMatching(/^gatehouse rules \d+$/),
      'gitleaks 8.30.1',
      'required: ',
    ]);
  });

  test('is a row of doctor', async () => {
    const told = async (more: Readonly<Record<string, string>>) => {
      const answer = await doctorCommand(
        settingsFrom({ ORCH_DATA_DIR: scratchFolder(), ORCH_ISOLATION: 'none', ...more }),
        { warnings: [], store: false },
      );
      return (answer.json as { checks: { name: string; status: string; detail: string }[] }).checks.find(
        ({ name }) => name === 'secret engines',
      );
    };
    expect(await told(env(quiet()))).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining('gitleaks 8.30.1'),
    });
    expect(await told(env('off'))).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining('gitleaks is not used'),
    });
    expect(await told(env(ABSENT, { ORCH_SECURITY_REQUIRE_ENGINE: 'gitleaks' }))).toMatchObject({ status: 'bad' });
  });
});

// Some seconds for the whole history.
testWhole('gitleaks finds nothing in the history of this repository but what its .gitleaks.toml allows', () => {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const args = ['git', '.', '--no-banner', '--redact', '--log-level', 'error'];
  expect(spawnSync('gitleaks', args, { cwd: root, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});
