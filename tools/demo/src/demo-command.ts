/**
 * The demo itself: a throw-away forge, real branches, the real service, and an audit of what is there afterwards. It asks
 * over HTTP like any client and decides nothing.
 */
import { join, resolve } from 'node:path';
import { resolveCommit } from '@gatehouse/git';
import {
  type Answer,
  apiClient,
  ended,
  failure,
  jsonLog,
  type RunningService,
  readSettings,
  type Settings,
  shownText,
  startService,
  type Terminal,
  writeTextFile,
} from '@gatehouse/orchestrator/testing';
import { audit } from './audit.ts';
import { boardStays } from './board-stays.ts';
import { emptyOwnedDirectory } from './empty-directory.ts';
import { enqueueBranches } from './enqueue-branches.ts';
import { startFeed } from './feed.ts';
import { auditFullProfile } from './full-profile-audit.ts';
import { runFullProfile } from './full-profile-run.ts';
import { report } from './report.ts';
import { type DemoSetup, prepareDemo } from './setup.ts';

/** The demo ends long before; beyond this it ends and says what is late. */
const LIMIT_MS = 15 * 60_000;

export interface DemoOptions {
  /** End after the table. */
  readonly once: boolean;
}

/** Plays the demo in a directory of its own below the data directory; its service's log is kept there. */
export async function demoCommand({ once }: DemoOptions, settings: Settings, terminal: Terminal): Promise<Answer> {
  const root = resolve(settings.storage.dataDir, 'demo');
  const emptied = await emptyOwnedDirectory(root);
  if (emptied.kind !== 'empty')
    return failure(`the demo's directory ${root} cannot be used: ${emptied.reason}; set ORCH_DATA_DIR`);
  const setup = await prepareDemo(root);
  if (setup.kind !== 'prepared') return failure(setup.problem);
  const feed = await startFeed();
  if (feed.kind !== 'listening') return failure(feed.problem);
  const lines: string[] = [];
  const log = jsonLog((line) => lines.push(line));
  const running = await startDemoService({ root, once, feedPort: feed.port, log });
  if (running.kind !== 'running') {
    await feed.close();
    return failure(running.problem);
  }
  const answer = await play({ setup, running, once, terminal });
  await running.stop();
  await feed.close();
  await log.settled();
  await writeTextFile(join(root, 'service.log'), `${lines.join('\n')}\n`);
  return answer;
}

interface StartDemoServiceRequest {
  readonly root: string;
  readonly once: boolean;
  readonly feedPort: number;
  readonly log: Parameters<typeof startService>[1];
}

/** The service with the demo's directories and short pauses; gates stay as the environment says. */
async function startDemoService({ root, once, feedPort, log }: StartDemoServiceRequest) {
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

interface PlayRequest extends DemoOptions {
  readonly setup: DemoSetup;
  readonly running: RunningService;
  readonly terminal: Terminal;
}

async function play({ setup, running, once, terminal }: PlayRequest): Promise<Answer> {
  const { repo, scenarios, full, marker } = setup;
  const api = await apiClient(running.context.settings, { url: running.url });
  greet(setup, running, terminal);
  const forge = { gitDir: setup.forge };
  const before = await resolveCommit({ repo: forge, ref: 'refs/heads/main' });
  if (before.kind !== 'found') return failure(`the demo's main cannot be read: ${before.kind}`);
  const registered = await api.post('/repos', { id: repo, path: setup.forge, policy_path: setup.policy });
  if (registered.kind !== 'ok') return registered.answer;
  const fullBefore = await resolveCommit({ repo: { gitDir: full.forge }, ref: 'refs/heads/main' });
  if (fullBefore.kind !== 'found') return failure(`main of the agents cannot be read: ${fullBefore.kind}`);
  const deadline = Date.now() + LIMIT_MS;
  const [branches, agents] = await Promise.all([
    enqueueBranches({ repo, scenarios, api, deadline, terminal }),
    runFullProfile({ setup: full, api, deadline, terminal }),
  ]);
  if (branches.kind !== 'ended') return branches.answer;
  if (agents.kind !== 'ended') return agents.answer;
  const { store, dataDir } = running.context;
  const worked = await auditFullProfile({ setup: full, tasks: agents.ids, store, dataDir, before: fullBefore.sha });
  const audited = await audit({ scenarios, tasks: branches.ids, store, forge, before: before.sha, marker });
  const answer = report(audited, worked, [...branches.late, ...agents.late]);
  if (once) return answer;
  terminal.out(
    `${shownText(answer, terminal)}\n\n${boardStays({ url: running.url, dataDir: running.context.dataDir }, terminal.cwd)}\n`,
  );
  await ended(terminal.signal);
  return { exit: answer.exit };
}

/** Says what is about to happen, what in it is made up, and where the board is. */
function greet({ repo, scenarios, full }: DemoSetup, running: RunningService, terminal: Terminal): void {
  terminal.err(
    `Gatehouse demo: ${scenarios.length} branches of ${repo} want to land, and agents (scripts in real processes) work on ${full.scenarios.length} tasks of ${full.repo}. The advisory feed is a loopback stand-in; approvals are the demo's own.\n`,
  );
  const where = running.tokenPath === null ? 'ORCH_API_TOKEN' : running.tokenPath;
  terminal.err(`Board: ${running.url}/ (log in with the token in ${where})\n\n`);
}
