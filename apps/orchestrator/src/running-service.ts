/** A running service: house, worker and HTTP server, started together and ended in order. */

import { gitVersion } from '@gatehouse/git';
import { stopsOf } from './cancellation/cancellations.ts';
import { openHouse } from './compose.ts';
import type { House } from './context.ts';
import { createApp } from './http/app.ts';
import { loadTokens } from './http/tokens.ts';
import { type Fetch, listen } from './platform/listen.ts';
import type { Log } from './platform/logger.ts';
import type { Settings } from './settings.ts';
import { moveIn } from './worker/instance-lock.ts';
import { startWorker } from './worker/worker.ts';

export interface Running {
  readonly kind: 'running';
  readonly house: House;
  readonly url: string;
  /** Where the token was put when the service made its own; null when the settings brought one. */
  readonly tokenPath: string | null;
  /** Ends the worker (claims go back), the server and the store. */
  readonly stop: () => Promise<void>;
}
export type Started = Running | { readonly kind: 'not-started'; readonly problem: string };

export async function startService(settings: Settings, log: Log): Promise<Started> {
  const git = await gitVersion();
  if (git.kind === 'git-failed' && (git.trouble === 'missing-git' || git.trouble === 'too-old'))
    return { kind: 'not-started', problem: 'git 2.39 or newer is not on PATH; install it' };
  // The port first: when it is taken, nothing has been made that would have to be taken back.
  const front: { fetch: Fetch } = { fetch: () => new Response(null, { status: 503 }) };
  const listening = await listen(
    (request, server) => front.fetch(request, server),
    settings.ORCH_HOST,
    settings.ORCH_PORT,
  );
  if (listening.kind !== 'listening') return { kind: 'not-started', problem: listening.problem };
  const opened = await openHouse(settings, log);
  if (opened.kind !== 'open') {
    await listening.close();
    return { kind: 'not-started', problem: opened.problem };
  }
  const tokens = await loadTokens(settings);
  if (tokens.kind !== 'tokens') {
    await listening.close();
    await opened.close();
    return { kind: 'not-started', problem: tokens.problem };
  }
  const moved = await moveIn(opened.house);
  if (moved.kind !== 'in') {
    await listening.close();
    await opened.close();
    return { kind: 'not-started', problem: moved.problem };
  }
  const { residence } = moved;
  const hosts = new Set(['localhost', '127.0.0.1', '[::1]', settings.ORCH_HOST.toLowerCase()]);
  const stops = stopsOf(opened.house);
  front.fetch = createApp({ house: opened.house, stops, tokens: tokens.rows, hosts }).fetch;
  const worker = startWorker(opened.house, residence, stops);
  return {
    kind: 'running',
    house: opened.house,
    url: `http://${settings.ORCH_HOST}:${listening.port}`,
    tokenPath: tokens.madeAt,
    stop: async () => {
      await listening.close();
      await worker.stop();
      await residence.leave();
      await opened.close();
    },
  };
}
