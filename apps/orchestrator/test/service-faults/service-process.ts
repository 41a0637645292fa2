/** The service as a process of its own, so that it can be killed. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../../src/platform/process-environment.ts';
import { type Door, until } from '../live-gatehouse.ts';
import type { SmallWorld } from './small-world.ts';

export interface ServiceProcess extends Door {
  /** The signal that ended it; null while it lives. */
  readonly endedBy: () => string | null;
  readonly kill: () => void;
  /** Everything it wrote so far. */
  readonly said: () => string;
}

/** Starts it on `dataDir`; its pid is where a fault's code finds it. */
export async function serviceProcess(
  world: Pick<SmallWorld, 'path' | 'desk'>,
  dataDir: string,
  more: Environment = {},
): Promise<ServiceProcess> {
  const main = new URL('../../src/main.ts', import.meta.url).pathname;
  const hook = new URL('../../../../tools/source-hook.mjs', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--conditions=gatehouse:src', '--import', hook, main, 'serve'], {
    env: {
      ...{ PATH: world.path, ORCH_DATA_DIR: dataDir, ORCH_PORT: '0', ORCH_POLL_S: '0.2', ORCH_ISOLATION: 'none' },
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      ...more,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  writeFileSync(join(world.desk, 'service.pid'), String(child.pid));
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      said += bytes.toString('utf8');
    });
  const url = await until('the service listens', async () => /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0]);
  return {
    url,
    context: { dataDir },
    endedBy: () => child.signalCode,
    kill: () => void child.kill('SIGKILL'),
    said: () => said,
  };
}
