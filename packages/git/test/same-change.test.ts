/** What becomes of a commit whose change main has: applied again, dropped, left out, or the author's to settle. */
import { join } from 'node:path';
import { catchUp, type GitRepo, openMirror, rebaseOnto } from '@gatehouse/git';
import { describe, expect, test } from '@jest/globals';
import { git, Planted } from './planted-repository.ts';

const committer = { name: 'Gatehouse', email: 'gate@example.test' };
const LINES = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];

/** The file with some lines replaced, by number from 1. */
const text = (changed: Readonly<Record<number, string>> = {}): string =>
  LINES.map((line, at) => `${changed[at + 1] ?? line}\n`).join('');

interface Scene {
  readonly planted: Planted;
  /** Cherry-picks a commit of the branch onto main. */
  readonly pick: (commit: string) => void;
  readonly revert: (...commits: string[]) => void;
  readonly amendMain: (file: string, content: string | null) => void;
}

interface Outcome {
  readonly answer: Awaited<ReturnType<typeof catchUp>>;
  readonly repo: GitRepo;
  /** A file of what would land; null when there is none. */
  readonly file: (path: string) => string | null;
}

/** The branch makes one commit for each entry of `side`; `main` then acts, and both are combined in both ways. */
async function combine(
  side: readonly Record<string, string | null>[],
  main: (scene: Scene, commits: readonly string[]) => void,
  mode: 'rebase' | 'merge' = 'rebase',
): Promise<Outcome> {
  const planted = new Planted();
  planted.commit({ f: text(), g: 'g\n', other: '0\n' });
  planted.branch('side');
  const commits = side.map((files, at) => planted.commit(files, `side ${at}`));
  planted.on('main').commit({ other: '1\n' }, 'main goes on');
  const scene: Scene = {
    planted,
    pick: (commit) => void planted.git('cherry-pick', commit),
    revert: (...names) => void planted.git('revert', '--no-edit', ...names),
    amendMain: (file, content) => void planted.commit({ [file]: content }, 'main changes it'),
  };
  main(scene, commits);
  const base = planted.git('rev-parse', 'main');
  const head = planted.git('rev-parse', 'side');
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  const { repo } = opened;
  const request = { repo, dir: join(planted.root, 'slot'), base, head, mode, committer } as const;
  const answer = await catchUp(request);
  if ('path' in answer && answer.path === 'fast') {
    const { kind, tree } = answer as { kind: string; tree?: string };
    expect(await rebaseOnto(request)).toMatchObject({ kind, ...(tree === undefined ? {} : { tree }) });
  }
  const file = (path: string): string | null => {
    if (answer.kind !== 'caught-up') return null;
    const listed = git(repo.gitDir, '--git-dir=.', 'ls-tree', '--name-only', answer.tested, path);
    return listed === ''
      ? null
      : `${git(repo.gitDir, '--git-dir=.', 'cat-file', 'blob', `${answer.tested}:${path}`)}\n`;
  };
  return { answer, repo, file };
}

const FEATURE = { f: text({ 4: 'FOUR' }) };

describe('a commit whose change main has', () => {
  test('is dropped where main still has it', async () => {
    const { answer } = await combine([FEATURE], ({ pick }, [feature = '']) => pick(feature));
    expect(answer).toMatchObject({ kind: 'caught-up', commits: 0, path: 'fast' });
  });

  test('lands where main took it back', async () => {
    const { answer, file } = await combine([FEATURE], ({ pick, revert }, [feature = '']) => {
      pick(feature);
      revert('HEAD');
    });
    expect(answer).toMatchObject({ kind: 'caught-up', commits: 1, path: 'fast' });
    expect(file('f')).toBe(FEATURE.f);
  });

  test('is dropped where main took it back and brought it in again', async () => {
    const { answer, file } = await combine([FEATURE], ({ pick, revert }, [feature = '']) => {
      pick(feature);
      revert('HEAD');
      revert('HEAD');
    });
    expect(answer).toMatchObject({ kind: 'caught-up', commits: 0 });
    expect(file('f')).toBe(FEATURE.f);
  });

  test('is left out, and nothing else, where it conflicts with what main made of it', async () => {
    const improved = text({ 4: 'FOUR, better' });
    const { answer, file } = await combine([{ g: 'G\n' }, FEATURE, { h: 'h\n' }], ({ pick, amendMain }, commits) => {
      pick(commits[1] ?? '');
      amendMain('f', improved);
    });
    expect(answer).toMatchObject({ kind: 'caught-up', commits: 2, path: 'work-tree', why: 'conflict' });
    expect(answer).toHaveProperty('leftOut', [expect.stringMatching(/^[0-9a-f]{40}$/)]);
    expect([file('f'), file('g'), file('h')]).toEqual([improved, 'G\n', 'h\n']);
  });

  test('is left out twice over, and then nothing remains', async () => {
    const { answer } = await combine([FEATURE, { g: 'G\n' }], ({ pick, amendMain }, [first = '', second = '']) => {
      pick(first);
      pick(second);
      amendMain('f', text({ 4: 'FOUR, better' }));
      amendMain('g', 'GG\n');
    });
    expect(answer).toMatchObject({ kind: 'caught-up', commits: 0, leftOut: [expect.anything(), expect.anything()] });
  });

  const RETAKEN = text({ 4: 'quite another four' });
  test.each<[string, (scene: Scene, feature: string) => void]>([
    [
      'took it back and changed the place since',
      ({ pick, revert, amendMain }, feature) => {
        pick(feature);
        revert('HEAD');
        amendMain('f', RETAKEN);
      },
    ],
    [
      'took it back among other things, in another surrounding',
      ({ planted, pick, amendMain }, feature) => {
        pick(feature);
        amendMain('f', text({ 4: 'FOUR', 6: 'SIX' }));
        planted.commit({ f: text({ 6: 'SIX' }), g: 'reverted with it\n' }, 'back to before');
        amendMain('f', text({ 4: 'quite another four', 6: 'SIX' }));
      },
    ],
    [
      'brought it in a second time and took that back',
      ({ pick, revert, amendMain }, feature) => {
        pick(feature);
        revert('HEAD');
        revert('HEAD');
        revert('HEAD');
        amendMain('f', RETAKEN);
      },
    ],
  ])('stays a conflict where main %s', async (_, main) => {
    const { answer } = await combine([FEATURE], (scene, [feature = '']) => main(scene, feature));
    expect(answer).toMatchObject({ kind: 'conflicted', paths: ['f'] });
  });

  test('is left out where main took it back, brought it in again and improved it', async () => {
    const { answer } = await combine([FEATURE, { h: 'h\n' }], ({ pick, revert, amendMain }, [feature = '']) => {
      pick(feature);
      revert('HEAD');
      revert('HEAD');
      amendMain('f', text({ 4: 'FOUR, better' }));
    });
    expect(answer).toMatchObject({ kind: 'caught-up', commits: 1, leftOut: [expect.anything()] });
  });

  test.each<[string, string | null, string]>([
    ['a new file', null, 'content\n'],
    ['bytes', '\0old', '\0new'],
  ])('is known again as %s', async (_, before, after) => {
    const outcome = await combine([{ n: after }], ({ planted, pick, revert, amendMain }, [feature = '']) => {
      if (before !== null) {
        planted.git('checkout', '-q', 'side');
        planted.git('reset', '-q', '--hard', 'main');
        planted.commit({ n: before });
        planted.git('branch', '-qf', 'main', 'HEAD');
        feature = planted.commit({ n: after });
        planted.on('main').commit({ other: '2\n' });
      }
      pick(feature);
      revert('HEAD');
      amendMain('n', '\0third\n');
    });
    expect(outcome.answer).toMatchObject({ kind: 'conflicted', paths: ['n'] });
  });
});

test('a change that cannot be read back stays a conflict; a git that is not there is no answer', async () => {
  const planted = new Planted();
  planted.commit({ f: text(), other: '0\n' });
  planted.branch('side');
  const head = planted.commit(FEATURE);
  planted.on('main').commit({ other: '1\n' });
  planted.git('cherry-pick', head);
  const base = planted.commit({ f: text({ 4: 'FOUR, better' }) });
  const opened = await openMirror({ dir: join(planted.root, 'mirror'), url: planted.dir });
  if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
  const request = {
    repo: opened.repo,
    dir: join(planted.root, 'slot'),
    base,
    head,
    mode: 'rebase',
    committer,
  } as const;
  const failing = (end: string): string => planted.script(`case "$*" in *--cherry-mark*) ${end};; esac; exec git "$@"`);
  const large = planted.script('case "$*" in *"log --no-merges"*) exit 129;; esac; exec git "$@"');
  expect(await rebaseOnto({ ...request, gitPath: large })).toEqual({ kind: 'conflicted', paths: ['f'] });
  expect(await rebaseOnto({ ...request, gitPath: failing('kill -9 $$') })).toMatchObject({ trouble: 'killed' });
  expect(await rebaseOnto(request)).toMatchObject({ kind: 'caught-up', commits: 0, leftOut: [head] });
});

describe('no commit is taken for one that main has', () => {
  test('when main has several of them as one', async () => {
    const { answer } = await combine([FEATURE, { f: text({ 4: 'FOUR', 5: 'FIVE' }) }], ({ amendMain }) =>
      amendMain('f', text({ 4: 'FOUR!', 5: 'FIVE' })),
    );
    expect(answer).toMatchObject({ kind: 'conflicted', paths: ['f'] });
  });

  test('when main has a part of it: the rest lands', async () => {
    const { answer, file } = await combine([{ ...FEATURE, g: 'G\n' }], ({ amendMain }) => amendMain('f', FEATURE.f));
    expect(answer).toMatchObject({ kind: 'caught-up', commits: 1 });
    expect([file('f'), file('g')]).toEqual([FEATURE.f, 'G\n']);
  });

  test('when it was empty from the start: it stays', async () => {
    const { answer } = await combine([{}], () => {});
    expect(answer).toMatchObject({ kind: 'caught-up', commits: 1, path: 'fast' });
  });
});

test('a change that main took back lands in a merge, too', async () => {
  const { answer, file } = await combine(
    [FEATURE],
    ({ pick, revert }, [feature = '']) => {
      pick(feature);
      revert('HEAD');
    },
    'merge',
  );
  expect(answer).toMatchObject({ kind: 'caught-up', how: 'merged' });
  expect(file('f')).toBe(FEATURE.f);
});

describe('a merge takes no change for two', () => {
  const improved = text({ 4: 'FOUR, better' });

  test.each<[string, boolean, 'rebase' | 'merge']>([
    ['with the mode', false, 'merge'],
    ['of a branch that holds merges', true, 'rebase'],
  ])('%s', async (_, holdsMerges, mode) => {
    const { answer, repo, file } = await combine(
      [FEATURE, { h: 'h\n' }],
      ({ planted, pick, amendMain }, [feature = '', last = '']) => {
        if (holdsMerges) {
          planted.branch('arm', feature).commit({ arm: '1\n' });
          planted.branch('side', last).git('merge', '--quiet', '--no-edit', 'arm');
          planted.on('main');
        }
        pick(feature);
        amendMain('f', improved);
        amendMain('g', 'G\n');
      },
      mode,
    );
    expect(answer).toMatchObject({ kind: 'caught-up', how: 'merged', leftOut: [expect.anything()] });
    expect([file('f'), file('g'), file('h')]).toEqual([improved, 'G\n', 'h\n']);
    const { tested } = answer as { tested: string };
    expect(git(repo.gitDir, '--git-dir=.', 'rev-parse', `${tested}^1`, `${tested}^2`).split('\n')).toEqual([
      git(repo.gitDir, '--git-dir=.', 'rev-parse', 'side'),
      git(repo.gitDir, '--git-dir=.', 'rev-parse', 'main'),
    ]);
  });

  test('that main took back: the conflict stands', async () => {
    const { answer } = await combine(
      [FEATURE],
      ({ pick, revert, amendMain }, [feature = '']) => {
        pick(feature);
        revert('HEAD');
        amendMain('f', text({ 4: 'another four' }));
      },
      'merge',
    );
    expect(answer).toMatchObject({ kind: 'conflicted', paths: ['f'] });
  });
});

describe('the first commits of a branch, squashed by main', () => {
  const first = { f: text({ 4: 'draft' }) };
  const second = { f: text({ 4: 'final' }) };
  const last = { f: text({ 4: 'final', 8: 'last' }), h: 'h\n' };

  test('are left out, and what came later lands on main as it went on', async () => {
    const { answer, file } = await combine([first, second, last], ({ amendMain }) => {
      amendMain('f', text({ 4: 'final' }));
      amendMain('f', text({ 1: 'ONE', 4: 'final' }));
    });
    expect(answer).toMatchObject({
      kind: 'caught-up',
      how: 'rebased',
      commits: 1,
      leftOut: [expect.anything(), expect.anything()],
    });
    expect([file('f'), file('h')]).toEqual([text({ 1: 'ONE', 4: 'final', 8: 'last' }), 'h\n']);
  });

  test.each<[string, (scene: Scene) => void, readonly Record<string, string>[]]>([
    [
      'main took them back',
      ({ amendMain, revert }) => {
        amendMain('f', text({ 4: 'final' }));
        revert('HEAD');
        amendMain('f', text({ 4: 'another' }));
      },
      [first, second, last],
    ],
    [
      'main has a part of them',
      ({ amendMain }) => amendMain('f', text({ 4: 'final' })),
      [first, { ...second, g: 'G\n' }],
    ],
    [
      'what came later conflicts as well',
      ({ amendMain }) => amendMain('f', text({ 4: 'final', 8: 'other' })),
      [first, second, last],
    ],
  ])('%s: the conflict stands', async (_what, main, side) => {
    const { answer } = await combine(side, main);
    expect(answer).toMatchObject({ kind: 'conflicted', paths: ['f'] });
  });
});

test('a branch that has no commit in common with main is unrelated', async () => {
  const { answer } = await combine([], ({ planted }) => {
    planted.git('checkout', '-q', '--orphan', 'alone');
    planted.commit({ e: '1' });
    planted.git('branch', '-qf', 'side', 'alone');
  });
  expect(answer).toEqual({ kind: 'unrelated', path: 'work-tree', why: 'history' });
});
