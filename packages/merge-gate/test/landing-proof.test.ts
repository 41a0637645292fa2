import { concludeLanding, type LandingProof, proveLanding, type ReportedLanding } from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ScratchRepository } from './scratch-repository.ts';

let scratch: ScratchRepository;
let base: string;
let tested: string;
beforeEach(async () => {
  scratch = await ScratchRepository.open();
  base = scratch.run('rev-parse', 'main');
  tested = scratch.commit('task', { 'a.txt': 'a\n' });
});
afterEach(() => scratch.close());

const prove = (changes: object = {}): ReturnType<typeof proveLanding> =>
  proveLanding({ git: scratch.git, url: scratch.url, main: 'refs/heads/main', base, tested, ...changes });
const main = (): string => scratch.run('ls-remote', scratch.origin, 'refs/heads/main').split('\t')[0] ?? '';
const move = (to: string): void => void scratch.run('push', '--quiet', '--force', 'origin', `${to}:refs/heads/main`);

describe('what main shows', () => {
  test('a commit that main does not hold has not landed, however main has grown', async () => {
    expect(await prove()).toEqual({ kind: 'absent', main: base });
    const other = scratch.commit('main', { 'b.txt': 'b\n' });
    expect(await prove()).toEqual({ kind: 'absent', main: other });
  });

  test('a commit has landed as the head of main, and also below what others landed on top', async () => {
    move(tested);
    expect(await prove()).toEqual({ kind: 'landed', main: tested });
    const onTop = scratch.commit('next', { 'b.txt': 'b\n' }, 'task');
    move(onTop);
    expect(await prove()).toEqual({ kind: 'landed', main: onTop });
  });

  test('the same content as another commit has not landed', async () => {
    move(scratch.commit('twin', { 'a.txt': 'a\n', 'b.txt': 'b\n' }));
    expect(await prove()).toMatchObject({ kind: 'absent' });
  });

  test('a main that lost its base was rewritten, a main that is gone too', async () => {
    const stranger = scratch.run('commit-tree', '-m', 'other', scratch.run('rev-parse', 'main^{tree}'));
    move(stranger);
    expect(await prove()).toEqual({ kind: 'rewritten', main: stranger });
    expect(await prove({ main: 'refs/heads/no-such-main' })).toEqual({ kind: 'rewritten', main: null });
  });

  test('what cannot be read is no proof', async () => {
    const nowhere = await prove({ url: `file://${scratch.root}/nowhere.git` });
    expect(['infra', 'tool-failed']).toContain(nowhere.kind);
    expect((await prove({ tested: 'f'.repeat(40) })).kind).not.toBe('absent');
    for (const name of ['main', 'refs/tags/main', 'refs/heads/', 'refs/heads/a..b'])
      expect(await prove({ main: name })).toEqual({
        kind: 'tool-failed',
        reason: 'main is not named as a branch: refs/heads/…',
      });
    const noMirror = await prove({ url: undefined, git: { gitDir: `${scratch.root}/no-mirror.git` } });
    expect(noMirror).toMatchObject({ reason: expect.stringContaining('read of main') });
    const compared = expect.stringContaining('comparison of main with its base');
    expect(await prove({ base: 'f'.repeat(40) })).toMatchObject({ reason: compared });
    expect(main()).toBe(base);
  });
});

const TOLD: readonly ReportedLanding[] = ['landed', 'refused', 'in-doubt'];
const conclusions: readonly (readonly [string, LandingProof, readonly string[]])[] = [
  ['main holds it', { kind: 'landed', main: 'm' }, ['landed', 'merged-outside', 'landed']],
  ['main lacks it', { kind: 'absent', main: 'm' }, ['frozen', 'not-landed', 'in-doubt']],
  ['main was rewritten', { kind: 'rewritten', main: null }, ['frozen', 'not-landed', 'in-doubt']],
  ['main cannot be read', { kind: 'infra', reason: 'r' }, ['in-doubt', 'in-doubt', 'in-doubt']],
  ['git cannot be used', { kind: 'tool-failed', reason: 'r' }, ['in-doubt', 'in-doubt', 'in-doubt']],
];
test.each(conclusions)('%s: from landed, refused or in doubt, a conclusion is drawn', (_title, proof, expected) => {
  expect(TOLD.map((told) => concludeLanding(told, proof).kind)).toEqual(expected);
  const said = 'reason' in proof ? { reason: proof.reason } : proof.kind === 'landed' ? { main: 'm' } : {};
  for (const told of TOLD) expect(concludeLanding(told, proof)).toMatchObject(said);
});

test('a report that is none leaves in doubt what main does not show', () => {
  const none = 'perhaps' as unknown as ReportedLanding;
  expect(concludeLanding(none, { kind: 'absent', main: 'm' })).toMatchObject({ kind: 'in-doubt' });
  expect(concludeLanding(none, { kind: 'landed', main: 'm' })).toEqual({ kind: 'landed', main: 'm' });
});
