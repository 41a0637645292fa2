/** Repeats scanning, or killing and scanning, until emptiness is proved or a cap is reached. */
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type { ContainmentMechanism, Scan } from './containment/containment.ts';

/** How long a busy host may keep a proof from succeeding when no process of the run was seen. */
const PROOF_CAP_MS = 200;
const LEVELS_WITHOUT_PROOF: readonly string[] = ['group', 'plain'];
const EAGER_TURNS = 5;
const ROUNDS_PER_KILL = 10;

/** Scans until the answer is a proof or a process was seen. */
export async function proveEmpty(mechanism: ContainmentMechanism): Promise<Scan> {
  const giveUp = performance.now() + PROOF_CAP_MS;
  for (;;) {
    const scan = mechanism.scan();
    if (isSettled(mechanism, scan) || scan.living.length > 0 || performance.now() > giveUp) return scan;
    await turn();
  }
}

/** Kills until no process is left, or `capMs` have passed and what is left cannot be killed. */
export async function killUntilEmpty(mechanism: ContainmentMechanism, capMs: number): Promise<Scan> {
  const giveUp = performance.now() + capMs;
  for (let round = 0; ; round += 1) {
    // The killed need a moment to go, and no scan is needed as long as one of them is still there.
    if (round % ROUNDS_PER_KILL === 0 || !mechanism.isBusy() || performance.now() > giveUp) {
      mechanism.kill();
      const scan = mechanism.scan();
      if (isSettled(mechanism, scan) || performance.now() > giveUp) return scan;
    }
    // The first rounds only give way to our own event loop.
    await (round < EAGER_TURNS ? turn() : delay(1));
  }
}

const isSettled = (mechanism: ContainmentMechanism, scan: Scan): boolean =>
  scan.empty || (scan.living.length === 0 && LEVELS_WITHOUT_PROOF.includes(mechanism.level));
