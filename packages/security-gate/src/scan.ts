/** Does `base..head` add a secret? List → scan every object → walk → scan names → compare with base → sort. */
import { changedEntries, commitLog, type GitRepo, listDirectory, mergeBase } from '@gatehouse/git';
import { cutCommits, hasGrafts } from './adapters/cut-history.ts';
import { type ScanEngine, scanBatch, startEmbedded } from './engine.ts';
import { LISTED, settleFindings } from './findings.ts';
import { walkHistory } from './history.ts';
import { knownInBase } from './known-in-base.ts';
import { scanNames } from './names.ts';
import { gitFault, scanNewObjects } from './new-objects.ts';
import { findStrayLinks } from './odd-entries.ts';
import { sanitizeText } from './sanitize-text.ts';
import { withSecond } from './second-engine.ts';
import type { SecretEngine } from './secret-engine.ts';
import { trustFilesOf } from './trust-files.ts';
import type { AllowEntry, ScanFailed, Scanned, SecretScan } from './verdict.ts';

/** What may be given to `scanSecrets`. */
export interface ScanRequest {
  /** A repository the branch cannot write to: its configuration is trusted. */
  readonly git: GitRepo;
  /** Full object names. */
  readonly base: string;
  /** Commit of the branch; full object name. */
  readonly head: string;
  /** The branch's name: a secret in it is shown wherever the branch is. Default: no name is looked at. */
  readonly branch?: string;
  /** From the policy of **base**, never of head. */
  readonly allow?: readonly AllowEntry[];
  /** New objects of more bytes are listed as large; default: none is. */
  readonly largeBytes?: number;
  /** Another scanner, whose findings are added. */
  readonly engine?: SecretEngine | undefined;
  /** Beginning of the name of a scanner without which nothing is said, for example `gitleaks`. */
  readonly requireEngine?: string | undefined;
  /** For the whole scan; default 120,000. */
  readonly timeoutMs?: number;
  /** The day allow entries are compared with; default: now. */
  readonly nowMs?: number;
  /** Ends the call early; what was started is ended, too. */
  readonly signal?: AbortSignal;
}

/** For a caller in here: whose settings count where not those of base. */
export interface SettingsPlace {
  /** Commit that configures the engines and the package managers; default base. */
  readonly settingsFrom?: string;
  /** How many findings of each kind are listed; each costs a fingerprint. Default 50. */
  readonly listed?: number;
}

const DEFAULT_TIMEOUT_MS = 120_000;
const SHA = /^[0-9a-f]{40}$/;
const failed = (reason: string): ScanFailed => ({ kind: 'tool-failed', reason });

/** See `scanSecrets` in index.ts. `start` is a parameter so that a broken scanner can be shown to be noticed. */
export async function scan(
  request: ScanRequest & SettingsPlace,
  start: (signal: AbortSignal) => ScanEngine = startEmbedded,
): Promise<SecretScan> {
  const fault = requestFault(request);
  if (fault !== null) return failed(fault);
  const deadline = AbortSignal.timeout(request.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const signal = AbortSignal.any([deadline, ...(request.signal === undefined ? [] : [request.signal])]);
  const engine = start(signal);
  try {
    const answer = await scanWithAll(request, engine, signal);
    if (answer.kind === 'scanned' || !signal.aborted) return answer;
    return request.signal?.aborted === true ? failed('cancelled') : { kind: 'timeout' };
  } finally {
    await engine.close();
  }
}

function requestFault(request: ScanRequest): string | null {
  if (typeof request !== 'object' || request === null) return 'the request is not an object';
  const { base, head, branch = '', git, allow = [], timeoutMs = DEFAULT_TIMEOUT_MS } = request;
  if (typeof git?.gitDir !== 'string') return 'git is not a repository';
  if (!SHA.test(String(base)) || !SHA.test(String(head))) return 'base and head must be full object names';
  if (typeof branch !== 'string') return 'branch is not a name';
  if (!Array.isArray(allow)) return 'allow is not a list';
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 2 ** 31 - 1)
    return 'timeoutMs is not a duration';
  return null;
}

/** What is required and is not there is a scan that failed, and never a clean branch. */
async function scanWithAll(
  request: ScanRequest & SettingsPlace,
  embedded: ScanEngine,
  signal: AbortSignal,
): Promise<SecretScan> {
  const { git, base, settingsFrom = base, engine: second, requireEngine = '' } = request;
  if (requireEngine !== '' && second?.name.startsWith(requireEngine) !== true)
    return failed(`${requireEngine} is required and is not on this machine`);
  if (second === undefined) return scanWith(request, embedded, signal);
  const both = await withSecond(embedded, second, { git, base: settingsFrom, signal });
  return both.kind === 'both' ? scanWith(request, both.engine, signal) : both;
}

async function scanWith(
  request: ScanRequest & SettingsPlace,
  engine: ScanEngine,
  signal: AbortSignal,
): Promise<SecretScan> {
  const { git, base, head, branch = '', allow = [], nowMs = Date.now(), largeBytes, listed = LISTED } = request;
  if (await hasGrafts(git.gitDir)) return failed('the repository has info/grafts: history may be hidden');
  const whole = await isWholeBetween({ git, base, head, signal });
  if (whole !== true) return whole;
  const related = await forkPoint({ git, base, head, signal });
  if (related.kind === 'unrelated') return related;
  if (related.kind !== 'found') return gitFault(related);
  const objects = await scanNewObjects({ git, base, head, largeBytes }, engine, signal);
  if (objects.kind === 'tool-failed') return objects;
  const log = await commitLog({ repo: git, base, head, signal });
  if (log.kind !== 'listed') return gitFault(log);
  const history = await walkHistory(log.commits, objects.trees);
  if (history.kind === 'tool-failed') return history;
  // Against the fork point: what main changed since is not the branch's doing.
  const changed = await changedEntries({ repo: git, base: related.sha, head, signal });
  if (changed.kind !== 'listed') return gitFault(changed);
  const strayLinks = await findStrayLinks({ git, head, entries: changed.entries, signal });
  if ('kind' in strayLinks) return strayLinks;
  const trust = trustFilesOf([...changed.entries.map(({ path }) => path), ...newPaths(objects.types, history.names)]);
  const names = await scanNames(history, [...trust, ...strayLinks.map(({ path }) => path)], engine);
  if (names.kind === 'tool-failed') return names;
  const title = await scanBatch(engine, branch === '' ? [] : [{ id: head, bytes: Buffer.from(branch) }]);
  if (title.kind === 'tool-failed') return title;
  const anywhere = [...objects.hits, ...names.hits.map(({ hit }) => hit), ...title.hits];
  const secrets = new Set(anywhere.map(({ secret }) => secret));
  const paths = new Set([...history.places.values()].map(({ path }) => path));
  const known = secrets.size === 0 ? null : await knownInBase({ git, base, paths, secrets }, engine, signal);
  if (known?.kind === 'tool-failed') return known;
  const { types, hits } = objects;
  const evidence = {
    hits,
    types,
    history,
    nameHits: names.hits,
    branchHits: title.hits,
    mask: names.mask,
    known: known?.secrets ?? new Set<string>(),
    allow,
    nowMs,
    listed,
  };
  const sorted = await settleFindings(evidence, engine);
  if (sorted.kind === 'tool-failed') return sorted;
  const shown = (path: string): string => sanitizeText(names.mask(path));
  const placed = <One extends { readonly oid: string }>(one: One): One & { readonly path?: string } => {
    const place = history.places.get(one.oid);
    return place === undefined ? one : { ...one, path: shown(place.path) };
  };
  const unscannable = objects.unscannable.map(placed);
  const total = objects.types.size + unscannable.filter(({ reason }) => reason === 'too-large').length;
  const counted: Scanned['objects'] = { total, scanned: total - unscannable.length, unscannable };
  const { kind: _, ...found } = sorted;
  return {
    kind: 'scanned',
    ...found,
    objects: counted,
    engines: engine.names,
    strayLinks: strayLinks.map(({ path, commit }) => ({ path: shown(path), commit })),
    large: [...objects.large].map(([oid, bytes]) => placed({ oid, bytes })),
    trustFiles: trust.map(shown),
  };
}

/** Where the branch left base. A base without a file holds nothing that one could have left, so that all of the branch is new. */
async function forkPoint({
  git: repo,
  base,
  head,
  signal,
}: Pick<ScanRequest, 'git' | 'base' | 'head'> & { signal: AbortSignal }) {
  const related = await mergeBase({ repo, a: base, b: head, signal });
  if (related.kind !== 'unrelated') return related;
  const root = await listDirectory({ repo, commit: base, dir: '', signal });
  if (root.kind === 'git-failed') return root;
  return root.kind === 'listed' && root.entries.length === 0 ? ({ kind: 'found', sha: base } as const) : related;
}

/** A cut among what both can reach hides nothing of the branch; any other one may hide its commits, or where it left base. */
async function isWholeBetween({
  git: repo,
  base,
  head,
  signal,
}: Pick<ScanRequest, 'git' | 'base' | 'head'> & { readonly signal: AbortSignal }): Promise<true | ScanFailed> {
  const cut = await cutCommits(repo.gitDir);
  if (cut.size === 0) return true;
  for (const range of [
    { base, head },
    { base: head, head: base },
  ]) {
    const log = await commitLog({ repo, ...range, signal });
    if (log.kind !== 'listed') return gitFault(log);
    if (log.commits.some(({ sha }) => cut.has(sha)))
      return failed('the repository is shallow: history between base and head is hidden');
  }
  return true;
}

/** Paths whose content is new, so that a file added and deleted again is listed too. */
const newPaths = (
  types: ReadonlyMap<string, string>,
  names: ReadonlyMap<string, { readonly oid: string }>,
): readonly string[] => [...names].filter(([, { oid }]) => types.get(oid) === 'blob').map(([path]) => path);
