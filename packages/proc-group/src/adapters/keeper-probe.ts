/** Tries a keeper on a command whose end and whose orphan are known. */
import { setTimeout as delay } from 'node:timers/promises';
import { spawnChild } from './child.ts';
import { type KeeperMeans, keepRun } from './keeper.ts';
import { keeperEnvironment } from './keeper-program.ts';
import { childrenOf } from './procfs.ts';
import { within } from './within.ts';

const PROBE_MS = 5000;

/** Leaves an orphan. */
const SCRIPT = '( sleep 5 > /dev/null 2>&1 & ) ; exit 7';

export interface ProbedKeeper {
  /** It told the end of the command, adopted its orphan, killed it and then said that nothing is left. */
  readonly keeps: boolean;
  /** What the lines printed. */
  readonly said: string;
}

/**
 * Each line runs before in a shell of its own, with `word` as its first; for Node a start is dearer than what is started, so one start
 * tries more than the keeper.
 */
export async function probeKeeper(means: KeeperMeans, lines: readonly string[], word: string): Promise<ProbedKeeper> {
  const kept = keepRun(means, { session: 'own', leaf: null });
  let said = '';
  try {
    const script = [...lines.map((line) => `( ${line} )`), SCRIPT].join('\n');
    const { file, args } = kept.wrap({ file: '/bin/sh', args: ['-c', script, 'gatehouse-probe', word] });
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
      onChunk: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => {
        if (stream === 'stdout') said += Buffer.from(bytes).toString('latin1');
        return null;
      },
    };
    const spawned = await kept.adopt(await spawnChild(request), delay(PROBE_MS, null, { ref: false }));
    if (spawned.kind !== 'spawned') return { keeps: false, said };
    const { exited, drained, release } = spawned.child;
    const exit = await within(
      Promise.all([exited, drained]).then(([exit]) => exit),
      PROBE_MS,
      null,
    );
    release();
    const adopted = kept.state() === 'holding' && childrenOf(kept.pid()).length === 1;
    kept.kill();
    await within(kept.settled, PROBE_MS, null);
    return { keeps: exit?.code === 7 && adopted && kept.state() === 'empty', said };
  } finally {
    await kept.release();
  }
}
