/**
 * What every forge with people does for them. Each forge runs it over the double that its test names; `PeoplesSide` is what
 * people do and see there, past the adapter.
 */
import { join } from 'node:path';
import type { Faults } from '@gatehouse/doubles';
import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Forge } from '../src/forges/port.ts';
import { Forge as BareRepository, PROJECT, scratchFolder } from './scratch-forge.ts';

/** People: `dev` and `dev2` may write, `outsider` may not; the forge's own user is none of them. */
export interface PeoplesSide {
  readonly faults: Faults;
  open(of: { readonly by: string; readonly branch: string; readonly title: string }): Promise<number>;
  /** By its author. */
  close(pullRequest: number): Promise<void>;
  retitle(pullRequest: number, title: string): Promise<void>;
  label(pullRequest: number, label: string): Promise<void>;
  /** Answers the comment's id. */
  write(pullRequest: number, of: { readonly by: string; readonly text: string }): Promise<number>;
  edit(comment: number, of: { readonly by: string; readonly text: string }): Promise<void>;
  approve(pullRequest: number, by: string): Promise<void>;
  requestChanges(pullRequest: number, by: string): Promise<void>;
  /** Main requires these checks from now on. */
  require(contexts: readonly string[]): Promise<void>;
  report(commit: string, context: string, state: 'pending' | 'success' | 'failure'): Promise<void>;
  /** The adapter's token is that of an administrator, who is told of rights. */
  promote(): Promise<void>;
  statusesOf(
    commit: string,
  ): Promise<readonly { readonly context: string; readonly state: string; readonly text: string }[]>;
  commentsOf(pullRequest: number): Promise<readonly { readonly by: string; readonly text: string }[]>;
  stateOf(pullRequest: number): Promise<'open' | 'closed' | 'merged'>;
  /** Whether the call writes a new comment. */
  isNewComment(call: { readonly method: string; readonly path: string }): boolean;
  /** Whether the call lands by something of the API. */
  isLanding(call: { readonly method: string; readonly path: string }): boolean;
}

export interface PeoplesForge {
  readonly forge: Forge;
  readonly people: PeoplesSide;
}

export interface ForgeWithPeople {
  readonly name: string;
  open(behind: BareRepository): Promise<PeoplesForge>;
}

export function forgePeopleContract({ name, open }: ForgeWithPeople): void {
  describe(`a forge for people: ${name}`, () => {
    let behind: BareRepository;
    let forge: Forge;
    let people: PeoplesSide;
    let head: string;
    let number: number;
    let template: BareRepository;
    beforeAll(async () => {
      template = await BareRepository.make(PROJECT);
      head = template.push({ branch: 'work', from: 'main' }, { 'work.txt': '1' });
    });
    beforeEach(async () => {
      behind = template.copy();
      ({ forge, people } = await open(behind));
      number = await people.open({ by: 'dev', branch: 'work', title: 'adds work' });
    });

    const pullRequest = async () => {
      const answer = await forge.pullRequest(number);
      if (answer.kind !== 'pull-request') throw new Error(JSON.stringify(answer));
      return answer.pullRequest;
    };
    const comments = async (cursor: string | null = null) => {
      const answer = await forge.comments({ pullRequest: number, cursor });
      if (answer.kind !== 'comments') throw new Error(JSON.stringify(answer));
      return answer;
    };
    const landing = (dir: string, base: string) => ({
      git: { gitDir: dir },
      main: 'main',
      from: base,
      commit: head,
      members: [{ branch: 'work', head, pullRequest: number }],
    });
    const mirrored = async (): Promise<string> => {
      const dir = join(scratchFolder(), 'mirror.git');
      const answer = await forge.fetch({ dir, main: 'main', timeoutMs: 60_000, signal: new AbortController().signal });
      expect(answer.kind).toBe('fresh');
      return dir;
    };

    describe('pull requests', () => {
      test('are listed as they are now, and read one by one', async () => {
        await people.label(number, 'queue');
        const expected = {
          number,
          title: 'adds work',
          branch: 'work',
          head,
          base: 'main',
          author: 'dev',
          isDraft: false,
          isFork: false,
          labels: ['queue'],
          state: 'open',
        };
        const listed = await forge.pullRequests();
        expect(listed).toMatchObject({ kind: 'pull-requests', all: [expected] });
        expect(await pullRequest()).toMatchObject(expected);
        const moved = behind.push({ branch: 'work' }, { 'work.txt': '2' });
        await people.close(number);
        expect(await forge.pullRequests()).toEqual({ kind: 'pull-requests', all: [] });
        expect(await pullRequest()).toMatchObject({ state: 'closed', head: moved });
      });

      test('are all listed, page by page', async () => {
        const branches = Array.from({ length: 51 }, (_, at) => `more-${at}`);
        behind.git('fetch', '--quiet', '.', ...branches.map((branch) => `refs/heads/work:refs/heads/${branch}`));
        const numbers = [number];
        for (const branch of branches) numbers.push(await people.open({ by: 'dev', branch, title: branch }));
        const listed = await forge.pullRequests();
        const seen = listed.kind === 'pull-requests' ? listed.all.map((one) => one.number) : [];
        expect(seen.toSorted((a, b) => a - b)).toEqual(numbers);
      });

      test('one that is not there is gone', async () => {
        expect(await forge.pullRequest(9999)).toEqual({ kind: 'gone' });
      });

      test('named as work in progress are drafts', async () => {
        await people.retitle(number, 'WIP: adds work');
        expect((await pullRequest()).isDraft).toBe(true);
      });

      test('are approved at the head that was looked at, and while nobody asks for changes', async () => {
        expect((await pullRequest()).isApproved).toBe(false);
        await people.approve(number, 'dev2');
        expect((await pullRequest()).isApproved).toBe(true);
        behind.push({ branch: 'work' }, { 'work.txt': '2' });
        expect((await pullRequest()).isApproved).toBe(false);
        await people.approve(number, 'dev2');
        await people.requestChanges(number, 'dev2');
        expect((await pullRequest()).isApproved).toBe(false);
      });
    });

    describe('comments of people', () => {
      test('are read once, in order, without ours and without edited ones', async () => {
        await people.write(number, { by: 'dev', text: 'one' });
        const two = await people.write(number, { by: 'dev2', text: 'two' });
        await people.edit(two, { by: 'dev', text: '/gatehouse queue' });
        await forge.comment({ taskId: 't1', pullRequest: number, text: 'waits' });
        const first = await comments();
        expect(first.all).toEqual([{ by: 'dev', text: 'one' }]);
        expect((await comments(first.cursor)).all).toEqual([]);
        await people.write(number, { by: 'dev2', text: '/gatehouse queue' });
        const later = await comments(first.cursor);
        expect(later.all).toEqual([{ by: 'dev2', text: '/gatehouse queue' }]);
        expect((await comments(later.cursor)).all).toEqual([]);
      });
    });

    describe("a task's comment", () => {
      const say = (text: string, taskId = 't1') => forge.comment({ taskId, pullRequest: number, text });
      const ours = async (): Promise<string[]> =>
        (await people.commentsOf(number)).map(({ text }) => text.replace(/<!--.*?-->\s*/, ''));

      test('is written once and then edited', async () => {
        expect(await say('waits')).toEqual({ kind: 'told' });
        expect(await say('runs')).toEqual({ kind: 'told' });
        expect(await say('runs')).toEqual({ kind: 'told' });
        expect(await ours()).toEqual(['runs']);
      });

      test('is one for each task', async () => {
        await say('first', 't1');
        await say('second', 't2');
        expect(await ours()).toEqual(['first', 'second']);
      });

      test.each(['fails-after', 'cut'] as const)(
        'is not doubled when its writing was answered with %s',
        async (kind) => {
          people.faults.plan({ kind, on: (call) => people.isNewComment(call) });
          expect(await say('waits')).toMatchObject({ kind: 'untold' });
          expect(await say('waits')).toEqual({ kind: 'told' });
          expect(await ours()).toEqual(['waits']);
          expect(people.faults.fired.map((fired) => fired.kind)).toEqual([kind]);
        },
      );

      test('is not one of ours that quotes its marker', async () => {
        const quoting = 'a test printed <!-- gatehouse:t1 -->';
        await say(quoting, 't2');
        await say('waits');
        await say('runs');
        expect(await ours()).toEqual([quoting, 'runs']);
      });

      test('is not one of a person who wrote its marker', async () => {
        const theirs = '<!-- gatehouse:t1 -->\nmine';
        await people.write(number, { by: 'dev', text: theirs });
        await say('waits');
        await say('runs');
        const all = await people.commentsOf(number);
        expect(all.filter(({ by }) => by === 'dev').map(({ text }) => text)).toEqual([theirs]);
        expect(await ours()).toEqual(['mine', 'runs']);
      });

      test('at a pull request that is gone is refused for good', async () => {
        expect(await forge.comment({ taskId: 't1', pullRequest: 9999, text: 'waits' })).toMatchObject({
          kind: 'rejected',
        });
      });
    });

    describe("a task's status", () => {
      test('is one, and the last that was said', async () => {
        expect(await forge.setStatus({ commit: head, state: 'pending', text: 'waits' })).toEqual({ kind: 'told' });
        expect(await forge.setStatus({ commit: head, state: 'success', text: 'landed' })).toEqual({ kind: 'told' });
        expect(await people.statusesOf(head)).toEqual([{ context: 'gatehouse', state: 'success', text: 'landed' }]);
      });

      test('of a commit that the forge does not have is refused for good', async () => {
        const nowhere = { commit: '2'.repeat(40), state: 'pending', text: 'waits' } as const;
        expect(await forge.setStatus(nowhere)).toMatchObject({ kind: 'rejected' });
      });
    });

    describe('required checks', () => {
      const checks = () => forge.requiredChecks({ commit: head, main: 'main' });

      test('are green where none are required, whatever was reported', async () => {
        await people.report(head, 'ci/other', 'failure');
        expect(await checks()).toEqual({ kind: 'green' });
      });

      test('pend until they were reported and are over, and are of this very commit', async () => {
        await people.require(['ci/build', 'ci/lint']);
        await people.report(behind.head('main'), 'ci/build', 'success');
        expect(await checks()).toMatchObject({ kind: 'pending', reason: expect.stringContaining('ci/build') });
        await people.report(head, 'ci/build', 'pending');
        await people.report(head, 'ci/lint', 'success');
        expect(await checks()).toMatchObject({ kind: 'pending', reason: expect.stringContaining('ci/build') });
        await people.report(head, 'ci/build', 'success');
        expect(await checks()).toEqual({ kind: 'green' });
      });

      test('are red when one is red, whatever else pends', async () => {
        await people.require(['ci/build', 'ci/lint']);
        await people.report(head, 'ci/lint', 'failure');
        expect(await checks()).toMatchObject({ kind: 'red', reason: expect.stringContaining('ci/lint') });
      });

      test('do not wait for our own status', async () => {
        await people.require(['ci/build']);
        await people.report(head, 'ci/build', 'success');
        await forge.setStatus({ commit: head, state: 'pending', text: 'waits' });
        expect(await checks()).toEqual({ kind: 'green' });
      });

      test('that the forge does not tell are not green', async () => {
        await people.require(['ci/build']);
        people.faults.plan({ kind: 'fails-before', on: () => true, times: 9 });
        expect(await checks()).toMatchObject({ kind: 'unreachable' });
      });
    });

    describe('who may command', () => {
      test('is who may write, where the token is told', async () => {
        await people.promote();
        expect(await forge.mayCommand('dev')).toEqual({ kind: 'may' });
        expect(await forge.mayCommand('outsider')).toEqual({ kind: 'may-not' });
        expect(await forge.mayCommand('nobody-at-all')).toEqual({ kind: 'may-not' });
        expect(await forge.mayCommand('../../user')).toEqual({ kind: 'may-not' });
      });

      test('is not known when nothing answers', async () => {
        people.faults.plan({ kind: 'fails-before', on: () => true, times: 9 });
        expect((await forge.mayCommand('dev')).kind).toBe('unreachable');
      });
    });

    describe('the end', () => {
      const landed = () => ({ number, branch: 'work', commit: head, main: 'main' });

      test('of a landed pull request is merged, and stays so', async () => {
        const base = behind.head('main');
        const order = landing(await mirrored(), base);
        expect(await forge.prepare(order)).toEqual({ kind: 'prepared' });
        expect(await forge.land(order)).toEqual({ kind: 'landed' });
        expect(behind.mainMoves()).toEqual([base, head]);
        expect(await forge.finish(landed())).toEqual({ kind: 'merged' });
        expect(await forge.finish(landed())).toEqual({ kind: 'merged' });
        expect(await people.stateOf(number)).toBe('merged');
        expect((await pullRequest()).state).toBe('merged');
      });

      test('of one that a person closed before is said, and it is left closed', async () => {
        await people.close(number);
        expect(await forge.finish(landed())).toMatchObject({ kind: 'closed' });
        expect(await people.stateOf(number)).toBe('closed');
      });

      test('is not known when nothing answers', async () => {
        people.faults.plan({ kind: 'fails-before', on: () => true, times: 9 });
        expect((await forge.finish(landed())).kind).toBe('unreachable');
      });
    });

    test('an inspection names what is wrong with what to do, and what is right', async () => {
      const findings = await forge.inspect('main');
      if (!Array.isArray(findings)) throw new Error(JSON.stringify(findings));
      expect(findings.length).toBeGreaterThan(2);
      for (const { name: of, detail, status, next } of findings) {
        expect([of, detail]).toEqual([expect.stringMatching(/\S/), expect.stringMatching(/\S/)]);
        expect(next === null).toBe(status === 'ok');
      }
    });
  });
}
