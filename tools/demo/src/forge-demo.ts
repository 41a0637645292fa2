/**
 * The demo at pull requests: the same project behind a double of Gitea, which is held to recorded exchanges and is not Gitea. People
 * open pull requests and put a label on; everything else is the real service, over HTTP, webhooks and git.
 */
import { join, resolve } from 'node:path';
import { type Gitea, startGitea } from '@gatehouse/doubles';
import { isAncestor, resolveCommit } from '@gatehouse/git';
import {
  type Answer,
  apiClient,
  ended,
  failure,
  jsonLog,
  readSettings,
  type Settings,
  shownText,
  startService,
  type Terminal,
  table,
  writeTextFile,
} from '@gatehouse/orchestrator/testing';
import { boardStays } from './board-stays.ts';
import type { DemoOptions } from './demo-command.ts';
import { emptyOwnedDirectory } from './empty-directory.ts';
import { poll } from './poll.ts';
import type { Scenario } from './scenarios.ts';
import { type DemoSetup, prepareDemo } from './setup.ts';

const LIMIT_MS = 15 * 60_000;
const SECRET = 'a secret of the demo';
const LABEL = 'gatehouse';
/** What a person at a forge would meet: one that lands, one that is behind, one that is red, one in conflict, one with a secret. */
const PLAYED = 5;

/** Plays in a directory of its own below the data directory; its service's log is kept there. */
export async function forgeDemo({ once }: DemoOptions, settings: Settings, terminal: Terminal): Promise<Answer> {
  const root = resolve(settings.storage.dataDir, 'demo-gitea');
  const emptied = await emptyOwnedDirectory(root);
  if (emptied.kind !== 'empty')
    return failure(`the demo's directory ${root} cannot be used: ${emptied.reason}; set ORCH_DATA_DIR`);
  const setup = await prepareDemo(root);
  if (setup.kind !== 'prepared') return failure(setup.problem);
  const gitea = await startGitea({ path: setup.forge });
  const lines: string[] = [];
  const read = readSettings({
    ORCH_DATA_DIR: join(root, 'data'),
    ORCH_GITEA_URL: gitea.url,
    ORCH_GITEA_TOKEN: gitea.token('queue'),
    ORCH_GITEA_WEBHOOK_SECRET: SECRET,
    ORCH_QUEUE_LABEL: LABEL,
    ORCH_FORGE_COMMANDERS: 'dev',
    ORCH_POLL_S: '1',
    ...(once ? { ORCH_PORT: '0' } : {}),
  });
  if (read.kind !== 'settings') return failure(read.problems.join('; '));
  const log = jsonLog((line) => lines.push(line));
  const running = await startService(read.settings, log);
  if (running.kind !== 'running') {
    await gitea.close();
    return failure(running.problem);
  }
  gitea.sendWebhooksTo(`${running.url}/webhooks/gitea`, SECRET);
  const api = await apiClient(running.context.settings, { url: running.url });
  const where = { id: setup.repo, url: gitea.cloneUrl, forge: 'gitea', credential: 'gitea' };
  const registered = await api.post('/repos', { ...where, policy_path: setup.policy });
  const answer = registered.kind === 'ok' ? await play({ setup, gitea, terminal }) : registered.answer;
  if (!once && answer.exit === 0) {
    terminal.out(
      `${shownText(answer, terminal)}\n\n${boardStays({ url: running.url, dataDir: running.context.dataDir }, terminal.cwd)}\n`,
    );
    await ended(terminal.signal);
  }
  await running.stop();
  await gitea.close();
  await log.settled();
  await writeTextFile(join(root, 'service.log'), `${lines.join('\n')}\n`);
  return once || answer.exit !== 0 ? answer : { exit: 0 };
}

interface Scene {
  readonly setup: DemoSetup;
  readonly gitea: Gitea;
  readonly terminal: Terminal;
}

interface Opened {
  readonly scenario: Scenario;
  readonly number: number;
}

async function play(scene: Scene): Promise<Answer> {
  const { setup, gitea, terminal } = scene;
  const scenarios = setup.scenarios
    .filter(({ expected: { end } }) => end === 'landed' || end === 'kept-out')
    .slice(0, PLAYED);
  terminal.err(
    `Gatehouse demo at pull requests: ${scenarios.length} of them at a double of Gitea (held to recorded answers of a real one; it is not Gitea).\n\n`,
  );
  const opened: Opened[] = [];
  for (const scenario of scenarios) {
    const number = await gitea.open({ by: 'dev', branch: scenario.branch, title: scenario.title });
    await gitea.as('dev', `POST issues/${number}/labels`, { labels: [LABEL] });
    terminal.err(`#${number} ${scenario.branch}: dev opens it and puts the label on\n`);
    opened.push({ scenario, number });
  }
  const limits = { deadline: Date.now() + LIMIT_MS, signal: terminal.signal, everyMs: 300 };
  const rows: string[][] = [];
  let isAsExpected = true;
  for (const { scenario, number } of opened) {
    const found = await poll(limits, async () => endOf(gitea, number));
    const end = found.kind === 'found' ? found.value : found.kind;
    const isLanded = await isInMain(setup.forge, gitea, number);
    const isRight = scenario.expected.end === 'landed' ? end === 'merged' && isLanded : end === 'removed' && !isLanded;
    isAsExpected &&= isRight;
    terminal.err(`#${number} ${end}: ${saidAt(gitea, number)}\n`);
    rows.push([`#${number}`, scenario.branch, end, isRight ? 'yes' : 'NO', saidAt(gitea, number)]);
  }
  const text = table(['pull request', 'branch', 'ended as', 'as it must', 'what the comment says'], rows);
  return { exit: isAsExpected ? 0 : 1, text, json: { ok: isAsExpected, pull_requests: rows } };
}

/** Null: it is still on its way. */
function endOf({ state }: Gitea, number: number): 'merged' | 'removed' | null {
  const said = commentOf({ state }, number);
  if (state.pulls.get(number)?.mergedBy !== null) return /landed on/.test(said) ? 'merged' : null;
  return /removed from the queue/.test(said) ? 'removed' : null;
}

const commentOf = ({ state }: Pick<Gitea, 'state'>, number: number): string =>
  [...state.comments.values()].find(({ pull, author }) => pull === number && author === 'queue')?.body ?? '';

const saidAt = (gitea: Gitea, number: number): string =>
  (commentOf(gitea, number).match(/\*\*Gatehouse\*\*: ([^\n]{0,100})/)?.[1] ?? '').replaceAll('`', '');

/** Git is asked, not the double: whether main holds the head of the pull request. */
async function isInMain(forge: string, { state }: Gitea, number: number): Promise<boolean> {
  const head = state.pulls.get(number)?.head ?? '';
  const repo = { gitDir: forge };
  const main = await resolveCommit({ repo, ref: 'refs/heads/main' });
  return main.kind === 'found' && (await isAncestor({ repo, ancestor: head, of: main.sha })).kind === 'yes';
}
