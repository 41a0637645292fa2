/** Repeats looking, or killing and looking, until emptiness is proved or a cap is reached. */
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import type { ContainmentMechanism, Scan } from './containment/containment.ts';

/** How long a busy host may keep a proof from succeeding when nobody of the run was seen. */
const PROOF_CAP_MS = 200;
const LEVELS_WITHOUT_PROOF: readonly string[] = ['group', 'plain'];
const EAGER_TURNS = 5;
const ROUNDS_PER_KILL = 10;

/** Looks until the answer is a proof or somebody was seen. */
export async function proveEmpty(enclosure: ContainmentMechanism): Promise<Scan> {
  const giveUp = performance.now() + PROOF_CAP_MS;
  for (;;) {
    const look = enclosure.scan();
    if (isSettled(enclosure, look) || look.living.length > 0 || performance.now() > giveUp) return look;
    await turn();
  }
}

/** Kills until nobody is left, or `capMs` have passed and whoever is left cannot be killed. */
export async function killUntilEmpty(enclosure: ContainmentMechanism, capMs: number): Promise<Scan> {
  const giveUp = performance.now() + capMs;
  for (let round = 0; ; round += 1) {
    // The killed need a moment to go, and nobody has to be looked for as long as one of them is still there.
    if (round % ROUNDS_PER_KILL === 0 || !enclosure.isBusy() || performance.now() > giveUp) {
      enclosure.kill();
      const look = enclosure.scan();
      if (isSettled(enclosure, look) || performance.now() > giveUp) return look;
    }
    // The first rounds only give way to our own event loop.
    await (round < EAGER_TURNS ? turn() : delay(1));
  }
}

const isSettled = (enclosure: ContainmentMechanism, look: Scan): boolean =>
  look.empty || (look.living.length === 0 && LEVELS_WITHOUT_PROOF.includes(enclosure.level));
