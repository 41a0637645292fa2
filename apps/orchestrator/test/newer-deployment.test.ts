/** Whether production has a commit already: what git cannot compare is never taken for a no. */
import { expect, test } from '@jest/globals';
import { newerDeployment } from '../src/worker/deployments.ts';

const OLD = { id: 'old', repoId: 'app', landedSha: 'a'.repeat(40) };

/** Tasks that landed, before or after by the clock, each deployed or not, and what git says of them. */
function ask(later: Readonly<Record<string, { readonly deployed: boolean; readonly contains: string }>>) {
  const scene = {
    store: {
      landedTasks: async ({ sinceMs }: { readonly sinceMs: number }) =>
        Object.keys(sinceMs === 0 ? later : {}).map((id) => ({ id, landedSha: id.repeat(40) })),
      gateRuns: async ({ taskId }: { readonly taskId: string }) =>
        later[taskId]?.deployed === true ? [{ status: 'pass' }] : [],
      findArtefact: async () => null,
    },
    mirrors: { hasCommit: async (_: string, { head }: { readonly head: string }) => later[head[0] ?? '']?.contains },
    workspaces: {},
  };
  return newerDeployment(scene as never, OLD);
}

test.each([
  [{}, { kind: 'none' }],
  [{ b: { deployed: true, contains: 'no' } }, { kind: 'none' }],
  [{ b: { deployed: false, contains: 'yes' } }, { kind: 'none' }],
  [{ b: { deployed: true, contains: 'yes' } }, { kind: 'newer', task: 'b' }],
  [{ b: { deployed: true, contains: 'unknown' } }, { kind: 'unknown' }],
  [{ b: { deployed: false, contains: 'unknown' } }, { kind: 'none' }],
  [
    { b: { deployed: true, contains: 'unknown' }, c: { deployed: true, contains: 'yes' } },
    { kind: 'newer', task: 'c' },
  ],
  [{ b: { deployed: true, contains: 'unknown' }, c: { deployed: true, contains: 'no' } }, { kind: 'unknown' }],
])('of %j it says %j', async (later, told) => {
  expect(await ask(later)).toMatchObject(told);
});
