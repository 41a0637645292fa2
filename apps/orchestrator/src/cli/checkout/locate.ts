/** Finds the two commits a gate is asked about, in a repository of this machine or at an address, and the gate definition of the base. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GitRepo, validateRefName } from '@gatehouse/git';
import type { CheckSubject } from '../../checks/port.ts';
import { isMeantAsAddress } from '../../forges/address.ts';
import { fetchHeads } from '../../forges/git-remote.ts';
import { judgeRegistration } from '../../forges/registration.ts';
import { remoteOf } from '../../forges/remote-of.ts';
import { processEnvironment, type Settings } from '../../settings.ts';
import { mirrorsIn } from '../../workspace/mirrors.ts';
import { type Answer, failure, type Terminal, usage } from '../answer.ts';
import { DEFAULT_BASE } from './choose-names.ts';
import type { FoundChoice } from './find-commits.ts';
import { describeUnknown } from './missing-history.ts';
import { openCheckout } from './open-checkout.ts';
import { describeUncommitted } from './uncommitted.ts';

export interface LocateOptions {
  readonly repo: string;
  readonly branch?: string;
  readonly base?: string;
  readonly fetch?: boolean;
  readonly credential?: string;
}

/** How the two commits were chosen; part of `--json`, names frozen. */
export interface SubjectView {
  readonly branch: { readonly name: string; readonly sha: string; readonly from: string };
  readonly base: { readonly name: string; readonly sha: string; readonly from: string };
  readonly ci: { readonly system: string; readonly event: string } | null;
  readonly fetched: boolean;
}

export interface Located {
  readonly git: GitRepo;
  readonly subject: CheckSubject;
  readonly view: SubjectView;
}

export type LocatedAnswer =
  | ({ readonly kind: 'located' } & Located)
  | { readonly kind: 'nowhere'; readonly answer: Answer };

/** What a place is located with besides its options; `directory` is private and removed by the caller. */
export interface LocateScene {
  readonly directory: string;
  readonly settings: Settings;
  readonly terminal: Terminal;
}

const nowhere = (answer: Answer): LocatedAnswer => ({ kind: 'nowhere', answer });

export async function locate(options: LocateOptions, scene: LocateScene): Promise<LocatedAnswer> {
  const { repo } = options;
  const local = repo.startsWith('file:///') ? fileURLToPath(repo) : resolve(scene.terminal.cwd, repo);
  const isLocal = existsSync(local);
  if (!isLocal && !isMeantAsAddress(repo)) return nowhere(usage(`--repo ${repo}: there is no such directory`));
  for (const name of [options.branch, options.base]) {
    const problem = name === undefined || (isLocal && isExact(name)) ? null : nameProblem(name);
    if (problem !== null) return nowhere(usage(problem));
  }
  return isLocal ? locateHere(local, options, scene) : locateRemote(options, scene);
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
    wish: { branch: options.branch, base: options.base },
    mayFetch: options.fetch === true,
    env: processEnvironment(),
    signal: terminal.signal,
  });
  if (opened.kind === 'nowhere') return opened;
  const { branch, base, ci, names, git, hasFetched } = opened;
  const of = ({ name, sha, from, ref }: FoundChoice) => ({ name: inRepository(name, ref), sha, from });
  const view = { branch: of(branch), base: of(base), ci, fetched: hasFetched };
  const isPlain = branch.from === '--branch' && base.from === '--base';
  const by = ci === null ? '' : `${ci.system} ${ci.event}: `;
  if (!isPlain) say(`${by}${inWords(view.branch)} onto ${inWords(view.base)}`);
  const uncommitted = await describeUncommitted({
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

const shell = () => ({ repo: 'shell', holder: `shell-${process.pid}` });

async function locateRemote(options: LocateOptions, scene: LocateScene): Promise<LocatedAnswer> {
  const { repo: url, branch, credential } = options;
  const wished = options.base ?? DEFAULT_BASE;
  const { directory, settings, terminal } = scene;
  if (branch === undefined) return nowhere(usage('an address has nothing checked out; pass --branch'));
  const judged = judgeRegistration({ url, credential }, settings);
  if (judged.kind === 'refused') return nowhere(usage(`--repo: ${judged.reason}; ${judged.next}`));
  terminal.progress?.step({ what: `fetching ${url}` });
  const remote = remoteOf({ ...judged, credentials: settings.credentials });
  const mirrors = mirrorsIn(directory, () => ({ fetch: (request) => fetchHeads(remote, request) }));
  const mirror = await mirrors.refresh({ id: 'shell', ...judged, main: wished }, terminal.signal);
  // Ctrl-C leaves a fetch behind, which would go on in a directory that is being removed.
  await mirrors.close();
  if (mirror.kind !== 'fresh') return nowhere(failure(`${url} cannot be read: ${mirror.reason}`));
  const isOlder = options.base === undefined && mirror.heads[wished] === undefined && 'master' in mirror.heads;
  const main = isOlder ? 'master' : wished;
  const base = mirror.heads[main];
  const head = mirror.heads[branch];
  const known = Object.keys(mirror.heads);
  if (base === undefined)
    return nowhere(usage(describeUnknown(url, main, { known, next: 'pass another with --base' })));
  if (head === undefined) return nowhere(usage(describeUnknown(url, branch, { known, next: 'push it first' })));
  const view = {
    branch: { name: branch, sha: head, from: '--branch' },
    base: { name: main, sha: base, from: options.base === undefined ? 'default' : '--base' },
    ci: null,
    fetched: true,
  };
  return { kind: 'located', git: mirror.git, subject: { ...shell(), branch, main, base, head }, view };
}
