/** What one contender for a lease does, in this process or in a child: take it, be alone, leave a trace, give it back. */
import { appendFile, mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LeasePort } from '../src/ports.ts';

export interface Contest {
  readonly repo: string;
  readonly holder: string;
  /** An existing directory all contenders share; `trace` in it gets one token per line. */
  readonly arena: string;
}

/** Answers the token once this contender has had its turn. Rejects when it was not alone: `mkdir` shows it. */
export async function contend(port: LeasePort, { repo, holder, arena }: Contest): Promise<number> {
  for (;;) {
    const answer = await port.acquire({ repo, holder });
    if (answer.kind !== 'acquired') {
      await pause(Math.random() * 20);
      continue;
    }
    await mkdir(join(arena, 'alone'));
    await appendFile(join(arena, 'trace'), `${answer.proof.token}\n`);
    await pause(Math.random() * 3);
    await rmdir(join(arena, 'alone'));
    await port.release(answer.proof);
    return answer.proof.token;
  }
}
