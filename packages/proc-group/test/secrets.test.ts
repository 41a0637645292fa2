import { existsSync } from 'node:fs';
import { outputText } from '@gatehouse/proc-group';
import { describe, expect, test } from '@jest/globals';
import { isRoot, needsRoot, nobody, readOr, sh, testIf } from './trees.ts';

const TRY = `cat /proc/${process.pid}/environ >/dev/null 2>&1 && echo readable || echo closed`;

/** What every command has, and what a shell adds. */
const BASE: readonly string[] = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'CI', 'PWD', '_', 'SHLVL', 'OLDPWD'];

describe('the environment', () => {
  test('holds the base, what is allowed and what is set, and nothing else', async () => {
    process.env['GH_TEST_PLAIN'] = 'p';
    process.env['GH_TEST_OTHER'] = 'o';
    const run = await sh('env', { env: { allow: ['GH_TEST_PLAIN', 'GH_ABSENT'], set: { ADDED: 'a b' } } });
    const names = outputText(run.stdout)
      .split('\n')
      .map((line) => line.split('=')[0])
      .filter((name) => name !== '');
    expect(outputText(run.stdout)).toContain('ADDED=a b\n');
    expect(names).toContain('GH_TEST_PLAIN');
    expect(names).not.toContain('GH_TEST_OTHER');
    expect(names.filter((name) => ![...BASE, 'GH_TEST_PLAIN', 'ADDED'].includes(name ?? ''))).toEqual([]);
  });

  test('more of a PATH stands behind the inherited one, and nowhere beside one that is set', async () => {
    const path = async (set: Record<string, string>) =>
      outputText((await sh('echo "$PATH"', { env: { set, morePath: ['/more/a', '/more/b'] } })).stdout).trim();
    expect(await path({})).toBe(`${process.env['PATH']}:/more/a:/more/b`);
    expect(await path({ PATH: '/usr/bin:/bin' })).toBe('/usr/bin:/bin');
  });

  test('a name or a value that resembles a secret is denied even when it is allowed', async () => {
    const secrets = {
      GITHUB_TOKEN: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
      DB_PASSWORD: 'x',
      NPM_AUTH: 'x',
      API_KEY: 'x',
      ORCH_NOTIFY_WEBHOOK_URL: 'x',
      NODE_TEST_CONTEXT: 'child',
      PROXY: 'http://me:pw@host/',
    };
    Object.assign(process.env, secrets, { KEYBOARD: 'qwertz' });
    const run = await sh('env', { env: { allow: [...Object.keys(secrets), 'KEYBOARD'] } });
    for (const name of Object.keys(secrets)) {
      expect(outputText(run.stdout)).not.toContain(`${name}=`);
      delete process.env[name];
    }
    expect(outputText(run.stdout)).toContain('KEYBOARD=qwertz');
  });

  test('HOME is a private directory that is gone after the run', async () => {
    const run = await sh('touch "$HOME/x"; ls -ld "$HOME" | cut -c1-10; echo "$HOME"');
    const [mode, home] = outputText(run.stdout).trim().split('\n');
    expect(mode).toBe('drwx------');
    expect(existsSync(home ?? '/')).toBe(false);
  });
});

describe('secretsReadable says what a command can really read', () => {
  testIf(process.platform === 'linux', 'only Linux has /proc')(
    'as the same user the environment of the orchestrator is open',
    async () => {
      const run = await sh(TRY, { containment: 'cookie' });
      expect([run.secretsReadable, outputText(run.stdout)]).toEqual([true, 'readable\n']);
    },
  );

  testIf(isRoot, needsRoot)('as another user it is closed', async () => {
    const run = await sh(TRY, { runAs: nobody });
    expect([run.secretsReadable, outputText(run.stdout)]).toEqual([false, 'closed\n']);
  });

  testIf(isRoot, needsRoot)('in a namespace it is not there', async () => {
    const run = await sh('cat /proc/[0-9]*/environ; echo; ls -d /proc/[0-9]*', { containment: 'namespace' });
    expect(run).toMatchObject({ kind: 'exited', level: 'namespace', secretsReadable: false });
    const own = readOr('/proc/self/environ', '').split('\0');
    const kept = own.filter((entry) => entry.length > 20 && !BASE.includes(entry.split('=')[0] ?? ''));
    expect(kept.filter((entry) => outputText(run.stdout).includes(entry))).toEqual([]);
    expect(outputText(run.stdout)).toContain('/proc/1\n');
    expect(outputText(run.stdout).match(/^\/proc\/\d+$/gm)?.length).toBeLessThan(8);
  });
});
