import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { afterAll, describe } from '@jest/globals';
import { alive, fixture, newMarker, publicFolder, readOr, survivors, testWith, until } from './trees.ts';

const folder = publicFolder();
afterAll(folder.remove);

/** Starts an orchestrator with one run per shape and kills it once all of them are under way. */
async function killOrchestrator(containment: string, marker: string): Promise<number> {
  const args = ['--conditions=gatehouse:src', fixture('orchestrator.mjs'), containment, 'adef', folder.shapes, marker];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], TMPDIR: folder.path },
  });
  let said = '';
  child.stdout.on('data', (bytes) => {
    said += String(bytes);
  });
  await until(() => said.includes('under way'), 'the runs are under way');
  await until(() => alive(marker).length > 0, 'the trees stand');
  child.kill('SIGKILL');
  return child.pid ?? 0;
}

describe.each(['best', 'cookie'])('an orchestrator that is killed in the middle, containment %s', (containment) => {
  testWith('perl')('leaves no process, no home and no cgroup behind', async () => {
    const marker = newMarker();
    const pid = await killOrchestrator(containment, marker);
    try {
      await until(() => alive(marker).length === 0, 'the guard has killed every process');
    } finally {
      survivors(marker);
    }
    const homes = (): readonly string[] =>
      readdirSync(folder.path).filter((name) => name.startsWith('gatehouse-home-'));
    await until(() => homes().length === 0, 'the guard has removed the homes');
    const own = /^0::(.*)$/m.exec(readOr('/proc/self/cgroup', ''))?.[1];
    const cgroups = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].map((mount) => `${mount}${own}`);
    const leaves = (): readonly string[] =>
      cgroups.flatMap(listOr).filter((name) => name.startsWith('gatehouse-') && name.includes(`-${pid}-`));
    await until(() => leaves().length === 0, 'the guard has removed the leaves');
  });
});

function listOr(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
