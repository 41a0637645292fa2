/** The two commits in a repository of this machine, and the gate definition of the base. */
import { processEnvironment } from '../../platform/process-environment.ts';
import type { FoundChoice } from './find-commits.ts';
import { type LocatedAnswer, type LocateOptions, type LocateScene, type SubjectView, shell } from './located.ts';
import { openCheckout } from './open-checkout.ts';
import { describeUncommitted } from './uncommitted.ts';

export async function locateHere(path: string, options: LocateOptions, scene: LocateScene): Promise<LocatedAnswer> {
  const { terminal, directory } = scene;
  const say = (line: string): void =>
    line.endsWith(' …') ? terminal.progress?.step({ what: line.slice(0, -2) }) : terminal.progress?.note(line);
  const opened = await openCheckout({
    ...{ shown: options.repo, path, directory, say },
    wish: { branch: options.branch, base: options.base, mainAlone: options.mainAlone === true },
    mayFetch: options.fetch === true,
    env: processEnvironment(),
    signal: terminal.signal,
  });
  if (opened.kind === 'nowhere') return opened;
  const { branch, base, ci, names, git, hasFetched } = opened;
  // Only now: the scanner takes long to load.
  const { maskWords } = await import('../../platform/mask-words.ts');
  // Reports are kept by CI systems: a secret in the name of a branch stands in none of them.
  const of = async ({ name, sha, from, ref }: FoundChoice) => ({
    name: await maskWords(inRepository(name, ref)),
    sha,
    from,
  });
  const view = { branch: await of(branch), base: await of(base), ci, fetched: hasFetched };
  const isPlain = branch.from === '--branch' && base.from === '--base';
  const by = ci === null ? '' : `${ci.system} ${ci.event}: `;
  if (options.mainAlone === true) say(inWords(view.base));
  else if (!isPlain) say(`${by}${inWords(view.branch)} onto ${inWords(view.base)}`);
  const uncommitted =
    options.mainAlone === true
      ? null
      : await describeUncommitted({
          path,
          checkout: opened.checkout,
          judged: branch.sha,
          signal: terminal.signal,
        });
  if (uncommitted !== null) say(uncommitted);
  const subject = { ...shell(), branch: names.branch, main: names.base, base: base.sha, head: branch.sha };
  return { kind: 'located', git, subject, view };
}

/** `origin/main` where that, and no branch of its own, was meant. */
const inRepository = (name: string, ref: string | null): string =>
  ref?.replace(/^refs\/(?:heads|remotes)\//, '') ?? name;

const inWords = ({ name, sha, from }: SubjectView['base']): string => `${name} at ${sha.slice(0, 12)} (${from})`;
