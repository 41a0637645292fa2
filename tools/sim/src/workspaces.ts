/** Slots and reports on the virtual disk. Only the measurement is kept: it is what the ratchet reads. */
import { MEASUREMENT, type NewArtefact, type Workspaces } from '@gatehouse/orchestrator/testing';
import type { Owner } from './clock.ts';
import { count } from './coverage-counters.ts';
import type { FaultPoint } from './fault-point.ts';
import type { WorldState } from './world-state.ts';

export function workspacesOf(state: WorldState, owner: Owner, atFaultPoint: FaultPoint): Workspaces {
  return {
    create: async (job) => {
      const own = `reports/${job.taskId}/${job.id}-${job.token}`;
      return { slotDir: `slots/${job.id}-${job.token}`, reportsDir: own, logDir: own };
    },
    dispose: async () => {},
    reports: ({ reportsDir }, { stage, attempt, atMs }) =>
      atFaultPoint(owner, 'workspace.reports', async (): Promise<NewArtefact[]> => {
        const path = `${reportsDir}/${MEASUREMENT}`;
        if (!state.disk.has(path)) return [];
        return [{ stage, attempt, name: MEASUREMENT, path, digest: path, codeTree: null, createdAt: atMs }];
      }),
    readStoredReport: async ({ path }) => state.disk.get(path) ?? null,
    logs: async () => [],
    deleteReports: async () => {},
    deleteProbeReports: async () => {},
    freeBytes: () =>
      atFaultPoint(owner, 'workspace.free', async () => {
        if (!state.prng.hits(state.faults.diskFullPpm)) return null;
        count(state.counters, 'workspace: the disk is full');
        return 0;
      }),
    removeStale: async () => {},
  };
}
