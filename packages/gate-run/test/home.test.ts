/** What setup and command share besides the checkout, and what is left of it: nothing. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { type CommitRun, checkoutOfHome, type RunRequest, removeHomes } from '@gatehouse/gate-run';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ScratchRepo } from './scratch-repo.ts';

let repo: ScratchRepo;
let commit: string;
beforeAll(() => {
  repo = new ScratchRepo();
  commit = repo.commit({ 'a.txt': 'a\n' });
});
afterAll(() => repo.remove());

const run = (change: Partial<RunRequest>): Promise<CommitRun> => repo.run(commit, change);

async function said(change: Partial<RunRequest>): Promise<string> {
  const answer = await run(change);
  if (answer.kind !== 'ran' || answer.run.outcome !== 'green') throw new Error(JSON.stringify(answer));
  return answer.output.trim();
}

const beside = (): readonly string[] => readdirSync(repo.root).filter((name) => checkoutOfHome(name) !== null);

describe('the HOME of a run', () => {
  test('lives from setup to command, beside the checkout and not in it', async () => {
    const setup = 'mkdir -p "$HOME/.cache/x" && echo made > "$HOME/.cache/x/y" && echo made > "$TMPDIR/z"';
    const home = await said({
      setup,
      command: 'cat "$HOME/.cache/x/y" "$TMPDIR/z" && echo "$HOME" && git status --porcelain',
    });
    const [one, two, path = ''] = home.split('\n');
    expect([one, two, dirname(path)]).toEqual(['made', 'made', repo.root]);
    expect(path).not.toBe(homedir());
    expect(beside()).toEqual([]);
  });

  test('is another one in the next run, and empty, with a TMPDIR alike', async () => {
    const command = 'ls -A "$HOME" "$TMPDIR"; : > "$HOME/left"; : > "$TMPDIR/left"; echo "$HOME $TMPDIR"';
    const [first, second] = [await said({ command }), await said({ command })];
    const paths = (text: string) => text.split('\n').at(-1) ?? '';
    expect(paths(first)).not.toBe(paths(second));
    expect([first, second].map((text) => text.includes('left'))).toEqual([false, false]);
    expect(
      paths(first)
        .split(' ')
        .map((path) => existsSync(path)),
    ).toEqual([false, false]);
  });

  test('is the one that the request sets, where it sets one', async () => {
    expect(await said({ command: 'echo "$HOME"', env: { set: { HOME: '/nonexistent' } } })).toBe('/nonexistent');
  });

  test('is gone after a setup that fails, a deadline and a refusal', async () => {
    const write = ': > "$HOME/x"';
    expect((await run({ setup: `${write}; exit 1` })).kind).toBe('setup-failed');
    expect(await run({ command: `${write}; sleep 600`, timeoutMs: 300, graceMs: 0 })).toMatchObject({
      run: { ending: 'timed-out' },
    });
    expect((await run({ setup: write, prepare: async () => 'no' })).kind).toBe('refused');
    expect(beside()).toEqual([]);
  });

  test('is removed whatever was planted in it, and nothing that a link points to is', async () => {
    const outside = mkdtempSync(join(repo.root, 'outside-'));
    writeFileSync(join(outside, 'precious'), 'kept');
    mkdirSync(join(outside, 'closed'), { mode: 0o500 });
    const command = [
      'cd "$HOME"',
      'mkdir -p cache/deep && : > cache/deep/file && chmod 500 cache/deep cache',
      `ln -s '${outside}' out && ln -s '${outside}/closed' cache-of && ln -s / root && ln -s nowhere dangling`,
      'mkfifo pipe',
      `python3 -c 'import os
for _ in range(60):
  os.mkdir("d" * 100)
  os.chdir("d" * 100)'`,
    ].join(' && ');
    await said({ command });
    expect(beside()).toEqual([]);
    expect(readFileSync(join(outside, 'precious'), 'utf8')).toBe('kept');
    expect(lstatSync(join(outside, 'closed')).mode & 0o777).toBe(0o500);
  });
});

describe('what a killed process left', () => {
  test('is found by the path of its checkout, and that of another checkout stays', async () => {
    const plant = (dir: string): readonly string[] => {
      const script = `const { makeHome } = await import(process.argv[1]);
        const made = await makeHome(process.argv[2]);
        process.stdout.write(made.home.home + '\\n' + made.home.temp);
        process.kill(process.pid, 'SIGKILL');`;
      const from = new URL('../src/adapters/private-home.ts', import.meta.url).href;
      const node = ['--conditions=gatehouse:src', '--input-type=module', '-e', script, from, dir];
      try {
        execFileSync(process.execPath, node, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
      } catch (killed) {
        return (killed as { readonly stdout: string }).stdout.split('\n');
      }
      throw new Error('the process was not killed');
    };
    const dead = plant(join(repo.root, '12-1'));
    const other = plant(join(repo.root, '12-10'));
    expect([...dead, ...other].map((path) => existsSync(path))).toEqual([true, true, true, true]);
    expect(await removeHomes(join(repo.root, '12-1'))).toEqual([]);
    expect([...dead, ...other].map((path) => existsSync(path))).toEqual([false, false, true, true]);
    expect(await removeHomes(join(repo.root, '12-10'))).toEqual([]);
  });

  test('tells its checkout by its name, and no other name does', () => {
    expect(checkoutOfHome('gatehouse-home-12-1-aB3xYz')).toBe('12-1');
    for (const name of ['12-1', '12-1.git', 'gatehouse-home-', 'gatehouse-home--', 'gatehouse-home-12-1'])
      expect(checkoutOfHome(name)).toBeNull();
  });

  test('that is a link is removed, and what it points to stays', async () => {
    const outside = mkdtempSync(join(repo.root, 'outside-'));
    writeFileSync(join(outside, 'precious'), 'kept');
    symlinkSync(outside, join(repo.root, 'gatehouse-home-13-1-aaaaaa'));
    await removeHomes(join(repo.root, '13-1'));
    expect([existsSync(join(repo.root, 'gatehouse-home-13-1-aaaaaa')), existsSync(join(outside, 'precious'))]).toEqual([
      false,
      true,
    ]);
    rmSync(outside, { recursive: true });
  });
});

describe('what a suite expects of a HOME', () => {
  test('programs that the setup installs for one user are found, after those of the host', async () => {
    const places = ['.local/bin', '.cargo/bin', 'go/bin'];
    const install = (place: string, name: string) =>
      `mkdir -p ~/${place} && printf '#!/bin/sh\\necho ${place}\\n' > ~/${place}/${name} && chmod +x ~/${place}/${name}`;
    const setup = [...places.map((place, at) => install(place, `of-setup-${at}`)), install('.local/bin', 'git')].join(
      ' && ',
    );
    expect(
      await said({ setup, command: 'of-setup-0; of-setup-1; of-setup-2; git rev-parse --is-inside-work-tree' }),
    ).toBe([...places, 'true'].join('\n'));
  });

  test('a commit has a name, unless repository or policy give another one', async () => {
    const author = 'git -C x commit -q --allow-empty -m a && git -C x log -1 --format=%an%ae';
    const command = `git init -q x && ${author} && git -C x config user.name own && ${author}`;
    expect(await said({ command })).toBe('Gatehousegatehouse@localhost\nowngatehouse@localhost');
  });

  test('a PATH that the policy sets is the whole one', async () => {
    const PATH = '/usr/bin:/bin';
    expect(await said({ command: 'echo "$PATH"', env: { set: { PATH } } })).toBe(PATH);
  });
});
