/** Does `base..head` add a known-vulnerable dependency? Lockfiles are data; only what base does not have can block. */
import type { GitRepo } from '@gatehouse/git';
import { startWorker, type WorkerPort } from './adapters/worker-thread.ts';
import { addedTo, installedBy, questionsOf, sortAdvisories } from './advisories.ts';
import { ecosystemsOf, type FeedAnswer, type FeedGap, type FeedPort, type FeedQuestion } from './feed.ts';
import { type BaseIndex, indexBase } from './lock/base-index.ts';
import { configuredHosts } from './lock/configured-hosts.ts';
import { type Format, mayBeNone } from './lock/formats.ts';
import { lockChanges } from './lock/lock-changes.ts';
import type { Ecosystem, LockAnswer } from './lock/locked-package.ts';
import type { LockTask } from './lock/read-lock.ts';
import { type LockTree, readTree, type TreeTools } from './lock/read-tree.ts';
import { shownText } from './lock/shown-text.ts';
import { findUnread } from './lock/unread-files.ts';
import { sanitizeText } from './sanitize-text.ts';
import type { SettingsPlace } from './scan.ts';
import type { DependencyAudit, LockChange, ScanFailed } from './verdict.ts';

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
  /** Hosts that packages may come from besides those that base already uses or its package manager settings name. */
  readonly trustedHosts?: readonly string[];
  /** For the whole audit; default 60,000. */
  readonly timeoutMs?: number;
  /** Ends the call early; what was started is ended, too. */
  readonly signal?: AbortSignal;
}

type LockReader = WorkerPort<LockTask, LockAnswer>;

const SHA = /^[0-9a-f]{40}$/;
const failed = (reason: string): ScanFailed => ({ kind: 'tool-failed', reason });

/** See `auditDependencies` in index.ts. */
export async function audit(request: AuditRequest & SettingsPlace): Promise<DependencyAudit> {
  const fault = requestFault(request);
  if (fault !== null) return failed(fault);
  const deadline = AbortSignal.timeout(request.timeoutMs ?? 60_000);
  const signal = AbortSignal.any([deadline, ...(request.signal === undefined ? [] : [request.signal])]);
  const opened: { worker?: LockReader } = {};
  // A thread costs more than all else here, and most trees have no lockfile.
  const readLock: TreeTools['readLock'] = (task) => {
    opened.worker ??= startWorker<LockTask, LockAnswer>(signal);
    return opened.worker.ask({ kind: 'lock', ...task });
  };
  try {
    const answer = await auditWith(request, { git: request.git, signal, readLock, cache: new Map() });
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

async function auditWith(request: AuditRequest & SettingsPlace, tools: TreeTools): Promise<DependencyAudit> {
  const base = await readTree(request.base, tools);
  if (base.kind === 'tool-failed') return base;
  const head = await readTree(request.head, tools);
  if (head.kind === 'tool-failed') return head;
  const malformed = findMalformed(base, head);
  if (malformed !== null) return malformed;
  const found = await findUnread(base, head, tools);
  if (found.kind === 'tool-failed') return found;
  const settings = request.settingsFrom === undefined ? base : await readTree(request.settingsFrom, tools);
  if (settings.kind === 'tool-failed') return settings;
  const configured = await configuredHosts(settings, tools);
  if (configured.kind === 'tool-failed') return configured;
  const { deleted, unread } = found;
  if (base.locks.size === 0 && head.locks.size === 0 && unread.length === 0) return { kind: 'none' };
  const changes = changesOf({ base, head, deleted }, new Set([...(request.trustedHosts ?? []), ...configured.hosts]));
  const before = installedBy(base.locks.values());
  const after = installedBy(head.locks.values());
  const packages = [...after.values()].reduce((sum, versions) => sum + versions.size, 0);
  const answer = await ask(request.feed, questionsOf(before, after), tools.signal);
  if (answer.kind !== 'ok') return { ...answer, reason: sanitizeText(answer.reason), changes, unread };
  const sorted = sortAdvisories(answer.advisories, { before, after, minSeverity: request.minSeverity });
  const gaps = (answer.gaps ?? []).map((gap) => ({
    ...gap,
    reason: sanitizeText(gap.reason),
    added: addedTo(gap.ecosystem, before, after),
  }));
  return { kind: 'audited', ...sorted, packages, feed: { name: request.feed.name }, changes, unread, gaps };
}

/** Asks about the ecosystems that the feed knows; the others are gaps, and are said. */
async function ask(feed: FeedPort, all: readonly FeedQuestion[], signal: AbortSignal): Promise<FeedAnswer> {
  const known = new Set(ecosystemsOf(feed));
  const asked = all.filter(({ ecosystem = 'npm' }) => known.has(ecosystem));
  const unasked = Map.groupBy(
    all.filter(({ ecosystem = 'npm' }) => !known.has(ecosystem)),
    ({ ecosystem = 'npm' }) => ecosystem,
  );
  const gaps: FeedGap[] = [...unasked].map(([ecosystem, { length }]) => ({
    ecosystem,
    kind: 'unreachable',
    reason: `no advisory feed for ${ecosystem} is configured (${length} packages)`,
  }));
  if (asked.length === 0 && gaps.length > 0) return { kind: 'ok', advisories: [], gaps };
  const answer = await feed.query(asked, signal);
  return answer.kind === 'ok' ? { ...answer, gaps: [...(answer.gaps ?? []), ...gaps] } : answer;
}

/**
 * Readable on base and not on head is the branch's doing; the other way round the gate cannot compare. What neither end
 * can read is said, and stops the audit only where there is nothing else to audit.
 */
function findMalformed(base: LockTree, head: LockTree): DependencyAudit | null {
  const faults = [...new Set([...base.malformed.keys(), ...head.malformed.keys()])].flatMap((path) => {
    const [onBase, onHead] = [base.malformed.get(path), head.malformed.get(path)];
    if (onHead === undefined && !head.locks.has(path)) return []; // deleted, which is another fault
    if (!base.locks.has(path) && mayBeNone(path)) return []; // said
    const side = onBase === undefined ? 'head' : onHead === undefined ? 'base' : 'both';
    const reason = shownText(onHead ?? onBase ?? '');
    return [{ kind: 'lock-unreadable' as const, path: sanitizeText(path), side, reason } as const];
  });
  const isAll = head.locks.size === 0 && base.locks.size === 0;
  const sides = isAll ? (['head', 'base', 'both'] as const) : (['head', 'base'] as const);
  return sides.flatMap((side) => faults.filter((one) => one.side === side))[0] ?? null;
}

function changesOf(
  { base, head, deleted }: { readonly base: LockTree; readonly head: LockTree; readonly deleted: readonly string[] },
  trusted: ReadonlySet<string>,
): readonly LockChange[] {
  const locks = [...base.locks.values()];
  const gone = deleted.map(
    (path): LockChange => ({
      rule: 'lock/deleted',
      path: sanitizeText(path),
      package: '',
      detail: 'the lockfile is gone, and its manifest is left without one',
    }),
  );
  const indexes = new Map<Ecosystem, BaseIndex>();
  const indexFor = ({ ecosystem }: Format): BaseIndex => {
    const known = indexes.get(ecosystem) ?? indexBase(locks, ecosystem, trusted);
    indexes.set(ecosystem, known);
    return known;
  };
  return [
    ...gone,
    ...[...head.locks.values()]
      .filter(({ path, oid }) => base.locks.get(path)?.oid !== oid)
      .flatMap((lock) => lockChanges(lock, indexFor(lock.format))),
  ];
}
