/**
 * A whole merge queue in one function: fetch, check, land, read main again. Small on purpose, so that a table of faults
 * and a random walk can interrupt it anywhere and ask it again.
 */
import { join } from 'node:path';
import { fastForward, fetchMirror, importCommit, isAncestor, openMirror } from '@gatehouse/git';
import {
  checkBranchMergeable,
  concludeLanding,
  fileLease,
  type LeasePort,
  type Mergeable,
  type MergeVerdict,
  mergeCheckVerdict,
  proveLanding,
  type RecordedRun,
  type ReportedLanding,
  releaseMergeLease,
  type TestPolicy,
} from '../../src/index.ts';

export type Phase = 'fetch' | 'check' | 'land' | 're-read';

export interface Round {
  /** Everything of ours lies in here: mirror, slot, leases, logs. */
  readonly home: string;
  /** The bare repository whose main is landed on. */
  readonly origin: string;
  readonly branch: string;
  readonly holder: string;
  readonly policy: TestPolicy;
  readonly gitTimeoutMs?: number;
  readonly lease?: LeasePort;
  /** Called before each phase, and before main is moved; may change the repositories or throw to simulate a crash. */
  readonly before?: (phase: Phase) => Promise<void> | void;
  readonly onRun?: (run: RecordedRun) => void;
}

export type RoundEnd =
  | { readonly kind: 'landed'; readonly tested: string; readonly verdict?: Mergeable }
  | { readonly kind: 'gone' }
  | { readonly kind: 'judged'; readonly verdict: Exclude<MergeVerdict, Mergeable>; readonly status: string }
  /** Nothing is decided and no change is blamed: ask again. */
  | { readonly kind: 'again'; readonly why: string };

const MAIN = 'refs/heads/main';

/** One attempt to land one branch. Gives the lease back on every path but a crash. */
export async function attempt(round: Round): Promise<RoundEnd> {
  const { home, origin, branch, gitTimeoutMs: timeoutMs, before } = round;
  const url = `file://${origin}`;
  await before?.('fetch');
  const opened = await openMirror({ dir: join(home, 'mirror.git'), url, timeoutMs });
  if (opened.kind !== 'opened') return { kind: 'again', why: `mirror: ${JSON.stringify(opened)}` };
  const fetched = await fetchMirror({ repo: opened.repo, url, timeoutMs });
  if (fetched.kind !== 'fetched') return { kind: 'again', why: `fetch: ${JSON.stringify(fetched)}` };
  const base = fetched.heads['main'] ?? '';
  const head = fetched.heads[branch];
  if (head === undefined) return { kind: 'gone' };
  const there = await isAncestor({ repo: opened.repo, ancestor: head, of: base });
  if (there.kind === 'yes') return { kind: 'landed', tested: head };
  await before?.('check');
  const lease = round.lease ?? fileLease(join(home, 'leases'), { ttlMs: 60_000 });
  const verdict = await checkBranchMergeable(
    {
      repo: 'acme/app',
      holder: round.holder,
      git: opened.repo,
      base,
      head,
      slotDir: join(home, 'slots/one'),
      logDir: join(home, 'logs'),
      policy: round.policy,
      watch: { base: MAIN, head: `refs/heads/${branch}`, url },
      push: { url, branch },
      ...(timeoutMs === undefined ? {} : { gitTimeoutMs: timeoutMs }),
      ...(round.onRun === undefined ? {} : { onRun: round.onRun }),
    },
    { lease },
  );
  if (verdict.kind !== 'mergeable') {
    return { kind: 'judged', verdict, status: mergeCheckVerdict(verdict, { base, head }).status };
  }
  const ended = await land(round, verdict);
  await releaseMergeLease(lease, verdict.proof);
  return ended;
}

/** Moves main to the tested commit, and lets main say what happened. */
async function land(round: Round, verdict: Mergeable): Promise<RoundEnd> {
  const { home, origin, gitTimeoutMs: timeoutMs, before } = round;
  const { base, tested } = verdict;
  const mirror = { gitDir: join(home, 'mirror.git') };
  await before?.('land');
  const { told, said } = await tellForge({ mirror, origin, base, tested, timeoutMs });
  await before?.('re-read');
  const url = `file://${origin}`;
  const limits = timeoutMs === undefined ? {} : { gitTimeoutMs: timeoutMs };
  const proof = await proveLanding({ git: mirror, url, main: MAIN, base, tested, ...limits });
  if (proof.kind === 'crashed') return { kind: 'again', why: String(proof.error) };
  const end = concludeLanding(told, proof);
  if (end.kind === 'landed' || end.kind === 'merged-outside') return { kind: 'landed', tested, verdict };
  return { kind: 'again', why: `landing: ${end.kind} (${end.reason}); the forge said ${JSON.stringify(said)}` };
}

async function tellForge({
  mirror,
  origin,
  base,
  tested,
  timeoutMs,
}: {
  readonly mirror: { readonly gitDir: string };
  readonly origin: string;
  readonly base: string;
  readonly tested: string;
  readonly timeoutMs: number | undefined;
}): Promise<{ readonly told: ReportedLanding; readonly said: unknown }> {
  const forge = { gitDir: origin };
  const ref = `refs/gatehouse/candidate/${tested}`;
  const brought = await importCommit({ from: mirror, into: forge, commit: tested, ref, timeoutMs });
  if (brought.kind !== 'imported') return { told: 'refused', said: brought };
  const moved = await fastForward({ repo: forge, ref: MAIN, from: base, to: tested, timeoutMs });
  switch (moved.kind) {
    case 'moved':
      return { told: 'landed', said: moved };
    case 'stale':
    case 'not-fast-forward':
      return { told: 'refused', said: moved };
    default:
      return { told: 'in-doubt', said: moved };
  }
}

/** Where everything of a round stands below one directory, for a test and for its child alike. */
export const placesIn = (root: string): { readonly home: string; readonly origin: string } => ({
  home: join(root, 'home'),
  origin: join(root, 'origin.git'),
});
