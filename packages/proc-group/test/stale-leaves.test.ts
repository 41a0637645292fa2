import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { containmentLevel } from '@gatehouse/proc-group';
import { afterAll, expect } from '@jest/globals';
import { ownCgroup } from '../src/adapters/cgroup.ts';
import { alive, fixture, newMarker, publicFolder, readOr, survivors, testIf, testWith, until } from './trees.ts';

const folder = publicFolder();
afterAll(folder.remove);

const parent = ownCgroup() ?? '/nowhere';
const leavesOf = (pid: number): readonly string[] =>
  readdirSync(parent).filter((name) => name.startsWith('gatehouse-') && name.includes(`-${pid}-`));
const node = ['--conditions=gatehouse:src'];

async function startOrchestrator(marker: string): Promise<number> {
  const args = [...node, fixture('orchestrator.mjs'), 'best', 'd', folder.shapes, marker];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child.pid ?? 0;
}

/** The idle shell that would have cleared up, and the keeper that ends a run whose owner is gone. */
const helpersOf = (pid: number, name: string): readonly number[] =>
  alive(name).filter((helper) => readOr(`/proc/${helper}/stat`, '').includes(`) S ${pid} `));

const machine = await containmentLevel();
const usable = machine.kind === 'detected' && machine.level === 'kernel';

(usable ? testWith('perl') : testIf(false, 'level kernel cannot be had'))(
  'the next orchestrator ends what one left that died together with its guard, and spares the living one',
  async () => {
    const [dead, living] = [newMarker(), newMarker()];
    const deadPid = await startOrchestrator(dead);
    const livingPid = await startOrchestrator(living);
    try {
      const guards = helpersOf(deadPid, 'gatehouse-guard');
      expect(guards).toHaveLength(1);
      const all = [...guards, ...helpersOf(deadPid, 'gatehouse-keeper'), deadPid];
      expect(all).toHaveLength(3);
      // Stopped first: none of them sees another one die.
      for (const signal of ['SIGSTOP', 'SIGKILL']) for (const pid of all) process.kill(pid, signal);
      await until(() => alive(dead).length > 0 && readOr(`/proc/${deadPid}/stat`, '') === '', 'the owner is gone');
      expect(leavesOf(deadPid)).toHaveLength(1);

      const source = "import { containmentLevel } from '@gatehouse/proc-group'; await containmentLevel();";
      const next = spawn(process.execPath, [...node, '--input-type=module', '-e', source], {
        stdio: ['ignore', 'ignore', 'inherit'],
        cwd: fixture('.'),
      });
      expect(await once(next, 'exit')).toEqual([0, null]);

      expect([alive(dead).length, leavesOf(deadPid).length]).toEqual([0, 0]);
      expect([alive(living).length > 0, leavesOf(livingPid).length]).toEqual([true, 1]);
    } finally {
      for (const pid of [deadPid, livingPid]) spawnSync('kill', ['-9', String(pid)]);
      await until(() => alive(living).length === 0, 'the guard has ended the other run');
      survivors(dead);
    }
  },
);
