/**
 * What has to come up in so many lifetimes. A fault that never fired, or a path that was never taken, was not tested,
 * however green the run is. Each is to be expected fifteen times or more in that many lifetimes.
 */
import type { CoverageCounters } from './coverage-counters.ts';

interface Expectation {
  readonly lifetimes: number;
  /** Names in the counters; `kill` and `stop` stand for all fault points together. */
  readonly names: readonly string[];
}

export const EXPECTED: readonly Expectation[] = [
  {
    lifetimes: 1_000,
    names: [
      'kill',
      'stop',
      'restarted in order',
      'two services at once',
      'start refused',
      'store: refuses',
      'workspace: the disk is full',
      'mirror: unreachable',
      'mirror: cannot compare',
      'policy: unreadable',
      'forge: cannot-land',
      'forge: checks run for a while',
      'forge: ci-pending',
      'forge: deaf',
      'forge: lands after the caller gave up',
      'forge: lands and says it did not',
      'forge: not prepared',
      'forge: says landed and did not',
      'gate: a long run',
      'gate: feed down',
      'gate: infra',
      'gate: lease busy',
      'gate: main broken',
      'gate: raises',
      'gate: red',
      'gate: secret',
      'gate: tool failed',
      'coverage: fail',
      'coverage: pass',
      'agent: failed',
      'agent: objected',
      'agent: mended its change',
      'main: moved by others',
      'main: broken by others',
      'main: mended by others',
      'people: a mended head',
      'people: a new head',
      'people: approve',
      'people: baseline override',
      'people: branch deleted',
      'people: pause',
      'people: resume',
      'people: retry',
      'people: thaw',
      'enqueue: a later generation',
      'stop answered: cancelled',
      'stop answered: stopping',
      'stop answered: too_late',
      'landed',
      'window: entered',
      'fenced: applyEvent',
      'fenced: heartbeat',
      'ended: done (done)',
      'ended: cancelled (stopped)',
      'ended: cancelled (branch-gone)',
    ],
  },
  {
    lifetimes: 20_000,
    names: [
      'agent: push was too late',
      'fenced: ackOutbox',
      'fenced: acquireLease',
      'fenced: releaseJob',
      'fenced: releaseLease',
      'fenced: renewLease',
      'gate: base moved',
      'gate: conflict',
      'gate: lease lost while testing',
      'gate: secret in the combined commit',
      'people: override of check_coverage_gate',
      'people: override of check_image_freshness',
      'people: override of check_security_gate',
      'stop answered: already',
      'stop answered: deferred',
      'ended: cancelled (merged, not deployed)',
      'ended: cancelled (stopped, unverified)',
      'kill before store.acquireLease',
      'kill before store.applyEvent',
      'kill before store.claimJob',
      'kill after store.claimJob',
      'kill after store.applyEvent',
      'kill after store.enterCritical',
      'kill after mirror.refresh',
      'kill after store.addTask',
      'kill before store.ackOutbox',
      'stop after store.applyEvent',
      'stop before store.applyEvent',
      'stop after store.acquireLease',
      'stop after store.claimJob',
    ],
  },
  {
    lifetimes: 100_000,
    names: [
      'kill before forge.land',
      'kill after forge.land',
      'kill before store.enterCritical',
      'kill before store.releaseLease',
      'kill after store.compareAndSetBaseline',
      'stop before forge.land',
      'stop before store.enterCritical',
      'stop after store.enterCritical',
      'window: fenced',
      'fenced: enterCritical',
      'alert sent again after a fault',
    ],
  },
];

export function neverFired(counters: CoverageCounters, lifetimes: number): readonly string[] {
  const came = new Set(counters.keys());
  for (const name of counters.keys()) came.add(name.split(' ')[0] ?? name);
  return EXPECTED.filter((row) => lifetimes >= row.lifetimes)
    .flatMap(({ names }) => names)
    .filter((name) => !came.has(name));
}
