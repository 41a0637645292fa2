/** A running service: service, worker and HTTP server, started together and ended in order. */

import { resolve } from 'node:path';
import { gitVersion } from '@gatehouse/git';
import { type Cancellations, createCancellations } from './cancellation/cancellations.ts';
import { composeService, type OpenService } from './compose.ts';
import { admitTask, type TaskRequest } from './http/admit-task.ts';
import { createApp } from './http/app.ts';
import { explainerOf, standstills } from './http/shown-tasks.ts';
import { loadTokens } from './http/tokens.ts';
import { errorOf, outcomeOf } from './platform/errors.ts';
import { type Fetch, type ListenAnswer, listen } from './platform/listen.ts';
import type { Logger } from './platform/logger.ts';
import { nameInUrl } from './platform/own-address.ts';
import type { Settings } from './settings.ts';
import { startConflictWatcher } from './worker/conflict-watcher.ts';
import { acquireInstanceLock, holderOf, type InstanceLockAnswer } from './worker/instance-lock.ts';
import { peopleEffects } from './worker/pull-requests/effects.ts';
import { startPullRequestWatcher } from './worker/pull-requests/watcher.ts';
import { startStandstillWatcher } from './worker/standstill-watcher.ts';
import { startStoreWatch } from './worker/store-watch.ts';
import { issueReader, startTrackerWatcher } from './worker/tracker-watcher.ts';
import { startWorker } from './worker/worker.ts';

export interface RunningService {
  readonly kind: 'running';
  readonly context: OpenService['context'];
  /** The file behind the store, and how it is. */
  readonly storeFile: OpenService['storeFile'];
  readonly url: string;
  /** Where the token was put when the service made its own; null when the settings brought one. */
  readonly tokenPath: string | null;
  /** Resolves with one line for the operator when the store is lost: the service has to be stopped. */
  readonly lost: Promise<string>;
  /** Ends the worker (claims go back), the server and the store. */
  readonly stop: () => Promise<void>;
}
export type Started = RunningService | { readonly kind: 'not-started'; readonly problem: string };

/** Answers a request that came while the service was starting, and it did not start. */
const NOT_STARTED: Fetch = () => new Response('the service did not start; its log says why\n', { status: 503 });

export async function startService(settings: Settings, log: Logger): Promise<Started> {
  const git = await gitVersion();
  if (git.kind === 'git-failed' && (git.trouble === 'missing-git' || git.trouble === 'too-old'))
    return { kind: 'not-started', problem: 'git 2.39 or newer is not on PATH; install it' };
  // The port first: when it is taken, nothing has been made that would have to be taken back. Who comes before all is there waits.
  const app = Promise.withResolvers<Fetch>();
  let front: Fetch = async (request, server) => (await app.promise)(request, server);
  const answer = (fetch: Fetch): void => {
    front = fetch;
    app.resolve(fetch);
  };
  const { host, port } = settings.server;
  const listening = await listen((request, server) => front(request, server), { host, port });
  if (listening.kind !== 'listening') {
    // Whoever has the port may be the service of this very directory; another port would not help then.
    const held = holderOf(resolve(settings.storage.dataDir));
    return { kind: 'not-started', problem: held === null ? listening.problem : `${held}; and ${listening.problem}` };
  }
  const started = await startBehind({ settings, log, listening, answer });
  if (started.kind === 'not-started') {
    answer(NOT_STARTED);
    await listening.close();
  }
  return started;
}

interface Behind {
  readonly settings: Settings;
  readonly log: Logger;
  readonly listening: Extract<ListenAnswer, { readonly kind: 'listening' }>;
  /** What answers every request, those that wait included. */
  readonly answer: (fetch: Fetch) => void;
}

async function startBehind({ settings, log, listening, answer }: Behind): Promise<Started> {
  const opened = await composeService(settings, log);
  if (opened.kind !== 'open') return { kind: 'not-started', problem: opened.problem };
  const tokens = await loadTokens(settings);
  if (tokens.kind !== 'tokens') {
    await opened.close();
    return { kind: 'not-started', problem: tokens.problem };
  }
  if (tokens.voided !== null)
    log.warn('a token that was made here counts no more: the settings name others', { file: tokens.voided });
  const locked = await lockDirectory(opened.context);
  if (locked.kind !== 'acquired') {
    await opened.close();
    return { kind: 'not-started', problem: locked.problem };
  }
  const { lock } = locked;
  const { host, hostNames } = settings.server;
  const hosts = new Set(['localhost', '127.0.0.1', '[::1]', host.toLowerCase(), nameInUrl(host), ...hostNames]);
  const cancellations = createCancellations(opened.context);
  const { condition } = opened.storeFile;
  answer(createApp({ service: opened.context, condition, cancellations, tokens: tokens.rows, hosts }).fetch);
  const watch = startStoreWatch({ ...opened.context, storeFile: opened.storeFile }, lock.heartbeat);
  const loops = startLoops(opened.context, watch, cancellations);
  return {
    kind: 'running',
    context: opened.context,
    storeFile: opened.storeFile,
    url: `http://${nameInUrl(host)}:${listening.port}`,
    tokenPath: tokens.madeAt,
    lost: watch.lost,
    stop: async () => {
      await listening.close();
      await loops.stop();
      // Where the store refuses it, the next start finds that this process has ended.
      const unreleased = await errorOf(lock.release());
      if (unreleased !== undefined) log.error('the data directory was not released', { why: unreleased.message });
      await watch.stop();
      await opened.close();
    },
  };
}

/** The worker, and what watches beside it; they end in the opposite order. */
function startLoops(
  context: OpenService['context'],
  watch: Parameters<typeof startWorker>[1],
  cancellations: Cancellations,
): { readonly stop: () => Promise<void> } {
  const telling = { ...context, cancellations, explain: explainerOf(context) };
  const tracking = {
    ...context,
    admitTask: (wanted: TaskRequest, actor: string) => admitTask(context, wanted, actor),
  };
  const loops = [
    startWorker({ ...context, people: peopleEffects(telling) }, watch, cancellations),
    startPullRequestWatcher({ ...telling, readIssue: issueReader(tracking, cancellations) }),
    startConflictWatcher(context),
    startTrackerWatcher(tracking, cancellations),
    startStandstillWatcher(context, () => standstills(context)),
  ];
  return {
    stop: async () => {
      for (const one of loops.toReversed()) await one.stop();
    },
  };
}

/** A store that takes no write is a reason not to start, as another service is. */
async function lockDirectory(context: OpenService['context']): Promise<InstanceLockAnswer> {
  const answer = await outcomeOf(() => acquireInstanceLock(context));
  return answer.kind === 'value' ? answer.value : { kind: 'held', problem: answer.error.message };
}
