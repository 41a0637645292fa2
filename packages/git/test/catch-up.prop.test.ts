/**
 * The quick way of catching up against the work tree on random branches: same trees, same number of commits, same
 * authors and messages, or the same refusal. `GATEHOUSE_CATCH_UP_CASES=1000` makes a soak of it and
 * `GATEHOUSE_CATCH_UP_SEED` repeats one; both are printed.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { catchUp, type GitRepo, importHistory, openMirror, rebaseOnto } from '@gatehouse/git';
import { expect, test } from '@jest/globals';
import { git, scratch } from './planted-repository.ts';
import { Prng, randomBranches } from './random-branches.ts';

/** A third, but where CI demands every tool all of them. */
const USUAL = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1' ? 60 : 8;
const CASES = Number(process.env['GATEHOUSE_CATCH_UP_CASES'] ?? USUAL);
const SEED = Number(process.env['GATEHOUSE_CATCH_UP_SEED'] ?? Date.now() % 1_000_000);
const BATCH = 60;
/** What random branches must have come to, or the comparison compared nothing; the rare ones only in a soak. */
const SHAPES = [
  'fast: rebased',
  'fast: rebased, some dropped',
  'work-tree (conflict): conflicted',
  'fast: merged',
  'fast: current',
  'work-tree (attributes): caught-up',
  'work-tree (merges): caught-up',
  'work-tree (message): caught-up',
  'work-tree (path): caught-up',
  'neither way could answer',
];
const committer = { name: 'Gatehouse', email: 'gate@example.test' };

/** Every commit as its bytes say, without what must differ: its parents' names and the time it was made. */
function story(repo: GitRepo, base: string, tested: string): string[] {
  const run = (args: string[], input = ''): string =>
    execFileSync('git', [`--git-dir=${repo.gitDir}`, ...args], { input, encoding: 'latin1', maxBuffer: 2 ** 26 });
  const names = run(['rev-list', '--topo-order', tested, `^${base}`])
    .split('\n')
    .filter(Boolean);
  return names.map((name) =>
    run(['cat-file', 'commit', name])
      .replace(/^parent [0-9a-f]{40}\n/gm, 'parent\n')
      .replace(/^((?:author|committer) Gatehouse <.*>) \d+ \+0000$/gm, '$1'),
  );
}

interface Case {
  readonly repo: GitRepo;
  readonly dir: string;
  readonly base: string;
  readonly head: string;
  readonly mode: 'rebase' | 'merge';
}

/**
 * What became of a case. An answer of the work tree is not asked for twice: that is the very answer to compare with.
 */
async function compare({ repo, dir, base, head, mode }: Case): Promise<string> {
  const request = { repo, dir, base, head, mode, committer };
  const quick = await catchUp(request);
  if (quick.kind !== 'git-failed' && quick.kind !== 'crashed' && quick.path === 'work-tree')
    return `work-tree (${quick.why}): ${quick.kind}`;
  const slow = await rebaseOnto(request);
  if (quick.kind !== 'caught-up' || slow.kind !== 'caught-up') {
    expect(quick).toMatchObject({ ...slow });
    return quick.kind === 'git-failed' ? 'neither way could answer' : `fast: ${quick.kind}`;
  }
  const { path, ...answer } = quick;
  expect({ ...answer, tested: '' }).toEqual({ ...slow, tested: '' });
  expect(story(repo, base, answer.tested)).toEqual(story(repo, base, slow.tested));
  const had = Number(git(dir, `--git-dir=${repo.gitDir}`, 'rev-list', '--count', head, `^${base}`));
  return `${path}: ${answer.how}${answer.commits < had ? ', some dropped' : ''}`;
}

test(
  `seed ${SEED}: ${CASES} random branches end the same way with and without a work tree`,
  async () => {
    const counts = new Map<string, number>();
    for (let done = 0; done < CASES; done += BATCH) {
      const count = Math.min(BATCH, CASES - done);
      const root = scratch();
      const stream = randomBranches(SEED + done, count);
      const made = await importHistory({ dir: join(root, 'repo'), main: 'main', stream });
      if (made.kind !== 'imported') throw new Error(JSON.stringify(made));
      const opened = await openMirror({ dir: join(root, 'mirror'), url: made.gitDir, main: 'main-0' });
      if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
      const { repo } = opened;
      const heads = new Map(
        git(root, `--git-dir=${repo.gitDir}`, 'for-each-ref', '--format=%(refname:short) %(objectname)', 'refs/heads')
          .split('\n')
          .map((line) => line.split(' ') as [string, string]),
      );
      for (let number = 0; number < count; number += 1) {
        const [base, head] = [heads.get(`main-${number}`), heads.get(`side-${number}`)];
        if (base === undefined || head === undefined) throw new Error(`case ${number} was not made`);
        const mode = new Prng(SEED + done + number).chance(0.15) ? 'merge' : 'rebase';
        const place = { seed: SEED, batch: SEED + done, number, mode, repo: repo.gitDir };
        const outcome = await compare({ repo, dir: join(root, 'slot'), base, head, mode }).catch((error: unknown) => {
          throw new Error(`${JSON.stringify(place)}: ${String(error)}`);
        });
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      }
    }
    const table = [...counts].sort(([, a], [, b]) => b - a).map(([outcome, count]) => `${count}\t${outcome}`);
    console.info(`seed ${SEED}, ${CASES} cases\n${table.join('\n')}`);
    const fired = CASES < 500 ? SHAPES.slice(0, 1) : SHAPES;
    for (const wanted of fired) expect([wanted, counts.get(wanted) ?? 0]).not.toEqual([wanted, 0]);
  },
  120_000 + CASES * 2000,
);
