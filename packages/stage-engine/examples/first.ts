/** A branch of people waits for the merge lock, gets it, lands. Everything a store would have to do is printed. */
import { fileURLToPath } from 'node:url';
import { DEFAULT_CONFIG, decide, type EngineEvent, initialState } from '@gatehouse/stage-engine';

const fine = { status: 'pass', reason: 'fine', findings: [] } as const;
const busy = { status: 'defer', cause: 'lock-busy', reason: 'task 7 is landing', findings: [] } as const;

const story: readonly EngineEvent[] = [
  { kind: 'enqueued', atMs: 0 },
  { kind: 'check-answered', check: 'check_security_gate', verdict: fine, atMs: 1_000 },
  { kind: 'check-answered', check: 'check_branch_mergeable', verdict: busy, atMs: 2_000 },
  { kind: 'woken', why: 'lease-free', atMs: 60_000 },
  { kind: 'check-answered', check: 'check_security_gate', verdict: fine, atMs: 61_000 },
  { kind: 'check-answered', check: 'check_branch_mergeable', verdict: fine, atMs: 90_000 },
  { kind: 'check-answered', check: 'check_coverage_gate', verdict: fine, atMs: 95_000 },
  { kind: 'check-answered', check: 'check_image_freshness', verdict: fine, atMs: 96_000 },
  { kind: 'landing-answered', answer: { kind: 'landed' }, atMs: 97_000 },
];

export function play(print: (line: string) => void): void {
  let state = initialState('gates-only');
  for (const event of story) {
    const decision = decide(state, event, DEFAULT_CONFIG);
    state = decision.state;
    const orders = decision.effects.map((effect) =>
      effect.kind === 'start-job' ? `start ${effect.step}` : effect.kind,
    );
    print(`${event.kind} -> ${state.stage}, ${state.status}: ${orders.join(', ')}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) play((line) => process.stdout.write(`${line}\n`));
