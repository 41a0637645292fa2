/** What outlives a run, what does not, and that no planted link takes it elsewhere. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type CommitRun, cachePathsFault, type RunRequest } from '@gatehouse/gate-run';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ScratchRepo } from './scratch-repo.ts';

let repo: ScratchRepo;
let commit: string;
let store: string;
beforeAll(() => {
  repo = new ScratchRepo();
  commit = repo.commit({ 'a.txt': 'a\n' });
  store = join(repo.root, 'store');
});
afterAll(() => repo.remove());

const PATHS = ['~/.cache/tool', 'vendor/deps'];

const run = (change: Partial<RunRequest>): Promise<CommitRun> => repo.run(commit, change);

const FILL = 'mkdir -p "$HOME/.cache/tool" vendor/deps && echo one > "$HOME/.cache/tool/x" && echo two > vendor/deps/y';

/** A store that a run filled. */
async function filled(name: string): Promise<string> {
  const into = join(store, name);
  await run({ command: FILL, cache: { paths: PATHS, from: null, into } });
  return into;
}

const textIn = (dir: string, path: string, file: string): string =>
  readFileSync(join(dir, encodeURIComponent(path), file), 'utf8');

test('what a green run leaves is kept as a whole, and is there for the setup of the next one', async () => {
  const from = await filled('green');
  expect(readdirSync(from).sort()).toEqual(PATHS.map(encodeURIComponent).sort());
  const setup = 'cat "$HOME/.cache/tool/x" vendor/deps/y && : > setup-had-it';
  const answer = await run({ setup, command: 'test -e setup-had-it', cache: { paths: PATHS, from, into: null } });
  expect(answer).toMatchObject({ kind: 'ran', run: { outcome: 'green' }, warnings: [] });
  expect(readdirSync(store)).toEqual(['green']);
});

test('a run has a copy: what it writes reaches neither what it came from nor another run', async () => {
  const from = await filled('copied');
  const before = statSync(join(from, encodeURIComponent('~/.cache/tool'), 'x')).ino;
  const command = 'echo poison >> "$HOME/.cache/tool/x"; echo poison > vendor/deps/z; rm vendor/deps/y';
  expect(await run({ command, cache: { paths: PATHS, from, into: null } })).toMatchObject({
    kind: 'ran',
    warnings: [],
  });
  expect(textIn(from, '~/.cache/tool', 'x')).toBe('one\n');
  expect(statSync(join(from, encodeURIComponent('~/.cache/tool'), 'x')).ino).toBe(before);
  expect(readdirSync(join(from, encodeURIComponent('vendor/deps')))).toEqual(['y']);
});

test('nothing is kept of a run that is not green, nor of one that left too much', async () => {
  const into = join(store, 'never');
  await run({ command: `${FILL} && false`, cache: { paths: PATHS, from: null, into } });
  await run({ setup: `${FILL} && false`, cache: { paths: PATHS, from: null, into } });
  const large = 'mkdir -p "$HOME/.cache/tool" && head -c 300000 /dev/zero > "$HOME/.cache/tool/x"';
  expect(await run({ command: large, cache: { paths: PATHS, from: null, into, limitBytes: 200_000 } })).toMatchObject({
    run: { outcome: 'green' },
    warnings: [expect.stringMatching(/^the caches were not kept: \d+ bytes are more than 200000$/)],
  });
  expect(existsSync(into)).toBe(false);
});

describe('a link that a branch planted', () => {
  test('is never followed to what is kept', async () => {
    const outside = mkdtempSync(join(repo.root, 'outside-'));
    mkdirSync(join(outside, 'tool'));
    writeFileSync(join(outside, 'tool/secret'), 'of the service');
    const into = join(store, 'linked');
    const command = `ln -s '${outside}' "$HOME/.cache" && ln -s '${outside}' vendor`;
    expect(await run({ command, cache: { paths: ['~/.cache/tool', 'vendor/tool'], from: null, into } })).toMatchObject({
      kind: 'ran',
      warnings: [],
    });
    expect([existsSync(into), readdirSync(join(outside, 'tool'))]).toEqual([false, ['secret']]);
  });

  test('in the checkout leads no copy out of it', async () => {
    const from = await filled('given');
    const outside = mkdtempSync(join(repo.root, 'outside-'));
    await run({ command: 'true' });
    symlinkSync(outside, join(repo.slotDir, 'vendor'));
    const slot = { kind: 'stands', dir: repo.slotDir, tree: null } as const;
    const answer = await run({ slot, command: 'test -L vendor', cache: { paths: PATHS, from, into: null } });
    expect(answer).toMatchObject({ kind: 'ran', run: { outcome: 'green' }, warnings: [] });
    expect(readdirSync(outside)).toEqual([]);
    rmSync(join(repo.slotDir, 'vendor'));
  });
});

test.each([
  [['~/.npm', 'node_modules', '~/.cache/pip', 'a/b-c_d.e@1+2'], null],
  [[], null],
  ['~/.npm', 'list'],
  [[7], 'plain'],
  [['/etc'], 'plain'],
  [['~'], 'plain'],
  [['~/'], 'plain'],
  [['../x'], 'plain'],
  [['~/../x'], 'plain'],
  [['a/./b'], 'plain'],
  [['a/.git/b'], 'plain'],
  [['a b'], 'plain'],
  [['a\nb'], 'plain'],
  [['a', 'a'], 'twice'],
  [['~/.cache', '~/.cache/pip'], 'twice'],
])('the paths %j are judged: %s', (paths, fault) => {
  expect(cachePathsFault(paths)).toEqual(fault === null ? null : expect.stringContaining(fault));
});
