/**
 * What a suite expects around its files and a checkout does not have by itself: the content of submodules and of LFS
 * pointers, and what a tool says that it did not find. A run that failed without it says nothing about the change, and nothing
 * about main. Pure; see find-surroundings.ts.
 */
import type { CommandRun } from '@gatehouse/gate-run';
import { missingBySigns } from './surroundings-signs.ts';
import type { BrokenMainCertificate, MergeVerdict } from './verdict.ts';

/** Paths that stand in the tree and hold nothing, or a pointer, in the checkout. */
export interface MissingSurroundings {
  /** Gitlinks whose directories are empty. */
  readonly submodules: readonly string[];
  /** Files that hold an LFS pointer in place of their content. */
  readonly pointers: readonly string[];
}

export const NOTHING_MISSING: MissingSurroundings = { submodules: [], pointers: [] };

/** True when the suite had all that its tree names. */
export const isWhole = ({ submodules, pointers }: MissingSurroundings): boolean =>
  submodules.length + pointers.length === 0;

const LISTED = 5;

/** One sentence with the next step. Paths are the branch's own words: control characters are shown as `?`. */
export function surroundingsWords({ submodules, pointers }: MissingSurroundings): string {
  const parts: string[] = [];
  if (submodules.length > 0)
    parts.push(
      `submodules are not checked out (${listed(submodules)}): let test.submodules or test.setup fetch them, for example with \`git submodule update --init --recursive\``,
    );
  if (pointers.length > 0) {
    const files = pointers.length === 1 ? '1 file is an LFS pointer' : `${pointers.length} files are LFS pointers`;
    parts.push(`${files}, not content (${listed(pointers)}): let test.setup fetch them`);
  }
  return parts.join('; ');
}

function listed(paths: readonly string[]): string {
  const more = paths.length > LISTED ? ` and ${paths.length - LISTED} more` : '';
  return `${paths.slice(0, LISTED).map(shown).join(', ')}${more}`;
}

const shown = (path: string): string => path.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '?').slice(0, 200);

/** What `tested` misses and `base` does not even name: the branch brought it. */
export function addedBy(tested: MissingSurroundings, base: MissingSurroundings): MissingSurroundings {
  const [links, files] = [new Set(base.submodules), new Set(base.pointers)];
  return {
    submodules: tested.submodules.filter((path) => !links.has(path)),
    pointers: tested.pointers.filter((path) => !files.has(path)),
  };
}

/** What was missing in the checkouts of the two commits. */
export interface AskedSurroundings {
  readonly base: MissingSurroundings;
  readonly tested: MissingSurroundings;
}

/** The commits whose surroundings have a say in a verdict; null where none has. */
export function commitsInQuestion(verdict: MergeVerdict): { readonly base: string; readonly tested: string } | null {
  switch (verdict.kind) {
    case 'main-broken':
    case 'red': {
      const { base, tested } = verdict.certificate;
      return { base, tested };
    }
    case 'infra':
    case 'tool-failed':
      return verdict.run === undefined ? null : { base: verdict.run.commit, tested: verdict.run.commit };
    default:
      return null;
  }
}

/**
 * The verdict in the light of what was missing. Main is not called broken, and no branch is blamed for what it brought, where
 * the suite may have failed for want of it; every other answer names it.
 */
export function judgeSurroundings<Verdict extends MergeVerdict>(
  verdict: Verdict,
  { base, tested }: AskedSurroundings,
): MergeVerdict | Verdict {
  switch (verdict.kind) {
    case 'main-broken': {
      const { baseRun } = verdict.certificate;
      const missing = isWhole(base) ? missingBySigns(baseRun.excerpt ?? '') : surroundingsWords(base);
      return missing === null ? verdict : unprovided(failedOnMain(verdict.certificate), missing, baseRun);
    }
    case 'red': {
      const added = addedBy(tested, base);
      if (!isWhole(added)) return unprovided(BROUGHT, surroundingsWords(added), verdict.certificate.second);
      if (isWhole(tested)) return verdict;
      return { kind: 'red', certificate: { ...verdict.certificate, surroundings: surroundingsWords(tested) } };
    }
    case 'infra':
    case 'tool-failed':
      return isWhole(tested) ? verdict : { ...verdict, reason: `${verdict.reason}; ${surroundingsWords(tested)}` };
    default:
      return verdict;
  }
}

const failedOnMain = ({ baseRun }: BrokenMainCertificate): string =>
  `${baseRun.purpose === 'setup' ? 'the setup command fails' : 'the tests fail'} on main as well`;

const BROUGHT = 'red with the branch, which adds what its tests may need';

const unprovided = (what: string, missing: string, run: CommandRun): MergeVerdict => ({
  kind: 'tool-failed',
  reason: `${what}, but ${missing}`,
  run,
});
