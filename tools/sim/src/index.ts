/** Seeded simulation of the production store, worker, jobs, landing and STOP under faults. See README.md. */
export type { FoundViolation } from './batch.ts';
export { type SimulateOptions, type SimulationReport, simulate } from './campaign.ts';
