/**
 * Proves that the demo decides nothing itself: breaks one gate at a time in the built code, plays the demo, and demands
 * that its audit says so. Run after a build: node_modules/.bin/node tools/break-gates.mjs [--only WORD]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BREAKAGES } from './breakages.mjs';
import { plantEach, readOptions, root, runBuilt, textOf } from './planting.mjs';

/** Beyond the demo's own deadline: how slow a machine is must not be taken for an answer. */
const LIMIT_MS = 20 * 60_000;

/** What is built must be what the sources say: one line for each file that is not. */
function staleBuilds() {
  const problems = [];
  const out = mkdtempSync(join(tmpdir(), 'gatehouse-build-'));
  const shipped = ['packages', 'apps'].flatMap((group) =>
    readdirSync(join(root, group)).map((name) => join(group, name)),
  );
  for (const workspace of [...shipped, 'tools/demo']) {
    const to = join(out, workspace);
    const args = ['-p', join(root, workspace), '--outDir', to, '--tsBuildInfoFile', join(out, 'info', workspace)];
    const tsc = spawnSync(join(root, 'node_modules/.bin/tsc'), args, { encoding: 'utf8' });
    if (tsc.status !== 0) problems.push(`${workspace} does not build: ${tsc.error?.message ?? tsc.stdout}`);
    const files = tsc.status === 0 ? readdirSync(to, { recursive: true }).filter((name) => name.endsWith('.js')) : [];
    for (const name of files)
      if (textOf(join(to, name)) !== textOf(join(root, workspace, 'dist', name)))
        problems.push(`${workspace}/dist/${name} is not what the build makes; remove that dist and build again`);
  }
  rmSync(out, { recursive: true, force: true });
  return problems;
}

/** Ends what a broken demo left: processes that carry its marker or stand in its directory. Answers how many. */
function endLeftovers(dir) {
  const git = spawnSync(
    'git',
    ['--git-dir', join(dir, 'demo/forge.git'), 'grep', '-ho', 'gatehouse-demo-[0-9a-f]*', 'feature/L-7-watch'],
    { encoding: 'utf8' },
  );
  const marker = git.stdout?.split('\n')[0] || dir;
  const listed = spawnSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' }).stdout ?? '';
  const ours = listed.split('\n').flatMap((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid !== undefined && (command.includes(marker) || standsIn(pid, dir)) ? [Number(pid)] : [];
  });
  for (const pid of ours) spawnSync('kill', ['-9', String(pid)]);
  return ours.length;
}

function standsIn(pid, dir) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(`${dir}/`);
  } catch {
    return false; // gone meanwhile, another user's, or a machine without /proc
  }
}

async function playBroken({ env = {}, reported }) {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-broken-')));
  const bare = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ORCH_')));
  const { code, answer } = await runBuilt('tools/demo', ['--once'], {
    limitMs: LIMIT_MS,
    cwd: dir,
    env: { ...bare, ...env, ORCH_DATA_DIR: dir },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const left = endLeftovers(dir);
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  const { breaches = [], problem = Array.isArray(answer.breaches) ? undefined : JSON.stringify(answer) } = answer;
  const hit = reported === null ? undefined : breaches.find((breach) => reported.test(breach));
  const says = hit ?? problem ?? (breaches.join(' | ') || 'no breach');
  return {
    ok:
      reported === null ? code === 0 && problem === undefined && breaches.length === 0 : code > 0 && hit !== undefined,
    says: `${says.slice(0, 300)} [exit ${code}${left > 0 ? `, ${left} leftovers ended` : ''}]`,
  };
}

const { only } = readOptions(
  `Usage: node tools/break-gates.mjs [--only WORD]
Breaks one gate at a time in the built code, plays the demo and demands that its audit says so; about a minute each.
--only: the breakages whose name contains WORD.`,
  ['only'],
);
await plantEach({ faults: BREAKAGES, tryOne: playBroken, only, obstacles: staleBuilds });
