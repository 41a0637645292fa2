/** Does `base..head` add a known-vulnerable dependency? Lockfiles are data; only what base does not have can block. */
import { type GitRepo, listTree, readBlob } from '@gatehouse/git';
import semver from 'semver';
import { startWorker, type WorkerPort } from './adapters/worker-thread.ts';
import type { FeedAdvisory, FeedPort } from './feed.ts';
import { hostsOf, lockChanges } from './lock/lock-changes.ts';
import type { LockAnswer, LockedPackage } from './lock/read-lock.ts';
import { gitFault } from './new-objects.ts';
import { sanitizeText } from './sanitize-text.ts';
import type { Advisory, DependencyAudit, LockChange, ScanFailed, Severity } from './verdict.ts';

/** What may be given to `auditDependencies`. */
export interface AuditRequest {
  /** The bare repository that holds both commits. */
  readonly git: GitRepo;
  /** Commit of main; full object name. */
  readonly base: string;
  /** Commit of the branch; full object name. */
  readonly head: string;
  /** Where known vulnerabilities are asked for. */
  readonly feed: FeedPort;
  /** The lowest severity that blocks. */
  readonly minSeverity: 'low' | 'moderate' | 'high' | 'critical';
  /** Hosts that packages may come from besides those that base already uses. */
  readonly trustedHosts?: readonly string[];
  /** For the whole audit; default 60,000. */
  readonly timeoutMs?: number;
  /** Ends the call early; what was started is ended, too. */
  readonly signal?: AbortSignal;
}

type LockTask = { readonly kind: 'lock'; readonly text: Uint8Array };
type LockReader = WorkerPort<LockTask, LockAnswer>;
type ReadLock = (text: Uint8Array) => ReturnType<LockReader['ask']>;
type Locks = ReadonlyMap<string, readonly LockedPackage[] | { readonly unreadable: string }>;

const LOCK_NAMES = /(?:^|\/)(?:package-lock|npm-shrinkwrap)\.json$/;
const LOCK_COUNT = 200;
const LOCK_BYTES = 32 * 1024 * 1024;
const SHA = /^[0-9a-f]{40}$/;
const RANK: { readonly [S in Severity]: number } = { low: 1, moderate: 2, high: 3, unknown: 3, critical: 4 };
const failed = (reason: string): ScanFailed => ({ kind: 'tool-failed', reason });

/** See `auditDependencies` in index.ts. */
export async function audit(request: AuditRequest): Promise<DependencyAudit> {
  const fault = requestFault(request);
  if (fault !== null) return failed(fault);
  const deadline = AbortSignal.timeout(request.timeoutMs ?? 60_000);
  const signal = AbortSignal.any([deadline, ...(request.signal === undefined ? [] : [request.signal])]);
  const opened: { worker?: LockReader } = {};
  // A thread costs more than all else here, and most trees have no lockfile.
  const readLock = (text: Uint8Array): ReturnType<LockReader['ask']> => {
    opened.worker ??= startWorker<LockTask, LockAnswer>(signal);
    return opened.worker.ask({ kind: 'lock', text });
  };
  try {
    const answer = await auditWith(request, readLock, signal);
    if (!signal.aborted || answer.kind === 'audited' || answer.kind === 'none') return answer;
    if (answer.kind === 'unreachable') return answer; // a feed that hangs is a feed that cannot be reached
    return request.signal?.aborted === true ? failed('cancelled') : { kind: 'timeout' };
  } finally {
    await opened.worker?.close();
  }
}

function requestFault(request: AuditRequest): string | null {
  if (typeof request !== 'object' || request === null) return 'the request is not an object';
  const { base, head, git, feed, minSeverity, timeoutMs = 60_000 } = request;
  if (typeof git?.gitDir !== 'string') return 'git is not a repository';
  if (!SHA.test(String(base)) || !SHA.test(String(head))) return 'base and head must be full object names';
  if (typeof feed?.query !== 'function') return 'feed cannot be asked';
  if (!['low', 'moderate', 'high', 'critical'].includes(minSeverity)) return 'minSeverity is unknown';
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1 || timeoutMs > 2 ** 31 - 1)
    return 'timeoutMs is not a duration';
  return null;
}

async function auditWith(request: AuditRequest, readLock: ReadLock, signal: AbortSignal): Promise<DependencyAudit> {
  const cache = new Map<string, readonly LockedPackage[] | { readonly unreadable: string }>();
  const base = await readLocks(request.git, request.base, { readLock, signal, cache });
  if (base.kind === 'tool-failed') return base;
  const head = await readLocks(request.git, request.head, { readLock, signal, cache });
  if (head.kind === 'tool-failed') return head;
  if (base.locks.size === 0 && head.locks.size === 0) return { kind: 'none' };
  const unreadable = findUnreadable(base.locks, head.locks);
  if (unreadable !== null) return unreadable;
  const changes = changesOf(base, head, request.trustedHosts ?? []);
  const before = versionsOf(base.locks);
  const after = versionsOf(head.locks);
  const packages = [...after.values()].reduce((sum, versions) => sum + versions.size, 0);
  const question = [...after].map(([name, versions]) => ({ name, versions: [...versions] }));
  const answer = await request.feed.query(question, signal);
  if (answer.kind !== 'ok') return { ...answer, reason: sanitizeText(answer.reason), changes };
  const sorted = sortAdvisories(answer.advisories, { before, after, threshold: RANK[request.minSeverity] });
  return { kind: 'audited', ...sorted, packages, feed: { name: request.feed.name }, changes };
}

interface Tree {
  readonly kind: 'locks';
  readonly locks: Locks;
  readonly manifests: ReadonlySet<string>;
}

async function readLocks(
  git: GitRepo,
  commit: string,
  tools: {
    readonly readLock: ReadLock;
    readonly signal: AbortSignal;
    readonly cache: Map<string, readonly LockedPackage[] | { readonly unreadable: string }>;
  },
): Promise<Tree | ScanFailed> {
  const listed = await listTree({ repo: git, commit, signal: tools.signal });
  if (listed.kind !== 'listed') return gitFault(listed);
  const entries = listed.entries.filter(({ path }) => LOCK_NAMES.test(path) && !path.includes('node_modules/'));
  if (entries.length > LOCK_COUNT) return failed(`more than ${LOCK_COUNT} lockfiles`);
  const locks = new Map<string, readonly LockedPackage[] | { readonly unreadable: string }>();
  for (const { path, oid, mode } of entries) {
    let lock = tools.cache.get(oid);
    if (mode === '120000') lock = { unreadable: 'the lockfile is a symbolic link' };
    if (lock === undefined) {
      const blob = await readBlob({ repo: git, commit, path, maxBytes: LOCK_BYTES, signal: tools.signal });
      if (blob.kind === 'git-failed' || blob.kind === 'crashed') return gitFault(blob);
      if (blob.kind === 'absent') return failed('a listed lockfile could not be read');
      const answer =
        blob.kind === 'too-large'
          ? ({ kind: 'unreadable', reason: 'larger than 32 MiB' } as const)
          : await tools.readLock(Uint8Array.from(blob.bytes));
      if (answer.kind === 'engine-failed') return failed(answer.reason);
      lock = answer.kind === 'lock' ? answer.packages : { unreadable: answer.reason };
      tools.cache.set(oid, lock);
    }
    locks.set(path, lock);
  }
  const manifests = new Set(
    listed.entries.filter(({ path }) => /(?:^|\/)package\.json$/.test(path)).map(({ path }) => path),
  );
  return { kind: 'locks', locks, manifests };
}

/** Readable on base and not on head is the branch's doing; the other way round the gate cannot compare. */
function findUnreadable(base: Locks, head: Locks): DependencyAudit | null {
  const faults = [...new Set([...base.keys(), ...head.keys()])].flatMap((path) => {
    const before = base.get(path);
    const after = head.get(path);
    const onBase = before !== undefined && 'unreadable' in before ? before.unreadable : null;
    const onHead = after !== undefined && 'unreadable' in after ? after.unreadable : null;
    if (onBase === null && onHead === null) return [];
    const side = onBase === null ? ('head' as const) : onHead === null ? ('base' as const) : ('both' as const);
    return [{ kind: 'lock-unreadable' as const, path: sanitizeText(path), side, reason: onHead ?? onBase ?? '' }];
  });
  const worst = ['head', 'base', 'both'].flatMap((side) => faults.filter((one) => one.side === side));
  return worst[0] ?? null;
}

const readable = (
  lock: readonly LockedPackage[] | { readonly unreadable: string } | undefined,
): readonly LockedPackage[] | null => (lock === undefined || 'unreadable' in lock ? null : lock);

function changesOf(base: Tree, head: Tree, trusted: readonly string[]): readonly LockChange[] {
  const hosts = new Set([...trusted, ...[...base.locks.values()].flatMap((lock) => hostsOf(readable(lock) ?? []))]);
  return [...new Set([...base.locks.keys(), ...head.locks.keys()])].flatMap((path) =>
    lockChanges(
      {
        path,
        base: readable(base.locks.get(path)),
        head: readable(head.locks.get(path)),
        manifestLeft: head.manifests.has(
          path.replace(LOCK_NAMES, (file) => (file.startsWith('/') ? '/package.json' : 'package.json')),
        ),
      },
      hosts,
    ),
  );
}

function versionsOf(locks: Locks): Map<string, Set<string>> {
  const versions = new Map<string, Set<string>>();
  for (const lock of locks.values())
    for (const { name, version } of readable(lock) ?? []) {
      if (semver.valid(version) === null) continue;
      versions.set(name, (versions.get(name) ?? new Set()).add(version));
    }
  return versions;
}

function sortAdvisories(
  advisories: readonly FeedAdvisory[],
  side: {
    readonly before: ReadonlyMap<string, ReadonlySet<string>>;
    readonly after: ReadonlyMap<string, ReadonlySet<string>>;
    readonly threshold: number;
  },
): { introduced: readonly Advisory[]; preexisting: readonly Advisory[]; belowThreshold: readonly Advisory[] } {
  const hit = (one: FeedAdvisory, versions: ReadonlySet<string> | undefined): string[] =>
    [...(versions ?? [])].filter((version) =>
      semver.satisfies(version, one.vulnerableVersions, { includePrerelease: true }),
    );
  const onBase = new Set(
    advisories.filter((one) => hit(one, side.before.get(one.package)).length > 0).flatMap((one) => namesOf(one)),
  );
  const introduced: Advisory[] = [];
  const preexisting: Advisory[] = [];
  const belowThreshold: Advisory[] = [];
  const taken = new Set<string>();
  for (const one of advisories) {
    const versions = hit(one, side.after.get(one.package));
    if (versions.length === 0 || namesOf(one).some((name) => taken.has(name))) continue;
    for (const name of namesOf(one)) taken.add(name);
    const list = namesOf(one).some((name) => onBase.has(name))
      ? preexisting
      : RANK[one.severity] < side.threshold
        ? belowThreshold
        : introduced;
    list.push(toAdvisory(one, versions));
  }
  return { introduced, preexisting, belowThreshold };
}

/** An advisory goes by several names; one in common makes two entries the same for a package. */
const namesOf = ({ id, aliases, package: name }: FeedAdvisory): string[] =>
  [id, ...aliases].map((alias) => `${name} ${alias}`);

const toAdvisory = (one: FeedAdvisory, versions: readonly string[]): Advisory => ({
  id: sanitizeText(one.id),
  aliases: one.aliases.map(sanitizeText),
  package: sanitizeText(one.package),
  versions,
  severity: one.severity,
  title: sanitizeText(one.title ?? ''),
  url: sanitizeText(one.url ?? ''),
});
