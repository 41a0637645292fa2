/** Taking, keeping and giving back the right to move main. Why a token and not a lock: docs/adr/0006-a-numbered-lease-and-results-by-digest.md. */
import type { Crashed, LeaseProof } from '@gatehouse/verdict';
import { callPort, isCrashed } from './call-port.ts';
import type { Acquired, Busy, LeasePort, LeaseRequest, LeaseUnavailable } from './ports.ts';

const DEFAULT_RENEW_MS = 10_000;

/** Asks for the lease once. A port that answers too late gives its late grant back at once. */
export async function acquireMergeLease(
  port: LeasePort,
  request: LeaseRequest,
): Promise<Acquired | Busy | LeaseUnavailable | Crashed> {
  if (request.signal?.aborted === true) return { kind: 'unavailable', reason: 'called off before it was asked for' };
  const asked = port.acquire(request);
  const answer = await callPort('lease.acquire', () => asked);
  if (isCrashed(answer)) void callPort('lease.acquire (late)', () => giveBackLate(port, asked), 600_000);
  return answer;
}

async function giveBackLate(port: LeasePort, asked: ReturnType<LeasePort['acquire']>): Promise<void> {
  const answer = await asked;
  if (answer.kind === 'acquired') await port.release(answer.proof);
}

/** Gives the lease back. Idempotent; `crashed` means that the port could not be reached and silence must end it. */
export async function releaseMergeLease(
  port: LeasePort,
  proof: LeaseProof,
): Promise<{ readonly kind: 'released' } | Crashed> {
  const answer = await callPort('lease.release', () => port.release(proof));
  return isCrashed(answer) ? answer : { kind: 'released' };
}

/** A lease that is being renewed. */
export interface KeptLease {
  readonly proof: LeaseProof;
  /** Aborted when the lease is lost; whatever was being done under it must stop. */
  readonly lost: AbortSignal;
  /** Asks the port itself; a port that cannot answer does not hold. */
  stillHeld(): Promise<boolean>;
  stop(): void;
}

/** Renews until stopped. One unanswered renewal is tried again; only a clear "no" is a loss. */
export function keepLease(port: LeasePort, proof: LeaseProof): KeptLease {
  const lost = new AbortController();
  const renew = async (): Promise<void> => {
    if ((await callPort('lease.renew', () => port.renew(proof))) === false) lost.abort('the merge lease was lost');
  };
  const timer = setInterval(() => void renew(), port.renewEveryMs ?? DEFAULT_RENEW_MS);
  timer.unref();
  return {
    proof,
    lost: lost.signal,
    stillHeld: async () => (await callPort('lease.held', () => port.held(proof))) === true,
    stop: () => clearInterval(timer),
  };
}
