import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { envExample } from '../src/cli/env-example.ts';
import { parseSettings, SETTINGS } from '../src/settings.ts';

describe('settings', () => {
  test('.env.example is what the table of settings prints', () => {
    expect(readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8')).toBe(envExample());
  });

  test('an empty environment gives the documented defaults', () => {
    const read = parseSettings({});
    if (read.kind !== 'settings') throw new Error(read.problems.join());
    expect(read.warnings).toEqual([]);
    expect(read.settings).toMatchObject({
      server: { host: '127.0.0.1', port: 8787 },
      limits: { gateRuns: 1 },
      merge: { enabled: true, repos: ['*'], retestTimeoutMs: 900_000 },
      coverage: { epsilonPpm: 1000, minPpm: null },
    });
  });

  test('every problem is reported at once, with the name and the value', () => {
    const read = parseSettings({ ORCH_PORT: 'eighty', ORCH_MERGE_GATE_ENABLED: 'maybe' });
    if (read.kind !== 'invalid') throw new Error('accepted');
    expect(read.problems).toHaveLength(2);
    expect(read.problems[0]).toContain('ORCH_PORT');
    expect(read.problems[0]).toContain('eighty');
  });

  test('a mistyped setting is a warning that names the nearest one', () => {
    const read = parseSettings({ ORCH_MERGE_GATE_ENABLE: 'false' });
    expect(read).toMatchObject({ warnings: [expect.stringContaining('ORCH_MERGE_GATE_ENABLED')] });
  });

  test('names of the host are taken without scheme and port only', () => {
    expect(parseSettings({ ORCH_HOST_NAMES: 'Queue.example, queue ,[::1]' })).toMatchObject({
      settings: { server: { hostNames: ['queue.example', 'queue', '[::1]'] } },
    });
    for (const wrong of ['https://queue.example', 'queue.example:443', 'queue.example/', '*', 'a b', '.b'])
      expect([wrong, parseSettings({ ORCH_HOST_NAMES: wrong }).kind]).toEqual([wrong, 'invalid']);
  });

  test('an empty variable counts as unset', () => {
    expect(parseSettings({ ORCH_PORT: '' })).toMatchObject({ settings: { server: { port: 8787 } } });
  });

  test('whatever the environment holds, the answer is a value', () => {
    const names = fc.constantFrom(...Object.keys(SETTINGS));
    fc.assert(
      fc.property(fc.dictionary(names, fc.string({ maxLength: 40 })), (environment) => {
        expect(['settings', 'invalid']).toContain(parseSettings(environment).kind);
      }),
    );
  });
});

test('each setting has a place of its own in the code', () => {
  const paths = Object.values(SETTINGS).map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
  expect(paths.filter((path) => !/^[a-z]+\.[a-zA-Z]+$/.test(path))).toEqual([]);
});

test('a credential has a name and up to three values, and is no unknown setting', () => {
  const parsed = parseSettings({
    ORCH_CREDENTIAL_WORK: 'token-of-work\n',
    ORCH_CREDENTIAL_WORK_SSH_KEY: '/keys/work',
    ORCH_CREDENTIAL_OTHER_WEBHOOK_SECRET: 'shared',
    ORCH_CREDENTIAL_EMPTY: '',
    ORCH_GITEA_TOKEN: 'token-of-gitea',
  });
  if (parsed.kind !== 'settings') throw new Error(parsed.problems.join());
  expect(parsed.warnings).toEqual([]);
  expect(Object.fromEntries(parsed.settings.credentials)).toEqual({
    gitea: { token: 'token-of-gitea', sshKey: '', webhookSecret: '' },
    work: { token: 'token-of-work', sshKey: '/keys/work', webhookSecret: '' },
    other: { token: '', sshKey: '', webhookSecret: 'shared' },
  });
});
