/** Tries a keeper on a command whose end and whose orphan are known. */
import { setTimeout as delay } from 'node:timers/promises';
import { spawnChild } from './child.ts';
import { type KeeperMeans, keepRun } from './keeper.ts';
import { keeperEnvironment } from './keeper-program.ts';
import { childrenOf } from './procfs.ts';

const PROBE_MS = 5000;

/** Leaves an orphan. */
const SCRIPT = '( sleep 5 & ) ; exit 7';

/** True if it told the end of the command, adopted its orphan, killed it and then said that nothing is left. */
export async function probeKeeper(means: KeeperMeans): Promise<boolean> {
  const kept = keepRun(means, 'own');
  try {
    const { file, args } = kept.wrap({ file: '/bin/sh', args: ['-c', SCRIPT] });
    const env = keeperEnvironment({ PATH: '/usr/bin:/bin' });
    const request = {
      file,
      args,
      env,
      cwd: '/',
      detached: true,
      runAs: null,
      stderrAt: null,
      descriptors: [],
      stdin: null,
      onChunk: () => null,
    };
    const spawned = await kept.adopt(await spawnChild(request));
    if (spawned.kind === 'spawn-failed') return false;
    const { exited, release } = spawned.child;
    release();
    const exit = await Promise.race([exited, delay(PROBE_MS, null, { ref: false })]);
    const adopted = kept.state() === 'holding' && childrenOf(kept.pid()).length === 1;
    kept.kill();
    await Promise.race([kept.settled, delay(PROBE_MS, null, { ref: false })]);
    return exit?.code === 7 && adopted && kept.state() === 'empty';
  } finally {
    await kept.release();
  }
}
