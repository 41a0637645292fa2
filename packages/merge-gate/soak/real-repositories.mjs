/**
 * Asks the gate about ten public repositories, as a person would: `gatehouse gate merge` on a bare remote with a policy on main and
 * a branch for each situation. `node soak/real-repositories.mjs --help`. Needs a build, local clones, and the package registries.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { JAVASCRIPT } from './real-repositories/javascript.mjs';
import { judge } from './real-repositories/judge.mjs';
import { OTHER_LANGUAGES } from './real-repositories/other-languages.mjs';
import { findClone, makeRemote } from './real-repositories/remote.mjs';

const HELP = `usage: node soak/real-repositories.mjs --repos DIR [options]

  --repos DIR         local clones, bare or not, each in DIR/owner+name or DIR/owner/name; nothing is fetched here
  --only NAME         one repository, such as vercel/ms (may be repeated)
  --situation WORD    good, red, conflict, cheat, flaky, slow or empty (may be repeated)
  --tries N           how often the flaky branch is judged [2]
  --work DIR          keeps remotes, packages and caches here for the next run
  --json              one line of JSON a verdict

A repository is its name, a commit, a command and places for changes of ours: soak/real-repositories/*.mjs.
Packages come from their registries. Exits 1 on a false blame or a silent pass, 2 when a clone is missing.
`;
const { values } = parseArgs({
  options: {
    repos: { type: 'string' },
    only: { type: 'string', multiple: true, default: [] },
    situation: { type: 'string', multiple: true, default: [] },
    tries: { type: 'string', default: '2' },
    work: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const SITUATIONS = ['good', 'red', 'conflict', 'cheat', 'flaky', 'slow', 'empty'];
const GATEHOUSE = fileURLToPath(new URL('../../../apps/orchestrator/dist/main.js', import.meta.url));
const VERDICT_LIMIT_MS = 1_800_000;

/** The branches of one repository, each with the main it is to land on. */
function questions(row) {
  const asked = [
    ...['good', 'red', 'conflict'].map((name) => ({ situation: name, branch: name, base: 'main' })),
    ...Object.keys(row.cheats).map((name, at) => ({
      situation: `cheat: ${name}`,
      branch: `cheat-${at}`,
      base: 'main',
    })),
    ...Array.from({ length: Number(values.tries) }, () => ({
      situation: 'flaky',
      branch: 'flaky',
      base: 'main-flaky',
    })),
    { situation: 'slow', branch: 'slow', base: 'main-slow' },
    ...['contained', 'twin', 'undone'].map((kind) => ({
      situation: `empty: ${kind}`,
      branch: `empty-${kind}`,
      base: 'main',
    })),
  ];
  return asked.filter(
    ({ situation }) => values.situation.length === 0 || values.situation.includes(situation.split(':')[0]),
  );
}

/** What the commands find: the Node that runs this script, packages and caches of the work directory. */
function surroundings(work) {
  const bin = join(work, 'bin');
  mkdirSync(bin, { recursive: true });
  // What an earlier checkout left may lead nowhere.
  rmSync(join(bin, 'node'), { force: true });
  symlinkSync(process.execPath, join(bin, 'node'));
  const cache = (name) => join(work, 'cache', name);
  return {
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    HOME: process.env.HOME,
    TMPDIR: process.env.TMPDIR ?? tmpdir(),
    SOAK_PACKAGES: join(work, 'packages'),
    SOAK_MAVEN: cache('maven'),
    PIP_CACHE_DIR: cache('pip'),
    GOCACHE: cache('go-build'),
    GOMODCACHE: cache('go-modules'),
    CARGO_HOME: process.env.CARGO_HOME ?? join(homedir(), '.cargo'),
    RUSTUP_HOME: process.env.RUSTUP_HOME ?? join(homedir(), '.rustup'),
  };
}

/** The packages of a row in a directory of its own, once. */
function installPackages({ name, packages, installer = 'npm' }, work) {
  const dir = join(work, 'packages', name.split('/')[1]);
  if (packages === undefined || existsSync(dir)) return;
  mkdirSync(dir, { recursive: true });
  if (installer === 'npm') writeFileSync(join(dir, 'package.json'), '{ "private": true }\n');
  const [program, ...args] = INSTALLERS[installer](dir);
  execFileSync(program, [...args, ...packages], { cwd: dir, stdio: ['ignore', 'ignore', 'inherit'] });
}

const INSTALLERS = {
  npm: () => ['npm', 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', '--save-exact'],
  pip: (dir) => ['python3', '-m', 'pip', 'install', '--quiet', '--root-user-action=ignore', '--target', dir],
};

/** One verdict, the runs it took and its time. An answer that is no JSON has no status. */
async function ask({ remote, branch, base, env }) {
  const args = ['gate', 'merge', '--repo', remote, '--branch', branch, '--base', base, '--json'];
  const started = Date.now();
  const child = spawn(process.execPath, [GATEHOUSE, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const limit = setTimeout(() => child.kill(), VERDICT_LIMIT_MS);
  const [out, err] = ['', ''].map(() => []);
  child.stdout.on('data', (chunk) => out.push(chunk));
  child.stderr.on('data', (chunk) => err.push(chunk));
  await new Promise((done) => child.on('close', done));
  clearTimeout(limit);
  const runs = (
    Buffer.concat(err)
      .toString()
      .match(/ run: /g) ?? []
  ).length;
  const seconds = Math.round((Date.now() - started) / 100) / 10;
  try {
    return { runs, seconds, verdict: JSON.parse(Buffer.concat(out).toString()) };
  } catch {
    return {
      runs,
      seconds,
      verdict: {
        reason: Buffer.concat([...out, ...err])
          .toString()
          .slice(-500),
      },
    };
  }
}

const short = ({ verdict }) => [verdict.status ?? 'no answer', verdict.cause, verdict.code].filter(Boolean).join(' ');

async function visit(row, work) {
  const clone = findClone(values.repos, row.name);
  if (clone === null) return null;
  const dir = join(work, 'remotes', row.name.replace('/', '+'));
  rmSync(dir, { recursive: true, force: true });
  const remote = makeRemote({ row, clone, dir });
  installPackages(row, work);
  const answers = [];
  for (const question of questions(row)) {
    const answer = await ask({ remote, ...question, env: surroundings(work) });
    const result = {
      repository: row.name,
      ...question,
      judged: judge(question.situation, row, answer.verdict),
      ...answer,
    };
    answers.push(result);
    const { judged, runs, seconds, verdict } = result;
    const line = `${row.name} ${question.situation}: ${short(result)} (${judged}; ${runs} runs, ${seconds} s)`;
    console.log(values.json ? JSON.stringify(result) : line);
    if (!values.json && judged !== 'right')
      console.log(
        `    ${verdict.reason}\n    ${JSON.stringify({ warnings: verdict.warnings, findings: verdict.findings })}`,
      );
  }
  return answers;
}

/** One row a repository, one column a situation: how many were right, and which were not. */
function table(rows, results) {
  const cell = (name, situation) => {
    const all = results.filter((one) => one.repository === name && one.situation.split(':')[0] === situation);
    const right = all.filter(({ judged }) => judged === 'right').length;
    const answers = [...new Set(all.map(short))].join(', ');
    return all.length === 0 ? '-' : `${right}/${all.length} ${answers}`;
  };
  const lines = rows.map((row) => [
    row.name,
    row.language,
    row.runner,
    ...SITUATIONS.map((word) => cell(row.name, word)),
  ]);
  const head = ['repository', 'language', 'runner', ...SITUATIONS];
  return [head, head.map(() => '---'), ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

async function main() {
  if (values.help || values.repos === undefined) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  const all = [...JAVASCRIPT, ...OTHER_LANGUAGES];
  const known = [...all.map(({ name }) => name), ...SITUATIONS];
  const unknown = [...values.only, ...values.situation].filter((word) => !known.includes(word));
  if (unknown.length > 0 || !existsSync(GATEHOUSE)) {
    console.error(unknown.length > 0 ? `not known: ${unknown.join(', ')}` : 'not built: npm run build');
    return 2;
  }
  const rows = all.filter(({ name }) => values.only.length === 0 || values.only.includes(name));
  const work = values.work === undefined ? mkdtempSync(join(tmpdir(), 'gatehouse-soak-')) : resolve(values.work);
  const [results, missing] = [[], []];
  for (const row of rows) {
    const answers = await visit(row, work);
    if (answers === null) missing.push(row.name);
    else results.push(...answers);
  }
  if (values.work === undefined) rmSync(work, { recursive: true, force: true });
  const many = (word) => results.filter(({ judged }) => judged === word).length;
  const counts = ['right', 'false blame', 'silent pass', 'missed', 'not explained'].map(
    (word) => `${word} ${many(word)}`,
  );
  if (!values.json) console.log(`\n${table(rows, results)}\n`);
  console.error(`${results.length} verdicts: ${counts.join(', ')}`);
  if (missing.length > 0) console.error(`no clone below ${values.repos}: ${missing.join(', ')}`);
  return many('false blame') + many('silent pass') > 0 ? 1 : missing.length > 0 ? 2 : 0;
}

process.exitCode = await main();
