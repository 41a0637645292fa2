/**
 * What every forge does, on real git. `forge.local.test.ts` runs it on the embedded one; a forge behind an API runs it over
 * the double that its test names.
 */
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FetchAnswer, Forge, LandRequest } from '../src/forges/port.ts';
import { Forge as BareRepository, PROJECT, scratchFolder } from './scratch-forge.ts';

/** How one kind of forge is opened over a bare repository, and what it can do for people. */
export interface ForgeUnderTest {
  readonly name: string;
  open(behind: BareRepository): Promise<Forge>;
  /** A forge that nothing answers for. */
  unreachable(): Promise<Forge>;
  /** Statuses, comments, pull requests, required checks, webhooks. */
  readonly isForPeople: boolean;
}

export function forgeContract({ name, open, unreachable, isForPeople }: ForgeUnderTest): void {
  describe(`a forge: ${name}`, () => {
    let behind: BareRepository;
    let forge: Forge;
    let dir: string;
    let template: BareRepository;
    beforeAll(async () => {
      template = await BareRepository.make(PROJECT);
    });
    beforeEach(async () => {
      behind = template.copy();
      forge = await open(behind);
      dir = join(scratchFolder(), 'mirror.git');
    });

    const fetchIn = (from: Forge, main = 'main'): Promise<FetchAnswer> =>
      from.fetch({ dir, main, timeoutMs: 60_000, signal: new AbortController().signal });
    async function fresh(): Promise<Extract<FetchAnswer, { kind: 'fresh' }>> {
      const answer = await fetchIn(forge);
      if (answer.kind !== 'fresh') throw new Error(answer.reason);
      return answer;
    }
    /** A commit on top of main that only the mirror has. */
    async function commitInMirror(content: string): Promise<{ readonly base: string; readonly commit: string }> {
      const base = behind.head('main');
      const author = template.copy();
      author.git('fetch', '--quiet', behind.path, '+refs/heads/main:refs/heads/main');
      const commit = author.push({ branch: 'work', from: 'main' }, { 'work.txt': content });
      await fresh();
      BareRepository.at(dir).git('fetch', '--quiet', author.path, `${commit}:refs/gatehouse/work/${commit}`);
      return { base, commit };
    }
    const landing = (of: { readonly base: string; readonly commit: string }): LandRequest => ({
      git: { gitDir: dir },
      main: 'main',
      from: of.base,
      commit: of.commit,
      members: [{ branch: 'work', head: of.commit, pullRequest: null }],
    });
    const order = (branch: string, signal = new AbortController().signal) => ({
      git: { gitDir: dir },
      branch,
      main: 'main',
      signal,
    });

    test('has a name, and names its credential without its value', () => {
      expect(forge.name).not.toBe('');
      expect(forge.credential === null || /^[A-Za-z0-9_-]+$/.test(forge.credential)).toBe(true);
    });

    describe('heads', () => {
      test('are those of now: a moved branch moves, a deleted one is gone', async () => {
        behind.push({ branch: 'a', from: 'main' }, { a: '1' });
        behind.push({ branch: 'b', from: 'main' }, { b: '1' });
        const first = await fresh();
        expect({ ...first.heads }).toEqual({
          main: behind.head('main'),
          a: behind.head('a'),
          b: behind.head('b'),
        });
        const moved = behind.push({ branch: 'a' }, { a: '2' });
        behind.deleteBranch('b');
        expect({ ...(await fresh()).heads }).toEqual({ main: behind.head('main'), a: moved });
        expect(BareRepository.at(dir).git('cat-file', '-t', moved)).toBe('commit');
      });

      test('are named even when there is no branch to land on', async () => {
        const answer = await fetchIn(forge, 'mian');
        expect(answer).toMatchObject({ kind: 'fresh', heads: { main: behind.head('main') } });
      });

      test('of a forge that does not answer are unknown, in words', async () => {
        const answer = await fetchIn(await unreachable());
        expect(answer).toMatchObject({ kind: 'unreachable', reason: expect.stringMatching(/\S/) });
      });

      test('that no caller waits for any more are unknown, too', async () => {
        const signal = AbortSignal.abort();
        const answer = await forge.fetch({ dir, main: 'main', timeoutMs: 60_000, signal });
        expect(answer.kind).toBe('unreachable');
      });
    });

    describe('before anything waits', () => {
      test('it can land on a branch that is there', async () => {
        expect(await forge.cannotLand('main')).toBeNull();
      });

      test('it says what is wrong with a branch that is not there, and what to do', async () => {
        expect(await forge.cannotLand('mian')).toEqual({
          reason: expect.stringContaining('no branch mian'),
          next: expect.stringMatching(/\S/),
        });
      });

      test('it says so when nothing answers', async () => {
        expect(await (await unreachable()).cannotLand('main')).toEqual({
          reason: expect.stringMatching(/\S/),
          next: expect.stringMatching(/\S/),
        });
      });
    });

    describe('a landing', () => {
      test('moves main to the very commit, once; the same again is landed', async () => {
        const work = await commitInMirror('one');
        expect(await forge.prepare(landing(work))).toEqual({ kind: 'prepared' });
        expect(behind.head('main')).toBe(work.base);
        expect(await forge.land(landing(work))).toEqual({ kind: 'landed' });
        expect(behind.head('main')).toBe(work.commit);
        expect(await forge.land(landing(work))).toEqual({ kind: 'landed' });
        expect(behind.mainMoves()).toEqual([work.base, work.commit]);
      });

      test('on a main that moved since the test changes nothing', async () => {
        const work = await commitInMirror('one');
        expect(await forge.prepare(landing(work))).toEqual({ kind: 'prepared' });
        const theirs = behind.push({ branch: 'main' }, { 'theirs.txt': 'x' });
        expect(await forge.land(landing(work))).toMatchObject({ kind: 'base-moved' });
        expect(behind.head('main')).toBe(theirs);
      });

      test('is only ever forward: a commit that does not hold main is refused, whatever the base said', async () => {
        const work = await commitInMirror('one');
        const theirs = behind.push({ branch: 'main' }, { 'theirs.txt': 'x' });
        await fresh();
        await forge.prepare(landing({ ...work, base: theirs }));
        expect(await forge.land(landing({ ...work, base: theirs }))).toMatchObject({ kind: 'base-moved' });
        expect(behind.head('main')).toBe(theirs);
      });

      test('of a commit that the mirror does not hold is not prepared', async () => {
        await fresh();
        const work = { base: behind.head('main'), commit: '1'.repeat(40) };
        expect(await forge.prepare(landing(work))).toMatchObject({ kind: 'unprepared' });
        expect(behind.head('main')).toBe(work.base);
      });

      test('is prepared without a change to any branch', async () => {
        const work = await commitInMirror('one');
        const before = behind.git('for-each-ref', 'refs/heads');
        await forge.prepare(landing(work));
        expect(behind.git('for-each-ref', 'refs/heads')).toBe(before);
      });
    });

    describe("a task's branch", () => {
      test('is pushed where it was recorded to be, and nowhere else', async () => {
        const { base, commit } = await commitInMirror('one');
        expect(await forge.pushBranch({ ...order('task'), commit, expected: null })).toEqual({ kind: 'pushed' });
        expect(behind.head('task')).toBe(commit);
        expect(await forge.pushBranch({ ...order('task'), commit, expected: null })).toEqual({ kind: 'pushed' });
        const theirs = behind.push({ branch: 'task' }, { 'theirs.txt': 'x' });
        expect(await forge.pushBranch({ ...order('task'), commit: base, expected: commit })).toEqual({ kind: 'moved' });
        expect(behind.head('task')).toBe(theirs);
      });

      test('is never the one that is landed on', async () => {
        const { base, commit } = await commitInMirror('one');
        expect(await forge.pushBranch({ ...order('main'), commit, expected: base })).toMatchObject({
          kind: 'unpushed',
        });
        expect(await forge.deleteBranch({ ...order('main'), expected: base })).toMatchObject({ kind: 'kept' });
        expect(behind.head('main')).toBe(base);
      });

      test('is deleted at its recorded head; gone already is deleted, moved is kept', async () => {
        const head = behind.push({ branch: 'task', from: 'main' }, { t: '1' });
        await fresh();
        expect(await forge.deleteBranch({ ...order('task'), expected: head })).toEqual({ kind: 'deleted' });
        expect(behind.git('for-each-ref', 'refs/heads/task')).toBe('');
        expect(await forge.deleteBranch({ ...order('task'), expected: head })).toEqual({ kind: 'deleted' });
        const theirs = behind.push({ branch: 'task', from: 'main' }, { t: '2' });
        expect(await forge.deleteBranch({ ...order('task'), expected: head })).toMatchObject({ kind: 'kept' });
        expect(behind.head('task')).toBe(theirs);
      });

      test('stays as it is when no caller waits for the answer any more', async () => {
        const { commit } = await commitInMirror('one');
        const cut = order('task', AbortSignal.abort());
        expect(await forge.pushBranch({ ...cut, commit, expected: null })).toMatchObject({ kind: 'unpushed' });
        expect(behind.git('for-each-ref', 'refs/heads/task')).toBe('');
        const head = behind.push({ branch: 'task', from: 'main' }, { t: '1' });
        expect(await forge.deleteBranch({ ...cut, expected: head })).toMatchObject({ kind: 'unknown' });
        expect(behind.head('task')).toBe(head);
      });
    });

    if (!isForPeople)
      test('says that it has nothing for people, and tries nothing', async () => {
        const commit = behind.head('main');
        const refs = behind.git('for-each-ref');
        const answers = [
          await forge.requiredChecks({ commit, main: 'main' }),
          await forge.setStatus({ commit, state: 'pending', text: 'waits' }),
          await forge.comment({ taskId: 't', pullRequest: 1, text: 'waits' }),
          await forge.pullRequests(),
          await forge.pullRequest(1),
          await forge.comments({ pullRequest: 1, cursor: null }),
          await forge.mayCommand('ada'),
          await forge.finish({ number: 1, branch: 'work', commit, main: 'main' }),
          await forge.inspect('main'),
        ];
        for (const answer of answers)
          expect(answer).toEqual({ kind: 'unsupported', reason: expect.stringMatching(/\S/) });
        expect(behind.git('for-each-ref')).toBe(refs);
      });
  });
}
