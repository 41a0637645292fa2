import { readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import {
  catchUp,
  checkoutSlot,
  collectGarbage,
  expireTested,
  type GitRepo,
  openMirror,
  rebaseOnto,
  removeSlot,
  resolveCommit,
} from '@gatehouse/git';
import { LeaseProof } from '@gatehouse/verdict';
import { describe, expect, test } from '@jest/globals';
import { git, Planted } from './planted-repository.ts';

const proof = new LeaseProof('repo', 'test', 1);
const committer = { name: 'Gatehouse', email: 'gate@example.test' };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Fixture {
  readonly planted: Planted;
  readonly repo: GitRepo;
  readonly dir: string;
  readonly base: string;
  /** The results of three branches. */
  readonly tested: readonly string[];
}

async function fixture(): Promise<Fixture> {
  const planted = new Planted();
  const root = planted.commit({ a: '1' });
  const heads = ['one', 'two', 'three'].map((name) => {
    planted.branch(name, root).commit({ [name]: '1' });
    return planted.commit({ [name]: '2' });
  });
  const base = planted.on('main').commit({ a: '2' });
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  const { repo } = opened;
  const dir = join(planted.root, 'slot');
  const tested: string[] = [];
  for (const head of heads) {
    const answer = await catchUp({ repo, dir, base, head, mode: 'rebase', committer });
    if (answer.kind !== 'caught-up' || answer.path !== 'fast') throw new Error(JSON.stringify(answer));
    tested.push(answer.tested);
  }
  return { planted, repo, dir, base, tested };
}

const inMirror = (repo: GitRepo, ...args: string[]): string => git('/', `--git-dir=${repo.gitDir}`, ...args);

const results = (repo: GitRepo): string[] =>
  inMirror(repo, 'for-each-ref', '--format=%(objectname)', 'refs/gatehouse/tested').split('\n').filter(Boolean);

/** Makes every object of a mirror a month old. */
function age({ gitDir }: GitRepo): void {
  const then = (Date.now() - 30 * DAY_MS) / 1000;
  for (const entry of readdirSync(join(gitDir, 'objects'), { recursive: true, withFileTypes: true }))
    if (entry.isFile()) utimesSync(join(entry.parentPath, entry.name), then, then);
}

const there = async (repo: GitRepo, sha: string): Promise<boolean> =>
  (await resolveCommit({ repo, ref: sha })).kind === 'found';

describe('results of catch-ups', () => {
  test('expire by age, save those that a slot holds or a task waits for', async () => {
    const { repo, dir, tested } = await fixture();
    const [one = '', two = '', three = ''] = tested;
    await checkoutSlot({ repo, dir, commit: one });
    const request = { repo, keep: [two], olderThanMs: DAY_MS };
    expect(await expireTested(request)).toEqual({ kind: 'expired', removed: [], kept: 3 });
    const later = { ...request, nowMs: Date.now() + 2 * DAY_MS };
    expect(await expireTested(later)).toEqual({ kind: 'expired', removed: [three], kept: 2 });
    expect(results(repo).sort()).toEqual([one, two].sort());
    await removeSlot({ dir });
    expect(await expireTested({ ...later, keep: [] })).toMatchObject({ removed: expect.arrayContaining([one, two]) });
    expect(results(repo)).toEqual([]);
    expect(await expireTested({ ...later, olderThanMs: 1 })).toMatchObject({ kind: 'crashed' });
  });
});

describe('collecting garbage', () => {
  test('removes what no ref holds, and nothing a branch, a slot, a result or a task needs', async () => {
    const { planted, repo, dir, base, tested } = await fixture();
    const [one = '', two = '', three = ''] = tested;
    await checkoutSlot({ repo, dir, commit: one });
    await expireTested({ repo, keep: [two], olderThanMs: DAY_MS, nowMs: Date.now() + 2 * DAY_MS });
    const waiting = inMirror(repo, 'rev-parse', 'refs/heads/three');
    inMirror(repo, 'update-ref', '-d', 'refs/heads/three');
    const dangling = inMirror(repo, 'fsck', '--no-progress', '--unreachable').split('\n');
    expect(dangling.filter((line) => line.includes('commit')).length).toBeGreaterThanOrEqual(5);
    age(repo);
    const collected = await collectGarbage({ repo, proof, keep: [waiting, 'f'.repeat(40)] });
    expect(collected).toMatchObject({ kind: 'collected', after: { loose: 0, packs: 1 } });
    expect(collected.kind === 'collected' && collected.before.loose).toBeGreaterThan(10);
    expect(await there(repo, three)).toBe(false);
    for (const sha of [base, one, two, waiting]) expect([sha, await there(repo, sha)]).toEqual([sha, true]);
    expect(inMirror(repo, 'fsck', '--strict', '--unreachable')).toBe('');
    expect(git(dir, 'status', '--porcelain')).toBe('');
    const again = await rebaseOnto({ repo, dir, base, head: waiting, mode: 'rebase', committer });
    expect(again).toMatchObject({ kind: 'caught-up', commits: 2 });
    expect(planted.git('rev-parse', 'three')).toBe(waiting);

    age(repo);
    await collectGarbage({ repo, proof, keep: [] });
    expect(await there(repo, waiting)).toBe(false);
  });

  test('leaves young objects alone, and an old one that is written again is young', async () => {
    const { planted, repo, dir, tested } = await fixture();
    const unreachable = (): string[] =>
      [...inMirror(repo, 'fsck', '--unreachable').matchAll(/unreachable commit (\w+)/g)].map(([, sha = '']) => sha);
    const before = unreachable();
    expect(before).toHaveLength(3);
    expect(await collectGarbage({ repo, proof })).toMatchObject({ kind: 'collected' });
    expect(unreachable().sort()).toEqual([...before].sort());
    age(repo);
    const head = inMirror(repo, 'rev-parse', 'refs/heads/one');
    const base = planted.git('rev-parse', 'main');
    await catchUp({ repo, dir, base, head, mode: 'rebase', committer });
    const isYoung = (sha: string): boolean =>
      statSync(join(repo.gitDir, 'objects', sha.slice(0, 2), sha.slice(2))).mtimeMs > Date.now() - HOUR_MS;
    expect(before.filter(isYoung)).toHaveLength(1);
    await collectGarbage({ repo, proof });
    expect(unreachable()).toEqual(before.filter((sha) => unreachable().includes(sha)));
    expect(unreachable()).toHaveLength(1);
    for (const sha of tested) expect(await there(repo, sha)).toBe(true);
  });

  test('needs the lease, and reports a mirror that is being locked', async () => {
    const { repo, tested } = await fixture();
    const forged = { repo: 'repo', holder: 'x', token: 1 } as unknown as LeaseProof;
    age(repo);
    expect(await collectGarbage({ repo, proof: forged })).toMatchObject({ kind: 'refused' });
    expect(await collectGarbage({ repo, proof, olderThanMs: 0 })).toMatchObject({ kind: 'crashed' });
    expect(await collectGarbage({ repo: { gitDir: '/nowhere' }, proof })).toMatchObject({ kind: 'git-failed' });
    expect(results(repo)).toHaveLength(tested.length);
  });
});
