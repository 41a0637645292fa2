/** What of a report counts for a commit of a repository: `gatehouse coverage read FILE --repo DIR`. */
import { realpath } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { formatShare, placeOnCommit, type ReadReport } from '@gatehouse/coverage-gate';
import { nameInCheckout, readCheckout } from '@gatehouse/git';
import { describeCrash } from '@gatehouse/verdict';
import { describeGitFailure } from '../../platform/describe-git-failure.ts';
import { visibleLine } from '../../platform/visible-text.ts';
import { type Answer, failure, type Terminal, usage } from '../answer.ts';

export interface PlaceOptions {
  readonly repo?: string;
  readonly commit?: string;
}

export type PlacedView =
  | { readonly kind: 'placed'; readonly json: Readonly<Record<string, unknown>>; readonly text: readonly string[] }
  | { readonly kind: 'nowhere'; readonly answer: Answer };

const nowhere = (answer: Answer): PlacedView => ({ kind: 'nowhere', answer });

/** Nothing is run and nothing in the repository is changed. */
export async function placedView(
  { path, report }: { readonly path: string; readonly report: ReadReport },
  { repo = '.', commit: name = 'HEAD' }: PlaceOptions,
  { cwd, signal }: Terminal,
): Promise<PlacedView> {
  const folder = resolve(cwd, repo);
  const checkout = await readCheckout({ path: folder, signal });
  if (checkout.kind === 'crashed') return nowhere(failure(describeCrash(checkout)));
  if (checkout.kind === 'git-failed') return nowhere(failure(`--repo ${repo}: ${describeGitFailure(checkout)}`));
  if (checkout.kind === 'refused') return nowhere(usage(`--repo ${repo}: ${checkout.reason}`));
  const found = await nameInCheckout({ repo: checkout, name, signal });
  if (found.kind !== 'found') return nowhere(usage(`--commit ${name}: no commit has this name in ${repo}`));
  const root = checkout.gitDir.endsWith('/.git') ? dirname(checkout.gitDir) : folder;
  const inside = relative(root, dirname(await realpath(path)));
  const placed = await placeOnCommit({
    git: checkout,
    commit: found.sha,
    report,
    roots: [...new Set([root, folder])],
    ...(inside.startsWith('..') ? {} : { folder: inside }),
    signal,
  });
  if (placed.kind === 'crashed') return nowhere(failure(describeCrash(placed)));
  if (placed.kind === 'git-failed') return nowhere(failure(describeGitFailure(placed)));
  const { covered, total, placing, notes } = placed;
  const { unplaced, foreign, stale } = placing;
  const json = { commit: found.sha, files: placing.placed.files, covered, total, unplaced, foreign, stale };
  const files = placing.placed.files === 1 ? '1 file' : `${placing.placed.files} files`;
  const head = `of commit ${found.sha.slice(0, 12)}: ${formatShare({ covered, total })} of the lines, in ${files}`;
  return { kind: 'placed', json, text: [head, ...notes.map(visibleLine)] };
}
