/** Repeats scanning, or killing and scanning, until emptiness is proved or a cap is reached. */
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import { monotonicMs } from './adapters/within.ts';
import type { ContainmentMechanism, Scan } from './containment/containment.ts';

/** How long a busy host may keep a proof from succeeding when no process of the run was seen. */
const PROOF_CAP_MS = 200;
/** The same for a word that is on its way from another process. */
const WORD_CAP_MS = 500;
const FIRST_WAIT_MS = 20;
const EAGER_TURNS = 5;
const ROUNDS_PER_KILL = 10;

/** Scans until the answer is a proof or a process was seen. */
export async function proveEmpty(mechanism: ContainmentMechanism): Promise<Scan> {
  const began = monotonicMs();
  for (;;) {
    const scan = mechanism.scan();
    const awaited = mechanism.awaited();
    const cap = awaited === null ? PROOF_CAP_MS : WORD_CAP_MS;
    if (isSettled(scan) || scan.living.length > 0 || monotonicMs() > began + cap) return scan;
    await (awaited === null ? turn() : Promise.race([awaited, delay(FIRST_WAIT_MS)]));
  }
}

/** Kills until no process is left, or `capMs` have passed and what is left cannot be killed. */
export async function killUntilEmpty(mechanism: ContainmentMechanism, capMs: number): Promise<Scan> {
  const giveUp = monotonicMs() + capMs;
  // Each further kill is for what was started between two looks of the other process, and costs a scan.
  for (let wait = FIRST_WAIT_MS; monotonicMs() < giveUp; wait *= 2) {
    const awaited = mechanism.awaited();
    if (awaited === null) break;
    mechanism.kill();
    await Promise.race([awaited, delay(Math.min(wait, Math.max(1, giveUp - monotonicMs())))]);
    // Many runs that end together must hear the word before they scan again.
    await turn();
  }
  for (let round = 0; ; round += 1) {
    // The killed need a moment to go, and no scan is needed as long as one of them is still there.
    if (round % ROUNDS_PER_KILL === 0 || !mechanism.isBusy() || monotonicMs() > giveUp) {
      mechanism.kill();
      const scan = mechanism.scan();
      if (isSettled(scan) || monotonicMs() > giveUp) return scan;
    }
    // The first rounds only give way to our own event loop.
    await (round < EAGER_TURNS ? turn() : delay(1));
  }
}

const isSettled = (scan: Scan): boolean => scan.empty || (scan.living.length === 0 && scan.isFinal === true);
