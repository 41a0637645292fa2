/**
 * The virtual merge check: lease, catch up, re-test, check again. It asks the real lease through the real port, renews
 * it, gives it back at every exit but a pass, and leaves it held on that one, as the gate does.
 */
import { acquireMergeLease, releaseMergeLease } from '@gatehouse/merge-gate';
import { type CheckContext, isDeclaredGreen } from '@gatehouse/orchestrator/testing';
import type { CheckVerdict, GreenBasis, LeaseProof } from '@gatehouse/verdict';
import { count } from './coverage-counters.ts';
import { type Commit, conflicts, isGreen } from './history.ts';
import { defer, failed, type Machine, mustKnow, passed, runCommand } from './machine.ts';

const RENEW_MS = 10_000;

export async function mergeGate(machine: Machine, context: CheckContext): Promise<CheckVerdict> {
  const { subject, ports, signal } = context;
  const { counters } = machine.state;
  const acquired = await acquireMergeLease(ports.lease, { repo: subject.repo, holder: subject.holder, signal });
  if (acquired.kind === 'busy') {
    count(counters, 'gate: lease busy');
    return defer('lock-busy', `held by ${acquired.holder}`);
  }
  if (acquired.kind !== 'acquired') return defer('infra', 'the lease cannot be asked for');
  const held: Held = { proof: acquired.proof, isLost: false, run: new AbortController() };
  // Not `AbortSignal.any`: one with a listener is kept for ever, and with it the world of a process that was killed.
  const endRun = (): void => held.run.abort(signal.reason);
  if (signal.aborted) endRun();
  signal.addEventListener('abort', endRun, { once: true });
  const beat = setInterval(() => void renew(context, held), RENEW_MS);
  let verdict: CheckVerdict = defer('lock-busy', 'the lease was lost');
  try {
    const judged = await judge(machine, { ...context, signal: held.run.signal });
    const isHeld = !held.isLost && (judged.status !== 'pass' || (await ports.lease.held(acquired.proof)));
    if (isHeld) verdict = judged;
    else count(counters, 'gate: lease lost while testing');
  } finally {
    clearInterval(beat);
    signal.removeEventListener('abort', endRun);
    if (verdict.status !== 'pass') await releaseMergeLease(ports.lease, acquired.proof);
  }
  return verdict;
}

interface Held {
  readonly proof: LeaseProof;
  isLost: boolean;
  /** Of what runs under the lease. */
  readonly run: AbortController;
}

async function renew({ ports }: CheckContext, held: Held): Promise<void> {
  if (await ports.lease.renew(held.proof).catch(() => true)) return;
  held.isLost = true;
  held.run.abort(new Error('the merge lease was lost'));
}

async function judge(machine: Machine, context: CheckContext): Promise<CheckVerdict> {
  const { state } = machine;
  const { subject } = context;
  const base = mustKnow(state, subject.base);
  const head = mustKnow(state, subject.head);
  if (conflicts(base, head)) {
    count(state.counters, 'gate: conflict');
    return failed({ rule: 'conflict', message: 'the branch conflicts with main' });
  }
  const candidate = state.history.combine(base.sha, head.sha);
  const basis = await greenBasis(machine, context, { base, candidate });
  if (typeof basis !== 'string') return basis;
  const { mirror } = state;
  if (mirror[subject.main] !== subject.base) {
    count(state.counters, 'gate: base moved');
    return defer('base-moved', 'main moved during the test');
  }
  if (mirror[subject.branch] !== subject.head) {
    count(state.counters, 'gate: branch moved');
    return defer('branch-moved', 'the branch moved during the test');
  }
  const commits = { base: subject.base, head: subject.head, tested: candidate.sha };
  count(state.counters, `gate: green by ${basis}`);
  return { ...passed('green'), commits, basis };
}

/** What the green of the candidate rests on, in the order in which the gate asks; or the answer that there is none. */
async function greenBasis(
  machine: Machine,
  context: CheckContext,
  { base, candidate }: { readonly base: Commit; readonly candidate: Commit },
): Promise<GreenBasis | CheckVerdict> {
  const { state } = machine;
  const { subject, ports } = context;
  if (candidate.sha === subject.head && isDeclaredGreen(context)) return 'declared-ci';
  const key = { tree: candidate.tree, gateDigest: 'test', envDigest: 'machine' };
  const { remembers } = state.testing;
  if (remembers && (await ports.results.lookup(key)) === 'green') return 'earlier-run';
  const fault = await runCommand(machine, context, { purpose: 'branch', commit: candidate });
  if (fault !== null) return fault;
  if (remembers) await ports.results.record(key, isGreen(candidate) ? 'green' : 'red').catch(() => {});
  if (isGreen(candidate)) return 'test-run';
  const again = await runCommand(machine, context, { purpose: 'branch-again', commit: candidate });
  if (again !== null) return again;
  count(state.counters, isGreen(base) ? 'gate: red' : 'gate: main broken');
  if (!isGreen(base)) return { ...defer('main-broken', 'main itself is red'), commits: subject };
  return failed({ rule: 'red-test', message: 'the tests are red with this branch, and green without' });
}
