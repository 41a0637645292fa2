/** Slots and reports on the virtual disk. Only the measurement is kept: it is what the ratchet reads. */
import { MEASUREMENT, type NewArtefact, type Places } from '@gatehouse/orchestrator/testing';
import type { Owner } from './clock.ts';
import { count } from './coverage-counters.ts';
import type { Cross } from './fault-point.ts';
import type { Land } from './world-state.ts';

export function placesOf(land: Land, owner: Owner, cross: Cross): Places {
  return {
    open: async (job) => {
      const own = `reports/${job.taskId}/${job.id}-${job.token}`;
      return { slotDir: `slots/${job.id}-${job.token}`, reportsDir: own, logDir: own };
    },
    close: async () => {},
    reports: ({ reportsDir }, { stage, attempt, atMs }) =>
      cross(owner, 'places.reports', async (): Promise<NewArtefact[]> => {
        const path = `${reportsDir}/${MEASUREMENT}`;
        if (!land.disk.has(path)) return [];
        return [{ stage, attempt, name: MEASUREMENT, path, digest: path, codeTree: null, createdAt: atMs }];
      }),
    keptText: async ({ path }) => land.disk.get(path) ?? null,
    logs: async () => [],
    forget: async () => {},
    freeBytes: () =>
      cross(owner, 'places.free', async () => {
        if (!land.dice.hits(land.weather.diskFullPpm)) return null;
        count(land.tally, 'places: the disk is full');
        return 0;
      }),
    sweep: async () => {},
  };
}
