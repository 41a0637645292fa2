/**
 * Tests main itself: takes a turn in the repository's queue, reuses a fresh answer to the same question, else runs the
 * base tree and records the result. Holds no lease. Without a port it simply runs.
 */
import { type CommandRun, gitFault } from '@gatehouse/gate-run';
import { checkoutSlot } from '@gatehouse/git';
import { callPort, isCrashed } from './call-port.ts';
import { gateDigest, probeEnvironment } from './digest.ts';
import { type ParsedMergeRequest, parsePolicy } from './parse-request.ts';
import type { BaseCaller, BaseKey, BaseRunQueue, BaseRunSlot, TestMemoryPort } from './ports.ts';
import { rememberTests } from './remember-tests.ts';
import { type Retest, type RetestRequest, retestInSlot } from './retest.ts';

/** What may be given to `runBase`. */
export interface BaseRunRequest extends Omit<RetestRequest, 'purpose'> {
  /** Name the queue is kept under; that of the lease. */
  readonly repo: string;
  /** What the run is for, in the record. Default `base`. */
  readonly purpose?: 'base' | 'probe';
  /** The environment in which the answer has to be comparable. Default: that of the slot as it is found. */
  readonly hostDigest?: string;
  /** Run it whatever is remembered: the question is about the machine, not about main. */
  readonly fresh?: boolean;
  /** Told what the run showed of single tests. */
  readonly tests?: TestMemoryPort;
}

/** `red` blames no change. `hostDigest` is the environment after the run. */
export type BaseRun =
  | {
      /** What main's own run came to. */
      readonly kind: 'green' | 'red';
      /** The command that decided it, as it went into the record. */
      readonly run: CommandRun;
      /** Digest of the machine and of what commands see of it. */
      readonly hostDigest: string;
      /** Nothing was run: the answer is that of an earlier base run. */
      readonly remembered: boolean;
    }
  | Extract<
      Retest,
      {
        /** What main's own run came to. */
        readonly kind: 'infra' | 'tool-failed';
      }
    >;

/** Main's own run of a merge request, comparable with the branch's runs on the host of `hostDigest`. */
export const baseRunRequest = (
  request: ParsedMergeRequest,
  hostDigest: string,
  signal: AbortSignal,
): BaseRunRequest => ({
  ...request,
  commit: request.base,
  treeKill: request.switches.treeKill,
  hostDigest,
  signal,
});

/** As long as a line of a few long suites may take; what is slower than this is not coming. */
export const TURN_LIMIT_MS: number = 6 * 3_600_000;

/** Green or red with the run behind it, or why main cannot be judged now. */
export async function runBase(request: BaseRunRequest, port?: BaseRunQueue): Promise<BaseRun> {
  const policy = parsePolicy({ ...request.policy });
  if (policy.kind === 'invalid') return { kind: 'tool-failed', reason: policy.reason };
  const parsed = { ...request, policy: policy.value };
  return inTurn(parsed, port, () => runBaseInTurn(parsed, port));
}

/** No turn came: nothing was run, and no change is at fault. */
export interface NoTurn {
  readonly kind: 'infra';
  readonly reason: string;
}

/** Does `work` in the repository's turn for base runs, and ends the turn whatever becomes of it. Without a port, at once. */
export async function inTurn<Answer>(
  caller: BaseCaller,
  port: BaseRunQueue | undefined,
  work: () => Promise<Answer>,
): Promise<Answer | NoTurn> {
  if (port === undefined) return work();
  const turn = await takeTurn(caller, port);
  if (turn.kind === 'called-off') return { kind: 'infra', reason: 'the base run was called off before its turn' };
  if (turn.kind === 'crashed') return { kind: 'infra', reason: `the line for base runs: ${turn.error.message}` };
  try {
    return await work();
  } finally {
    turn.end();
  }
}

/** A turn that is granted after its caller has left is ended at once. */
async function takeTurn({ repo, signal }: BaseCaller, port: BaseRunQueue) {
  const asked = port.acquire({ repo, ...(signal === undefined ? {} : { signal }) });
  const turn = await callPort<BaseRunSlot>('base.turn', () => asked, TURN_LIMIT_MS);
  if (isCrashed(turn)) void callPort('base.turn (late)', () => endLate(asked), TURN_LIMIT_MS);
  return turn;
}

async function endLate(asked: Promise<BaseRunSlot>): Promise<void> {
  const turn = await asked;
  if (turn.kind === 'yours') turn.end();
}

/** The same for a caller that has the turn; the policy is a parsed one. */
export async function runBaseInTurn(request: BaseRunRequest, port: BaseRunQueue | undefined): Promise<BaseRun> {
  if (port === undefined) return runNow(request);
  const { repo, commit, policy, slotDir, isolation, hostDigest, fresh, signal } = request;
  if (hostDigest !== undefined && fresh !== true) {
    const known = await recall(port, { repo, commit, gateDigest: gateDigest(policy), hostDigest });
    if (known !== null) return known;
  }
  const slot = await checkout(request);
  if (slot.kind !== 'ready') return slot;
  if (hostDigest === undefined && fresh !== true) {
    const now = await probeEnvironment({ policy, slotDir, isolation, signal });
    const key = { repo, commit, gateDigest: gateDigest(policy) };
    const known = now.kind === 'probed' ? await recall(port, { ...key, hostDigest: now.hostDigest }) : null;
    if (known !== null) return known;
  }
  const told = await runInSlot(request, slot.tree);
  if (told.kind === 'infra' || told.kind === 'tool-failed') return told;
  const key: BaseKey = { repo, commit, gateDigest: gateDigest(policy), hostDigest: told.hostDigest };
  await callPort('base.remember', () => port.record(key, told.run));
  return told;
}

async function runNow(request: BaseRunRequest): Promise<BaseRun> {
  const slot = await checkout(request);
  return slot.kind === 'ready' ? runInSlot(request, slot.tree) : slot;
}

async function checkout({ git, slotDir, commit, signal, gitTimeoutMs: timeoutMs }: BaseRunRequest) {
  const slot = await checkoutSlot({ repo: git, dir: slotDir, commit, signal, timeoutMs });
  return slot.kind === 'ready' ? slot : gitFault('checkout', slot);
}

async function runInSlot(request: BaseRunRequest, tree: string): Promise<BaseRun> {
  const { policy, slotDir, isolation, signal, purpose = 'base' } = request;
  const told = await retestInSlot({ ...request, purpose }, tree);
  if (told.kind === 'infra' || told.kind === 'tool-failed') return told;
  const now = await probeEnvironment({ policy, slotDir, isolation, signal });
  if (now.kind === 'unprobed') return { kind: 'infra', reason: `the environment cannot be read: ${now.reason}` };
  const key = { tree, gateDigest: gateDigest(policy), envDigest: now.envDigest };
  await rememberTests({ memory: request.tests, repo: request.repo, key }, told);
  return { kind: told.kind, run: told.run, hostDigest: now.hostDigest, remembered: false };
}

/** A memory that fails costs a run, never a verdict. */
async function recall(port: BaseRunQueue, key: BaseKey): Promise<BaseRun | null> {
  const run = await callPort('base.recall', () => port.lookup(key));
  if (run === null || isCrashed(run) || (run.outcome !== 'green' && run.outcome !== 'red')) return null;
  return { kind: run.outcome, run, hostDigest: key.hostDigest, remembered: true };
}
