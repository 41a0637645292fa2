/** What a round of the real service plays in: a forge, a data directory, tasks, and the wait until all is over. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { importHistory, resolveCommit } from '../../packages/git/dist/index.js';
import { historyStream } from '../demo/dist/history.js';
import { Service, slowGit } from './killable.mjs';
import { branchesOf, FIRST, POLICY, SECOND } from './project.mjs';

const Database = createRequire(new URL('../../apps/orchestrator/package.json', import.meta.url))('better-sqlite3');
/** Only ends a round that hangs. */
const CONVERGE_MS = 20 * 60_000;

/**
 * A forge with the project's branches, and a place for services. `service()` makes one that is to be started; `end()` kills what
 * runs, and `log()` is what all of them have said.
 */
export async function prepareScene() {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-soak-'));
  const marker = `gatehouse-soak-marker-${root.slice(-6)}`;
  const branches = branchesOf(marker);
  const forge = join(root, 'forge.git');
  const policy = join(root, 'policy.yaml');
  writeFileSync(policy, POLICY);
  const imported = await importHistory({
    dir: forge,
    main: 'main',
    stream: historyStream([FIRST, SECOND], branches, 1_790_000_000),
  });
  if (imported.kind !== 'imported') throw new Error(`the repository cannot be made: ${JSON.stringify(imported)}`);
  const before = await resolveCommit({ repo: { gitDir: forge }, ref: 'refs/heads/main' });
  const path = slowGit(root, 1.2);
  const dataDir = join(root, 'data');
  const services = [];
  return {
    ...{ root, marker, branches, forge, policy, dataDir, before: before.sha, tasks: new Map() },
    service: () => {
      services.push(new Service(dataDir, path));
      return services.at(-1);
    },
    end: () => {
      for (const service of services) service.end();
    },
    log: () => services.map(({ log }) => log).join('\n=== the next service\n'),
  };
}

/** Registers the forge and enqueues every branch. */
export async function enqueueAll(service, scene) {
  await mustAsk(service, '/repos', { id: 'app', path: scene.forge, policy_path: scene.policy });
  for (const { name, branch } of scene.branches)
    scene.tasks.set(name, (await mustAsk(service, '/tasks', { repo: 'app', branch })).id);
}

/** Reads, or with `write` changes, the rows below the running service. */
export function rowsOf(dataDir, sql, { write = false, values = [] } = {}) {
  const database = new Database(join(dataDir, 'gatehouse.db'), { readonly: !write, timeout: write ? 0 : 5_000 });
  try {
    const statement = database.prepare(sql);
    return write ? statement.run(...values) : statement.all(...values);
  } finally {
    database.close();
  }
}

/** How many tasks are inside the critical window. */
export const insideWindow = (dataDir) =>
  rowsOf(dataDir, 'SELECT count(*) AS times FROM tasks WHERE critical_token IS NOT NULL')[0].times;

const UNSETTLED = `SELECT (SELECT count(*) FROM jobs WHERE state IN ('ready', 'leased'))
  + (SELECT count(*) FROM outbox WHERE state = 'pending')
  + (SELECT count(*) FROM tasks WHERE cancel_requested_at IS NOT NULL AND cancelled_at IS NULL AND stage <> 'done') AS open`;
const isAtRest = ({ stage, status }) => stage === 'done' || stage === 'cancelled' || status === 'blocked';

/** Null once every task is over and nothing is owed; else one line with what is not, after a long time. */
export async function converge({ dataDir }) {
  const deadline = Date.now() + CONVERGE_MS;
  for (;;) {
    const open = rowsOf(dataDir, 'SELECT branch, stage, status FROM tasks').filter((task) => !isAtRest(task));
    const owed = rowsOf(dataDir, UNSETTLED)[0].open;
    if (open.length === 0 && owed === 0) return null;
    if (Date.now() > deadline) {
      const words = open.map(({ branch, stage, status }) => `${branch} ${stage}/${status}`);
      return `did not converge: ${words.join(', ') || `${owed} jobs, messages or stops are open`}`;
    }
    await pause(200);
  }
}

async function mustAsk(service, path, body) {
  const answer = await service.ask(path, body);
  if (answer === null || answer.status >= 300) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return answer.body;
}
