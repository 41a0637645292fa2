/**
 * What the environment of a CI system says of the branch that it runs for and of where that would land. One row per system, with the
 * documentation its variables are taken from. A claim is complete or none: half of one would choose a wrong base in silence.
 */
import { validateRefName } from '@gatehouse/git';
import { parseJson } from '../platform/json.ts';
import type { Environment } from '../platform/process-environment.ts';

/** A commit as a CI system names it. */
export interface Claimed {
  /** The branch as people know it. */
  readonly name: string;
  /** An exact commit, or the full name that the clone has it under. */
  readonly at: string;
  /** The variable, or the field of the event, that says so. */
  readonly from: string;
}

/** `heads` are the commits that such a system checks out: HEAD elsewhere means that it speaks of another checkout. */
export interface CiClaim {
  readonly kind: 'claim';
  readonly system: CiName;
  readonly event: string;
  readonly heads: readonly string[];
  readonly branch: Claimed;
  readonly base: Claimed;
}

/** `unclear`: it is a CI system, and what it says names no branch and base that can be relied on. */
export type CiAnswer =
  | { readonly kind: 'none' }
  | { readonly kind: 'unclear'; readonly system: CiName; readonly event: string; readonly reason: string }
  | CiClaim;

/** Systems that are known. */
export type CiName = 'github' | 'gitea' | 'gitlab' | 'woodpecker' | 'buildkite';

interface CiSystem {
  readonly isHere: (env: Environment) => boolean;
  readonly read: (env: Environment, payload: string | null) => Read;
  /** How its clone becomes a whole one. */
  readonly wholeClone: string;
  readonly source: string;
}

type Read = Omit<CiClaim, 'kind' | 'system'> | { readonly event: string; readonly reason: string };

const ACTIONS: Pick<CiSystem, 'read' | 'wholeClone'> = {
  read: readActions,
  wholeClone: 'fetch-depth: 0 of actions/checkout brings a whole clone',
};

/** In the order in which they are looked for: Gitea and Forgejo set the variables of GitHub beside their own. */
export const CI_SYSTEMS: { readonly [Name in CiName]: CiSystem } = {
  gitea: {
    ...ACTIONS,
    isHere: (env) => env['GITEA_ACTIONS'] === 'true' || env['FORGEJO_ACTIONS'] === 'true',
    source: 'https://docs.gitea.com/usage/actions/comparison',
  },
  github: {
    ...ACTIONS,
    isHere: (env) =>
      env['GITHUB_ACTIONS'] === 'true' && env['GITEA_ACTIONS'] !== 'true' && env['FORGEJO_ACTIONS'] !== 'true',
    source: 'https://docs.github.com/en/actions/reference/workflows-and-actions/variables',
  },
  gitlab: {
    read: readGitlab,
    isHere: (env) => env['GITLAB_CI'] === 'true',
    wholeClone: 'GIT_DEPTH: "0" brings a whole clone',
    source: 'https://docs.gitlab.com/ci/variables/predefined_variables/',
  },
  woodpecker: {
    read: readWoodpecker,
    isHere: (env) => env['CI'] === 'woodpecker' || env['CI_SYSTEM_NAME'] === 'woodpecker',
    wholeClone: '`partial: false` and `depth: 0` of its clone step bring a whole clone',
    source: 'https://woodpecker-ci.org/docs/usage/environment',
  },
  buildkite: {
    read: readBuildkite,
    isHere: (env) => env['BUILDKITE'] === 'true',
    wholeClone: 'BUILDKITE_GIT_CLONE_FLAGS without --depth brings a whole clone',
    source: 'https://buildkite.com/docs/pipelines/configure/environment-variables',
  },
};

/** What the environment says. `payload` is the text of the file that describes the event, where the system has one. Pure. */
export function detectCi(env: Environment, payload: string | null): CiAnswer {
  const here = (Object.keys(CI_SYSTEMS) as CiName[]).filter((name) => CI_SYSTEMS[name].isHere(env));
  const [system] = here;
  if (system === undefined) return { kind: 'none' };
  if (here.length > 1) {
    const reason = `the environment looks like ${here.join(' and ')} at once`;
    return { kind: 'unclear', system, event: 'unknown', reason };
  }
  const read = CI_SYSTEMS[system].read(env, payload);
  if ('reason' in read) return { kind: 'unclear', system, ...read };
  const wrong = wrongIn(read);
  return wrong === null
    ? { kind: 'claim', system, ...read }
    : { kind: 'unclear', system, event: read.event, reason: wrong };
}

/** Where the event is described; null: this system describes none. */
export const payloadPath = (env: Environment): string | null =>
  CI_SYSTEMS.github.isHere(env) || CI_SYSTEMS.gitea.isHere(env) ? (env['GITHUB_EVENT_PATH'] ?? null) : null;

const SHA = /^[0-9a-f]{40}$/;
const isCommit = (text: string | undefined): text is string =>
  text !== undefined && SHA.test(text) && !/^0+$/.test(text);
const isBranch = (text: string | undefined): text is string => validateRefName(text).kind === 'valid';

function wrongIn({ branch, base, heads }: Omit<CiClaim, 'kind' | 'system'>): string | null {
  const isNamed: boolean = isBranch(base.name);
  const isExact: boolean = isCommit(branch.at);
  if (!isNamed) return `${base.from} holds no name of a branch: ${JSON.stringify(base.name.slice(0, 200))}`;
  if (!isExact) return `${branch.from} holds no commit: ${JSON.stringify(branch.at.slice(0, 200))}`;
  return heads.every(isCommit) ? null : 'the commit that was checked out is not named';
}

/** Where a clone of CI has a branch of its remote. */
const onOrigin = (name: string): string => `refs/remotes/origin/${name}`;

/** What of an event of GitHub or Gitea is used; a field that is not text is as good as none. */
interface EventFields {
  readonly before: string | undefined;
  readonly main: string | undefined;
  readonly pullHead: string | undefined;
  readonly group: { readonly baseRef: string; readonly baseSha: string } | undefined;
}

function readEvent(payload: string | null): EventFields {
  const event = payload === null ? undefined : parseJson(payload);
  const baseRef = textAt(event, 'merge_group', 'base_ref');
  const baseSha = textAt(event, 'merge_group', 'base_sha');
  return {
    before: textAt(event, 'before'),
    main: textAt(event, 'repository', 'default_branch'),
    pullHead: textAt(event, 'pull_request', 'head', 'sha'),
    group: baseRef === undefined || baseSha === undefined ? undefined : { baseRef, baseSha },
  };
}

function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  let at = value;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return typeof at === 'string' ? at : undefined;
}

function readActions(env: Environment, payload: string | null): Read {
  const { GITHUB_EVENT_NAME: event = '', GITHUB_SHA: sha = '', GITHUB_REF: ref = '' } = env;
  const about = readEvent(payload);
  if (event === 'pull_request_target')
    return { event, reason: 'pull_request_target runs beside the secrets of this repository' };
  if (event.startsWith('pull_request')) return readPullRequest(env, event, about);
  if (about.group !== undefined && event === 'merge_group') {
    const { baseRef, baseSha } = about.group;
    const name = baseRef.replace(/^refs\/heads\//, '');
    return {
      event,
      heads: [sha],
      branch: { name: ref.replace(/^refs\/heads\//, ''), at: sha, from: 'GITHUB_SHA' },
      base: { name, at: baseSha, from: 'merge_group.base_sha' },
    };
  }
  const name = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  if (name === undefined) return { event, reason: `GITHUB_REF is no branch: ${JSON.stringify(ref)}` };
  return readBranch({
    ...{ event, name, sha, shaFrom: 'GITHUB_SHA' },
    main: about.main,
    mainFrom: 'repository.default_branch',
    before: event === 'push' ? about.before : undefined,
    beforeFrom: 'before',
  });
}

function readPullRequest(env: Environment, event: string, about: EventFields): Read {
  const { GITHUB_SHA: sha = '', GITHUB_REF: ref = '', GITHUB_HEAD_REF: name = '', GITHUB_BASE_REF: base = '' } = env;
  // Gitea checks the head itself out; of GitHub's merge only the event says which head went into it.
  const isHead = /^refs\/pull\/\d+\/head$/.test(ref);
  const head = about.pullHead ?? (isHead ? sha : undefined);
  if (base === '' || head === undefined)
    return { event, reason: base === '' ? 'GITHUB_BASE_REF is not set' : 'GITHUB_EVENT_PATH names no head' };
  return {
    event,
    heads: [sha, head],
    branch: { name, at: head, from: about.pullHead === undefined ? 'GITHUB_SHA' : 'pull_request.head.sha' },
    base: { name: base, at: onOrigin(base), from: 'GITHUB_BASE_REF' },
  };
}

function readGitlab(env: Environment): Read {
  const { CI_PIPELINE_SOURCE: event = '', CI_COMMIT_SHA: sha = '', CI_COMMIT_BRANCH: name } = env;
  if (event === 'merge_request_event') {
    const { CI_MERGE_REQUEST_TARGET_BRANCH_NAME: base = '', CI_MERGE_REQUEST_SOURCE_BRANCH_NAME: source = '' } = env;
    if (env['CI_MERGE_REQUEST_PROJECT_ID'] !== env['CI_PROJECT_ID'])
      return { event, reason: 'the pipeline runs in a fork, whose origin is not where the merge request would land' };
    const merged = env['CI_MERGE_REQUEST_SOURCE_BRANCH_SHA'] ?? '';
    const head = merged === '' ? sha : merged;
    return {
      event,
      heads: [sha, head],
      branch: { name: source, at: head, from: merged === '' ? 'CI_COMMIT_SHA' : 'CI_MERGE_REQUEST_SOURCE_BRANCH_SHA' },
      base: { name: base, at: onOrigin(base), from: 'CI_MERGE_REQUEST_TARGET_BRANCH_NAME' },
    };
  }
  if (name === undefined) return { event, reason: 'CI_COMMIT_BRANCH is not set: the pipeline is for no branch' };
  return readBranch({
    ...{ event, name, sha, shaFrom: 'CI_COMMIT_SHA' },
    main: env['CI_DEFAULT_BRANCH'],
    mainFrom: 'CI_DEFAULT_BRANCH',
    before: env['CI_COMMIT_BEFORE_SHA'],
    beforeFrom: 'CI_COMMIT_BEFORE_SHA',
  });
}

function readWoodpecker(env: Environment): Read {
  const { CI_PIPELINE_EVENT: event = '', CI_COMMIT_SHA: sha = '', CI_COMMIT_BRANCH: name = '' } = env;
  if (event.startsWith('pull_request')) {
    const { CI_COMMIT_TARGET_BRANCH: base = '', CI_COMMIT_SOURCE_BRANCH: source = '' } = env;
    return {
      event,
      heads: [sha],
      branch: { name: source, at: sha, from: 'CI_COMMIT_SHA' },
      base: { name: base, at: onOrigin(base), from: 'CI_COMMIT_TARGET_BRANCH' },
    };
  }
  if (event === 'tag' || event === 'release') return { event, reason: `the event ${event} is about no branch` };
  const main = { main: env['CI_REPO_DEFAULT_BRANCH'], mainFrom: 'CI_REPO_DEFAULT_BRANCH' };
  return readBranch({ event, name, sha, shaFrom: 'CI_COMMIT_SHA', ...main });
}

function readBuildkite(env: Environment): Read {
  const { BUILDKITE_COMMIT: sha = '', BUILDKITE_BRANCH: name = '', BUILDKITE_TAG: tag = '' } = env;
  const { BUILDKITE_PULL_REQUEST: number = 'false', BUILDKITE_PULL_REQUEST_BASE_BRANCH: base = '' } = env;
  if (number !== 'false')
    return {
      event: 'pull_request',
      heads: [sha],
      branch: { name, at: sha, from: 'BUILDKITE_COMMIT' },
      base: { name: base, at: onOrigin(base), from: 'BUILDKITE_PULL_REQUEST_BASE_BRANCH' },
    };
  if (tag !== '') return { event: 'tag', reason: 'a build of a tag is about no branch' };
  const main = { main: env['BUILDKITE_PIPELINE_DEFAULT_BRANCH'], mainFrom: 'BUILDKITE_PIPELINE_DEFAULT_BRANCH' };
  return readBranch({ event: 'push', name, sha, shaFrom: 'BUILDKITE_COMMIT', ...main });
}

interface BranchBuild {
  readonly event: string;
  readonly name: string;
  readonly sha: string;
  readonly shaFrom: string;
  readonly main: string | undefined;
  readonly mainFrom: string;
  /** Where the branch was before. */
  readonly before?: string | undefined;
  readonly beforeFrom?: string;
}

/** A branch would land on the main one; what was pushed to that is compared with where it was. */
function readBranch(build: BranchBuild): Read {
  const { event, name, sha, shaFrom, main = '', mainFrom, before, beforeFrom = '' } = build;
  const branch = { name, at: sha, from: shaFrom };
  if (!isBranch(main)) return { event, reason: `${mainFrom} names no branch to land on` };
  if (name !== main) return { event, heads: [sha], branch, base: { name: main, at: onOrigin(main), from: mainFrom } };
  return isCommit(before)
    ? { event, heads: [sha], branch, base: { name: main, at: before, from: beforeFrom } }
    : { event, reason: `the run is for ${main} itself, and nothing says where it was before` };
}
