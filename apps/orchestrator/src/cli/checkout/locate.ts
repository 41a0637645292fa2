/** Finds the two commits a gate is asked about, in a repository of this machine or at an address, and the gate definition of the base. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validateRefName } from '@gatehouse/git';
import { isMeantAsAddress } from '../../forges/address.ts';
import { processEnvironment } from '../../settings.ts';
import { usage } from '../answer.ts';
import type { FoundChoice } from './find-commits.ts';
import {
  type LocatedAnswer,
  type LocateOptions,
  type LocateScene,
  nowhere,
  type SubjectView,
  shell,
} from './located.ts';
import { openCheckout } from './open-checkout.ts';
import { describeUncommitted } from './uncommitted.ts';

export async function locate(options: LocateOptions, scene: LocateScene): Promise<LocatedAnswer> {
  const { repo } = options;
  const local = repo.startsWith('file:///') ? fileURLToPath(repo) : resolve(scene.terminal.cwd, repo);
  const isLocal = existsSync(local);
  if (!isLocal && !isMeantAsAddress(repo)) return nowhere(usage(`--repo ${repo}: there is no such directory`));
  for (const name of [options.branch, options.base]) {
    const problem = name === undefined || (isLocal && isExact(name)) ? null : nameProblem(name);
    if (problem !== null) return nowhere(usage(problem));
  }
  if (isLocal) return locateHere(local, options, scene);
  const { locateRemote } = await import('./locate-remote.ts');
  return locateRemote(options, scene);
}

/** HEAD, an object name or a full name: of a repository on this machine, besides branches. */
function isExact(name: string): boolean {
  const inside = /^refs\/(.+)$/s.exec(name)?.[1];
  if (inside !== undefined) return validateRefName(`x/${inside}`).kind === 'valid';
  return name === 'HEAD' || /^[0-9a-f]{40}$/.test(name);
}

function nameProblem(name: string): string | null {
  const valid = validateRefName(name);
  return valid.kind === 'valid' ? null : `the branch name ${JSON.stringify(name)} cannot be used: ${valid.reason}`;
}

async function locateHere(path: string, options: LocateOptions, scene: LocateScene): Promise<LocatedAnswer> {
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
