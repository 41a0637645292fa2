// A green suite never turns red by a default: suites of public projects as they are, each once under ORCH_ISOLATION=none and once under auto, by a whole
// service that lands a branch, and by a service of root and one of another user. What they say of their tests is compared.
//   node soak/isolation-suites.mjs --clones DIR [--help] [--users root,other] [--markdown] [NAMES...]
//   --clones DIR   a folder with a clone (or a mirror) of each, by its name; one that is not there is a row that says so
//   --users        who the service is: root, other (the account --other [daemon], in the group games besides its own) or both
//   --markdown     the rows as a table of docs/isolation-suites.md
// Needs a build, bubblewrap, and the programs that a project names; the first run of each fetches what it is built from with the clients of its
// language. There is nothing random in it, so it takes no seed. Ends with 1 when a suite is not as green under auto. About a minute a row.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseSettings, silentLog, startService } from '../dist/testing.js';
import { PROJECTS } from './isolation-suites/projects.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', default: false },
    clones: { type: 'string', default: '' },
    users: { type: 'string', default: 'root,other' },
    other: { type: 'string', default: 'daemon' },
    markdown: { type: 'boolean', default: false },
    // For a service of another user: this script once more, as that user, for one row.
    one: { type: 'string' },
  },
});
const self = fileURLToPath(import.meta.url);

if (values.help) {
  const head = readFileSync(self, 'utf8').split('\n');
  console.log(
    head
      .filter((line) => line.startsWith('//'))
      .map((line) => line.slice(3))
      .join('\n'),
  );
  process.exit(0);
}

const sum = (text, pattern) =>
  [...text.matchAll(pattern)].reduce((total, [, number]) => total + (number === undefined ? 1 : Number(number)), 0);

/** What stands below both the parts of a place: a name alone is of the PATH, `NAME:PATTERN` is a file in a folder. */
function isThere(need) {
  const [name, place] = need.split(':');
  if (place !== undefined) return globSync(join(place, name)).length > 0;
  return spawnSync('sh', ['-c', 'command -v "$1"', 'sh', name], { stdio: 'ignore' }).status === 0;
}

/** A forge whose main is the project with what `prepare` made, and a branch with a file more; the same for each row of it. */
function layOut(name, root) {
  const { source, prepare, command } = PROJECTS[name];
  const work = join(root, 'work');
  const git = (...words) =>
    execFileSync('git', ['-C', work, '-c', 'user.name=x', '-c', 'user.email=x@example.org', ...words], {
      stdio: 'pipe',
    });
  // Without its history, of which a mirror may lack a part.
  if (source !== null) execFileSync('git', ['clone', '--quiet', join(resolve(values.clones), name), work]);
  rmSync(join(work, '.git'), { recursive: true, force: true });
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', work]);
  execFileSync('sh', ['-ec', prepare], { cwd: work, stdio: ['ignore', 'pipe', 'pipe'] });
  writeFileSync(join(work, 'gatehouse-suite.sh'), `${command}\n`);
  writeFileSync(
    join(work, 'gatehouse.yaml'),
    JSON.stringify({ version: 1, test: { command: 'sh gatehouse-suite.sh', timeout: '600s', min_tests: 0 } }),
  );
  git('add', '--all', '--force');
  git('commit', '--quiet', '--allow-empty', '-m', 'prepared');
  git('checkout', '--quiet', '-b', 'more');
  writeFileSync(join(work, 'MORE.txt'), 'more\n');
  git('add', 'MORE.txt');
  git('commit', '--quiet', '-m', 'more');
  execFileSync('git', ['clone', '--quiet', '--bare', '--no-local', work, join(root, 'forge.git')]);
  rmSync(work, { recursive: true, force: true });
}

const LONGEST_MS = 15 * 60_000;

/** One row: a service of whoever runs this, in `folder`, which holds its forge. */
async function land(folder, mode) {
  const { settings } = parseSettings({
    ...{ ORCH_DATA_DIR: join(folder, 'data'), ORCH_PORT: '0', ORCH_POLL_S: '1', ORCH_ISOLATION: mode },
    // What is scanned would be the same in each row.
    ORCH_SECURITY_GATE_ENABLED: 'false',
  });
  const takenBack = [];
  const warn = (text, { reason } = {}) => /isolation was taken back/.test(text) && takenBack.push(reason);
  const service = await startService(settings, { ...silentLog, warn });
  if (service.kind !== 'running') throw new Error(service.problem);
  try {
    const token = readFileSync(service.tokenPath, 'utf8').trim();
    const ask = async (path, body) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const method = body === undefined ? 'GET' : 'POST';
      const answer = await fetch(`${service.url}${path}`, { method, headers, body: JSON.stringify(body) });
      if (!answer.ok) throw new Error(await answer.text());
      return answer.json();
    };
    await ask('/repos', { id: 'app', path: join(folder, 'forge.git') });
    const { id } = await ask('/tasks', { repo: 'app', branch: 'more' });
    let task = await ask(`/tasks/${id}`);
    // Main that is red is waited for, and nobody will mend it.
    const until = Date.now() + LONGEST_MS;
    while (!['done', 'cancelled'].includes(task.stage) && task.status !== 'blocked' && Date.now() < until) {
      await new Promise((done) => setTimeout(done, 500));
      task = await ask(`/tasks/${id}`);
    }
    const runs = await service.context.store.commandRuns({ taskId: id });
    const [last] = runs.filter(({ purpose }) => purpose === 'branch').sort((a, b) => b.id - a.id);
    const logOf = ({ logPath } = {}) => (logPath == null ? '' : readFileSync(logPath, 'utf8'));
    const tried = await service.context.store.commandRuns({ repoId: 'app' });
    const red = tried.filter(({ taskId, outcome }) => taskId === null && outcome !== 'green').map(logOf);
    const why = task.checks.map(({ check, status, reason }) => `${check} ${status}: ${reason}`).join('; ');
    const mode = takenBack.length > 0 ? `none, taken back: ${takenBack}` : service.context.isolation.mode;
    return { stage: task.stage, why, mode, log: logOf(last), red: red.join('\n') };
  } finally {
    await service.stop();
  }
}

if (values.one !== undefined) {
  process.stdout.write(JSON.stringify(await land(...JSON.parse(values.one))));
  process.exit(0);
}

/** Another user has one group besides its own, to see what a world does with it. */
function landAs(user, folder, mode) {
  const line = [process.execPath, self, '--one', JSON.stringify([folder, mode])];
  const groups = `--groups=${idOf('-g')},games`;
  // Programs below root's home are in nobody else's PATH.
  const path = process.env.PATH.split(':').filter((dir) => !dir.startsWith(homedir()));
  const set = ['env', `HOME=${folder}`, `PATH=${path.join(':')}`];
  const as = ['setpriv', `--reuid=${idOf('-u')}`, `--regid=${idOf('-g')}`, groups, ...set];
  const [program, ...args] = user === 'root' ? line : [...as, ...line];
  const run = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(run.stdout);
}

const idOf = (which) => execFileSync('id', [which, values.other], { encoding: 'utf8' }).trim();

function row(name, user, root) {
  const { passed, skipped } = PROJECTS[name];
  const told = {};
  for (const mode of ['none', 'auto']) {
    const folder = join(root, `${user}-${mode}`);
    mkdirSync(folder);
    chmodSync(folder, 0o755);
    cpSync(join(root, 'forge.git'), join(folder, 'forge.git'), { recursive: true });
    if (user === 'other') execFileSync('chown', ['-R', `${values.other}:`, folder]);
    const { log, red, ...rest } = landAs(user, folder, mode);
    told[mode] = { ...rest, passed: sum(log, passed), skipped: sum(log, skipped) };
    if (rest.stage !== 'done' || red !== '')
      writeFileSync(join(tmpdir(), `isolation-suites-${name}-${user}-${mode}.log`), `${red}${log}`);
    rmSync(folder, { recursive: true, force: true });
  }
  return told;
}

const users = values.users.split(',');
const asked = positionals.length > 0 ? positionals : Object.keys(PROJECTS);
let failed = false;
for (const name of asked) {
  const project = PROJECTS[name];
  if (project === undefined) throw new Error(`there is no project ${name}`);
  const missing = project.needs.filter((need) => !isThere(need));
  const isCloned = project.source === null || existsSync(join(values.clones, name));
  if (missing.length > 0 || !isCloned) {
    console.log(
      `${name}: ${missing.length > 0 ? `not on this machine: ${missing}` : `clone it from ${project.source}`}`,
    );
    continue;
  }
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'isolation-suites-')));
  chmodSync(root, 0o755);
  try {
    layOut(name, root);
    for (const user of users) {
      const { none, auto } = row(name, user, root);
      const isGreen = none.stage === 'done' && none.passed > 0;
      const more = project.skipsMore?.[user];
      const isAlike =
        auto.stage === none.stage &&
        auto.passed === none.passed - (more?.fewer ?? 0) &&
        auto.skipped === none.skipped + (more?.tests ?? 0);
      const counts = ({ passed, skipped }) => `${passed} passed, ${skipped} skipped`;
      const judged = !isGreen
        ? `NOT GREEN under none: ${none.why}`
        : isAlike
          ? more === undefined
            ? 'alike'
            : `alike; ${more.why}`
          : `DIFFERENT: ${auto.why}`;
      const cells = [name, project.commit, project.does, user, counts(none), `${counts(auto)} (${auto.mode})`, judged];
      console.log(values.markdown ? `| ${cells.join(' | ')} |` : cells.join('; '));
      failed ||= !isGreen || !isAlike;
    }
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
process.exitCode = failed ? 1 : 0;
