/** All tables. drizzle-kit reads this file to write the next migration; the store reads it for its queries. */
export { artefacts } from './artefacts.ts';
export { breakers } from './breakers.ts';
export { commandRuns } from './command-runs.ts';
export { coverageBaseline } from './coverage-baseline.ts';
export { coverageHistory } from './coverage-history.ts';
export { events } from './events.ts';
export { gateRuns } from './gate-runs.ts';
export { inbox } from './inbox.ts';
export { jobs } from './jobs.ts';
export { leases } from './leases.ts';
export { outbox } from './outbox.ts';
export { repos } from './repos.ts';
export { results } from './results.ts';
export { taskDeps } from './task-deps.ts';
export { tasks } from './tasks.ts';
export { tickets } from './tickets.ts';
export { workers } from './workers.ts';
