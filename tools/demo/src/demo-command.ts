/**
 * `gatehouse demo`: the product in small. A throw-away forge, real branches, the real service, and an audit of what is
 * there afterwards. It enqueues over HTTP like anybody else and decides nothing.
 */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { importHistory, resolveCommit } from '@gatehouse/git';
import {
  type Answer,
  type Api,
  apiClient,
  EXIT,
  ended,
  failure,
  jsonLog,
  makeDirectory,
  type RunningService,
  readSettings,
  readTextFile,
  type Settings,
  startService,
  type Terminal,
  table,
  writeTextFile,
} from '@gatehouse/orchestrator/testing';
import { type Audit, audit, type Ending } from './audit.ts';
import { emptyOwnedDirectory } from './empty-directory.ts';
import { startFeed } from './feed.ts';
import { auditFull } from './full-audit.ts';
import { playFull } from './full-profile-run.ts';
import { type FullStage, prepareFull } from './full-project.ts';
import { historyStream } from './history.ts';
import { firstFiles, operatorFile, secondFiles } from './project.ts';
import { fakeToken, type Scenario, scenarios } from './scenarios.ts';
import { stopAtSight } from './stop-while-running.ts';
import { isOver, watchUntilEnded } from './watch.ts';

const REPO = 'pocket-ledger';
const TEST_TIMEOUT_S = 15;
/** The demo is over long before; a machine on which it is not gets told. */
const LIMIT_MS = 15 * 60_000;

interface Stage {
  readonly root: string;
  readonly forge: string;
  readonly policy: string;
  readonly marker: string;
  readonly scenarios: readonly Scenario[];
  readonly full: FullStage;
}

export async function demoCommand(
  options: { readonly once?: boolean },
  settings: Settings,
  terminal: Terminal,
): Promise<Answer> {
  const root = resolve(settings.storage.dataDir, 'demo');
  const emptied = await emptyOwnedDirectory(root);
  if (emptied.kind !== 'empty')
    return failure(`the demo's directory ${root} cannot be used: ${emptied.reason}; set ORCH_DATA_DIR`);
  const stage = await prepare(root);
  if (stage.kind !== 'prepared') return failure(stage.problem);
  const feed = await startFeed();
  if (feed.kind !== 'listening') return failure(feed.problem);
  const lines: string[] = [];
  const log = jsonLog((line) => lines.push(line));
  const running = await startDemoService({ root, once: options.once === true, feedPort: feed.port, log });
  if (running.kind !== 'running') {
    await feed.close();
    return failure(running.problem);
  }
  const answer = await play(stage, running, options.once === true, terminal);
  await running.stop();
  await feed.close();
  await writeTextFile(join(root, 'service.log'), `${lines.join('\n')}\n`);
  return answer;
}

type Prepared = ({ readonly kind: 'prepared' } & Stage) | { readonly kind: 'unprepared'; readonly problem: string };

async function prepare(root: string): Promise<Prepared> {
  const marker = `gatehouse-demo-${randomBytes(8).toString('hex')}`;
  const branches = scenarios(marker);
  const forge = join(root, 'forge.git');
  const policy = join(root, 'operator.yaml');
  const made = await makeDirectory(root);
  const written =
    made.kind === 'written' ? await writeTextFile(policy, operatorFile(process.execPath, TEST_TIMEOUT_S)) : made;
  if (written.kind !== 'written')
    return { kind: 'unprepared', problem: `${policy} cannot be written: ${written.reason}` };
  const stream = historyStream(
    [
      { message: 'a ledger', files: firstFiles },
      { message: 'ledger: reword', files: secondFiles },
    ],
    branches,
    1_790_000_000,
  );
  const imported = await importHistory({ dir: forge, main: 'main', stream });
  if (imported.kind === 'imported') {
    const order = { root, marker, secret: fakeToken(), timeoutSeconds: TEST_TIMEOUT_S };
    const full = await prepareFull(order);
    return full.kind === 'prepared'
      ? { kind: 'prepared', root, forge, policy, marker, scenarios: branches, full }
      : full;
  }
  if (imported.kind === 'git-failed' && imported.trouble === 'missing-git')
    return { kind: 'unprepared', problem: 'git is not installed or not on PATH; install git 2.39 or newer' };
  return {
    kind: 'unprepared',
    problem: `the demo's repository cannot be made: ${imported.kind === 'git-failed' ? imported.stderr : imported.kind}`,
  };
}

interface DemoService {
  readonly root: string;
  readonly once: boolean;
  readonly feedPort: number;
  readonly log: Parameters<typeof startService>[1];
}

/** The service with the demo's places and short pauses; gates stay as the environment says. */
async function startDemoService({ root, once, feedPort, log }: DemoService) {
  const read = readSettings({
    ORCH_DATA_DIR: join(root, 'data'),
    ORCH_SECURITY_DEP_FEED_URL: `http://127.0.0.1:${feedPort}/advisories/bulk`,
    ORCH_POLL_S: '1',
    ORCH_MERGE_INFRA_RETRY_MAX: '1',
    ORCH_MERGE_INFRA_BACKOFF_S: '1',
    ...(once ? { ORCH_PORT: '0' } : {}),
  });
  return read.kind === 'settings'
    ? startService(read.settings, log)
    : ({ kind: 'not-started', problem: read.problems.join('; ') } as const);
}

async function play(stage: Stage, running: RunningService, once: boolean, terminal: Terminal): Promise<Answer> {
  const api = await apiClient(running.context.settings, { url: running.url });
  const token =
    running.tokenPath === null
      ? ''
      : await readTextFile(running.tokenPath, 4096).then((file) => (file.kind === 'read' ? file.text.trim() : ''));
  terminal.err(
    `Gatehouse demo: ${stage.scenarios.length} branches of ${REPO} want to land, and agents (scripts in real processes) work on ${stage.full.scenarios.length} tasks of ${stage.full.repo}. The advisory feed is a loopback stand-in; approvals are the demo's own.\n`,
  );
  terminal.err(`Board: ${running.url}/${token === '' ? '' : `?token=${token}`}\n\n`);
  const forge = { gitDir: stage.forge };
  const before = await resolveCommit({ repo: forge, ref: 'refs/heads/main' });
  if (before.kind !== 'found') return failure(`the demo's main cannot be read: ${before.kind}`);
  const registered = await api.post('/repos', { id: REPO, path: stage.forge, policy_path: stage.policy });
  if (registered.kind !== 'ok') return registered.answer;
  const full = await resolveCommit({ repo: { gitDir: stage.full.forge }, ref: 'refs/heads/main' });
  if (full.kind !== 'found') return failure(`main of the agents cannot be read: ${full.kind}`);
  const deadline = Date.now() + LIMIT_MS;
  const [tasks, agents] = await Promise.all([
    enqueueAll(stage, api, terminal),
    playFull({ stage: stage.full, api, deadline, terminal }),
  ]);
  if (tasks.kind !== 'ended') return tasks.answer;
  if (agents.kind !== 'ended') return agents.answer;
  const { store, dataDir } = running.context;
  const worked = await auditFull({ stage: stage.full, tasks: agents.ids, store, dataDir, before: full.sha });
  const audited = await audit({
    scenarios: stage.scenarios,
    tasks: tasks.ids,
    store,
    forge,
    before: before.sha,
    marker: stage.marker,
  });
  const answer = report(audited, worked, [...tasks.late, ...agents.late]);
  if (once) return answer;
  terminal.out(`${answer.text ?? ''}\n\nThe board stays at ${running.url}/ until you press Ctrl-C.\n`);
  await ended(terminal.signal);
  return { exit: answer.exit };
}

type Enqueued =
  | { readonly kind: 'ended'; readonly ids: ReadonlyMap<string, string>; readonly late: readonly string[] }
  | { readonly kind: 'stopped'; readonly answer: Answer };

/** Enqueues what waits for nothing, then each branch whose predecessor has ended, and waits for all. */
async function enqueueAll(stage: Stage, api: Api, terminal: Terminal): Promise<Enqueued> {
  const ids = new Map<string, string>();
  const stops: Promise<void>[] = [];
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    for (const scenario of stage.scenarios) {
      if (ids.has(scenario.name) || (scenario.after !== undefined && !(await hasEnded(api, ids.get(scenario.after)))))
        continue;
      const added = await api.post('/tasks', { repo: REPO, branch: scenario.branch, title: scenario.title });
      if (added.kind !== 'ok') return { kind: 'stopped', answer: added.answer };
      const { id } = added.body as { id: string };
      ids.set(scenario.name, id);
      if (scenario.stopAtSight !== undefined)
        stops.push(stopAtSight({ api, id, word: scenario.stopAtSight, deadline, terminal }));
    }
    const waitFor = stage.scenarios
      .map((one) => one.after)
      .find((name) => name !== undefined && ids.size < stage.scenarios.length);
    const wanted =
      ids.size < stage.scenarios.length && waitFor !== undefined ? [ids.get(waitFor) ?? ''] : [...ids.values()];
    const watched = await watchUntilEnded({ api, ids: wanted, deadline, terminal });
    if (watched.kind !== 'ended') return watched;
    if (ids.size < stage.scenarios.length && watched.late.length === 0) continue;
    await Promise.all(stops);
    return { kind: 'ended', ids, late: watched.late };
  }
}

async function hasEnded(api: Api, id: string | undefined): Promise<boolean> {
  if (id === undefined) return false;
  const task = await api.get(`/tasks/${id}`);
  return task.kind === 'ok' && isOver(task.body as { stage: string; status: string; cause: string | null });
}

/** What was late is held against the rest as it stands: a demo that hangs says what is wrong, too. */
function report(branches: Audit, agents: Awaited<ReturnType<typeof auditFull>>, late: readonly string[]): Answer {
  const { endings } = branches;
  const breaches = [...late, ...branches.breaches, ...agents.breaches];
  const rows = endings.map((ending) => [
    ending.scenario.name,
    verdictOf(ending),
    placeOf(ending),
    ending.asExpected ? 'yes' : 'NO',
    ending.why.slice(0, 110),
  ]);
  const worked = agents.endings.map(({ scenario, task, landed, asExpected, why }) => [
    `agents: ${scenario.name}`,
    landed ? 'pass' : workEnd(task),
    landed ? 'main' : `${task?.stage ?? 'nowhere'} (${task?.status ?? 'missing'})`,
    asExpected ? 'yes' : 'NO',
    why.slice(0, 110),
  ]);
  const text = [
    table(['scenario', 'verdict', 'where it ended', 'as it must', 'why'], [...rows, ...worked]),
    '',
    ...(breaches.length === 0
      ? [
          'main holds exactly what may land, every landed commit is the tested one, main only moved forward, no process is left.',
        ]
      : breaches.map((breach) => `BROKEN: ${breach}`)),
  ].join('\n');
  const json = {
    ok: breaches.length === 0,
    breaches,
    scenarios: [
      ...endings.map((ending) => ({
        name: ending.scenario.name,
        verdict: verdictOf(ending),
        ended: placeOf(ending),
        as_expected: ending.asExpected,
        why: ending.why,
        landed_sha: ending.task?.landedSha ?? null,
      })),
      ...agents.endings.map((ending) => ({
        name: `agents: ${ending.scenario.name}`,
        verdict: ending.landed ? 'pass' : workEnd(ending.task),
        ended: ending.task?.stage ?? 'nowhere',
        as_expected: ending.asExpected,
        why: ending.why,
        landed_sha: ending.task?.landedSha ?? null,
      })),
    ],
  };
  return { exit: breaches.length === 0 ? EXIT.pass : EXIT.fail, text, json };
}

const verdictOf = ({ landed, stopper, task }: Ending): string =>
  landed ? 'pass' : (task?.state.ended ?? stopper?.status ?? 'none');
const placeOf = ({ landed, stopper, task }: Ending): string =>
  landed ? 'main' : task?.stage === 'cancelled' ? 'cancelled' : whereItStands(stopper, task);
const whereItStands = (stopper: Ending['stopper'], task: Ending['task']): string =>
  `${stopper?.check ?? task?.stage ?? 'nowhere'} (${task?.status ?? 'missing'})`;
const workEnd = (task: Ending['task']): string => task?.state.ended ?? task?.state.blocked?.cause ?? 'none';
