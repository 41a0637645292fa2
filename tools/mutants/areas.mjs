/**
 * Where mutants are planted, and the tests that must notice, the quickest first: a mutant that one step reports is not shown
 * to the next. `title`: only the tests whose name has it. `withJest`: its tests start processes on the sources, so the mutant
 * has to stand in its file; the other steps are played in one process (in-process.mjs).
 */
const engine = (...names) => names.map((name) => `packages/stage-engine/src/${name}.ts`);
const service = (...names) => names.map((name) => `apps/orchestrator/src/${name}.ts`);
const SIMULATED = { workspace: 'tools/sim', files: ['campaign'], title: 'some hundred lifetimes', withJest: true };

export const AREAS = {
  decide: {
    files: engine(
      ...['decide', 'actions', 'moves', 'position', 'checks', 'verdicts', 'effects', 'task-state'],
      ...['on-answers', 'on-branch', 'on-people', 'on-stops', 'on-wakes', 'on-windows'],
    ),
    steps: [
      {
        workspace: 'packages/stage-engine',
        files: ['action-table', 'stop', 'waiting', 'windows', 'caps', 'people', 'contract', 'readme'],
      },
      { workspace: 'packages/stage-engine', files: ['life.prop', 'boundary'] },
      { workspace: 'tools/sim', files: ['campaign', 'kept-worlds'], withJest: true },
    ],
  },
  lease: {
    files: service(
      'store/leases',
      'store/merge-queue',
      'store/claim',
      'store/claim-rules',
      'store/jobs',
      'store/job-rows',
    ),
    steps: [
      { workspace: 'apps/orchestrator', files: ['store.sqlite'] },
      {
        workspace: 'apps/orchestrator',
        files: ['claim-rules.prop', 'claims-after-changes.prop', 'store.model', 'store.plans'],
      },
      SIMULATED,
    ],
  },
  stop: {
    files: ['request-stop', 'settle-stop', 'end-runs', 'clean-up', 'deletable-branch', 'tombstone'].map(
      (name) => `packages/cancel/src/${name}.ts`,
    ),
    steps: [
      { workspace: 'packages/cancel', files: ['request-stop', 'settle-stop', 'told-in-full', 'tombstone.prop'] },
      { workspace: 'packages/cancel', files: ['interleavings.prop', 'crash', 'boundary'] },
    ],
  },
  'stop-service': {
    files: service(
      ...['store/cancellations', 'cancellation/active-claims', 'cancellation/cancellations', 'cancellation/ledger'],
    ),
    steps: [
      { workspace: 'apps/orchestrator', files: ['active-claims', 'cancellations', 'store.sqlite'] },
      SIMULATED,
      { workspace: 'apps/orchestrator', files: ['stop', 'stop-runs'], withJest: true },
    ],
  },
  'landing-proof': {
    files: ['packages/merge-gate/src/landing-proof.ts'],
    steps: [{ workspace: 'packages/merge-gate', files: ['landing-proof'] }],
  },
  landing: {
    files: service('worker/jobs/landing'),
    steps: [
      { workspace: 'apps/orchestrator', files: ['landing-steps', 'landing-again', 'candidate'] },
      SIMULATED,
      { workspace: 'apps/orchestrator', files: ['landing', 'hanging-forge', 'nothing-to-land'], withJest: true },
    ],
  },
};
