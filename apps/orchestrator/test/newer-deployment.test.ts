/** Whether production has a commit already: what git cannot compare, and main still has, is never taken for a no. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { forgeChooser } from '../src/forges/choose.ts';
import { newerDeployment } from '../src/worker/deployments.ts';
import { type Mirrors, mirrorsIn } from '../src/workspace/mirrors.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const OLD = { id: 'old', landedSha: 'a'.repeat(40) };
const signal = new AbortController().signal;

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
    mirrors: {
      hasCommit: async (_: string, { head }: { readonly head: string }) => later[head[0] ?? '']?.contains,
      refresh: async () => ({ kind: 'unreachable' }),
    },
    workspaces: {},
  };
  return newerDeployment(scene as never, { task: OLD, repo: { id: 'app', main: 'main' } as never, signal });
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

test('what main was rewritten without keeps nothing from going live; what main has does, while git cannot read it', async () => {
  const folder = scratchFolder();
  const forge = await Forge.make(PROJECT);
  const landed = forge.push({ branch: 'main', from: 'main' }, { 'a.txt': 'a' });
  const deployed = forge.push({ branch: 'main', from: 'main' }, { 'b.txt': 'b' });
  const repo = { id: 'app', url: forge.path, forge: 'local', main: 'main' } as const;
  const mirrors = mirrorsIn(folder, forgeChooser(new Map()));
  expect(await mirrors.refresh(repo)).toMatchObject({ kind: 'fresh' });
  const asked = (seen: Mirrors) =>
    newerDeployment(
      {
        store: {
          landedTasks: async () => [{ id: 'new', landedSha: deployed }],
          gateRuns: async () => [{ status: 'pass' }],
        },
        mirrors: seen,
        workspaces: {},
      } as never,
      { task: { id: 'old', landedSha: landed }, repo, signal },
    );
  expect(await asked(mirrors)).toMatchObject({ kind: 'newer', commit: deployed });
  expect(await asked({ ...mirrors, hasCommit: async () => 'unknown' })).toEqual({ kind: 'unknown' });
  forge.push({ branch: 'next', from: landed }, { 'c.txt': 'c' });
  forge.git('update-ref', 'refs/heads/main', forge.head('next'));
  rmSync(join(folder, 'app.git'), { recursive: true });
  const anew = mirrorsIn(folder, forgeChooser(new Map()));
  expect(await anew.refresh(repo)).toMatchObject({ kind: 'fresh' });
  expect(await anew.hasCommit('app', { commit: landed, head: deployed })).toBe('unknown');
  expect(await asked(anew)).toEqual({ kind: 'none' });
  rmSync(forge.path, { recursive: true });
  expect(await asked(anew)).toEqual({ kind: 'unknown' });
  await Promise.all([mirrors.close(), anew.close()]);
});
