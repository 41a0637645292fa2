/** One repository at a double of a forge and the real service before it, with what a person is told of the repository as a whole. */
import { join } from 'node:path';
import { recoverKey } from '@gatehouse/cancel';
import type { Logger } from '../../src/platform/logger.ts';
import { type RunningService, startService } from '../../src/running-service.ts';
import type { Repository } from '../../src/store/port/index.ts';
import { ownToken, settingsFrom, until } from '../live-gatehouse.ts';
import type { ForgeName } from '../lives/forge-side.ts';
import { Life, newRepository } from '../lives/life.ts';
import { cli } from '../recording-terminal.ts';
import { scratchFolder } from '../scratch-forge.ts';

export interface FateScene {
  readonly name: ForgeName;
  readonly life: Life;
  readonly service: RunningService;
  /** Texts of the alerts that were delivered, in order. */
  readonly alerts: readonly string[];
  repository(): Promise<Repository>;
  /** The stage of the newest task of a branch. */
  taskOf(
    branch: string,
  ): Promise<{ readonly stage: string; readonly status: string; readonly landedSha: string | null } | undefined>;
  /** Waits for an alert that was not there yet; gives its text. */
  alerted(words: RegExp, known: readonly string[]): Promise<string>;
  /** Runs the first command that a text names between backticks and that begins so; answers what it said. */
  obey(text: string, begin: string): Promise<string>;
  /** What `doctor --repo` says. */
  doctor(): Promise<string>;
  close(): Promise<void>;
}

export async function openFateScene(name: ForgeName): Promise<FateScene> {
  const life = await Life.open(name, await newRepository());
  const alerts: string[] = [];
  const warn: Logger['warn'] = (message, fields = {}) => {
    if (message === 'ALERT')
      alerts.push((JSON.parse(String((fields as { text: string }).text)) as { text: string }).text);
  };
  const folder = scratchFolder();
  const settings = settingsFrom({
    ...{ ORCH_DATA_DIR: join(folder, 'data'), ORCH_PORT: '0', ORCH_POLL_S: '1', ORCH_STOP_GRACE_S: '0.5' },
    ...{ ORCH_MERGE_INFRA_BACKOFF_S: '0.2', ORCH_FORGE_COMMANDERS: 'dev' },
    // What the gates say is told elsewhere; here the tests of the branch do, which can be held.
    ...{ ORCH_COVERAGE_ENABLED: 'false', ORCH_SECURITY_GATE_ENABLED: 'false' },
    ...life.side.environment,
  });
  const started = await startService(settings, { info: () => {}, error: () => {}, warn });
  if (started.kind !== 'running') throw new Error(started.problem);
  const { store } = started.context;
  const repo = { id: 'app', main: 'main', profile: 'gates-only', atMs: Date.now(), ...life.side.where } as const;
  await store.addRepo(repo);
  life.side.sendWebhooksTo(started.url);
  const run = (words: readonly string[]) => cli([...words, '--url', started.url, '--token', ownToken(started)], folder);
  return {
    ...{ name, life, service: started, alerts },
    repository: async () => {
      const found = await store.getRepo('app');
      if (found === null) throw new Error('it is not registered');
      return found;
    },
    // A cancelled task gives its branch's name back.
    taskOf: async (branch) =>
      (await store.listTasks({ repoId: 'app', limit: 1_000 })).find((task) => recoverKey(task.branch) === branch),
    alerted: (words, known) =>
      until(`an alert says ${words}`, async () => alerts.find((text) => words.test(text) && !known.includes(text))),
    obey: async (text, begin) => {
      const command = [...text.matchAll(/`gatehouse ([^`]+)`/g)].map(([, one = '']) => one);
      const words = command.find((one) => one.startsWith(begin));
      if (words === undefined) throw new Error(`no command ${begin} in: ${text}`);
      return until(`${words} is obeyed`, async () => {
        const { exit, out, err } = await run(words.split(' '));
        // While work of it runs, it is asked for later.
        if (exit !== 0 && !err.includes('runs now')) throw new Error(err);
        return exit === 0 && out;
      });
    },
    doctor: async () => (await run(['doctor', '--repo', 'app'])).out,
    close: async () => {
      life.goOnAll();
      await started.stop();
      await life.side.close();
    },
  };
}
