/**
 * A test, or an agent, that tries everything that docs/security.md says of them, and a service of its own for each isolation and
 * user. What it prints stands in the log of its run.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askFor } from './full-profile.ts';
import { ask, atRest, type Door, enqueue, register, taskOf, until } from './live-gatehouse.ts';
import { Forge, scratchFolder } from './scratch-forge.ts';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** In the order and words of docs/security.md. */
export const DEEDS = [
  'read the API token',
  'read or write the store',
  'write the mirror',
  'read or write another checkout',
  'move a branch of a forge on this machine',
  "read the service's environment or memory",
  'signal the service',
  'leave a process behind',
  "read a file of the service's user",
  'read a file that everybody may read',
  'reach the network',
] as const;
export type Deed = (typeof DEEDS)[number];

export interface Scene {
  readonly who: 'test' | 'agent';
  readonly mode: 'none' | 'uid' | 'bwrap';
  /** Null: root. */
  readonly uid: number | null;
}

/** Users of commands, no one else's. */
const RUN_AS = '61701-61704:61700';

interface Places {
  readonly folder: string;
  readonly dataDir: string;
  readonly forge: string;
  readonly pid: number;
  readonly port: string;
  readonly marker: string;
}

/** Each line says `deed=open` when it succeeded. Nothing that it does would stop the service. */
const script = ({ folder, dataDir, forge, pid, port, marker }: Places): string => `
say() { echo "deed:$1=$2"; }
try() { name=$1; shift; if "$@" > /dev/null 2>&1; then say "$name" open; else say "$name" closed; fi; }
either() { name=$1; if sh -c "$2" > /dev/null 2>&1 || sh -c "$3" > /dev/null 2>&1; then say "$name" open; else say "$name" closed; fi; }
try 0 grep . ${dataDir}/api-token
either 1 'head -c 16 ${dataDir}/gatehouse.db | grep -q SQLite' 'test -s ${dataDir}/gatehouse.db && : >> ${dataDir}/gatehouse.db'
sh -c ': > ${dataDir}/mirrors/app.git/planted'
either 3 'cat ${dataDir}/slots/other/*/secret' 'for job in 1 2 3 4 5 6 7 8 9; do cat ${dataDir}/slots/other/$job-1/secret && exit 0; done; exit 1'
git --git-dir=${forge} -c safe.directory='*' update-ref refs/heads/planted HEAD
either 5 'grep -l ${marker} /proc/[0-9]*/environ' 'head -c 0 /proc/${pid}/mem'
try 6 kill -0 ${pid}
setsid sleep 31${pid % 1000}.25 > /dev/null 2>&1 < /dev/null &
try 8 cat ${folder}/of-the-user
try 9 cat ${folder}/of-everybody
try 10 perl -MIO::Socket::INET -e 'exit(IO::Socket::INET->new(PeerAddr => "127.0.0.1:${port}") ? 0 : 1)'
`;

export type Outcome = 'open' | 'closed';

/** What it could do, or in which words the service refused to start. */
export type Deeds =
  | { readonly kind: 'done'; readonly outcomes: Readonly<Record<Deed, Outcome>> }
  | { readonly kind: 'refused'; readonly said: string };

const asUser = (uid: number | null) => (uid === null ? {} : { uid, gid: uid });

/** A whole service in a process of its own, with a test that is at work in another checkout meanwhile. */
export async function hostileRun({ who, mode, uid }: Scene): Promise<Deeds> {
  const folder = scratchFolder();
  chmodSync(folder, 0o755);
  const [dataDir, marker] = [join(folder, 'data'), `marked-${mode}-${uid ?? 'root'}.invalid`];
  mkdirSync(dataDir);
  const settings = {
    ORCH_DATA_DIR: dataDir,
    ...{ ORCH_PORT: '0', ORCH_POLL_S: '1', ORCH_MAX_GATE_RUNS: '2', ORCH_HOST_NAMES: marker },
    ...{ ORCH_ISOLATION: mode, ORCH_RUN_AS: RUN_AS },
  };
  const files = { 'gatehouse.yaml': 'version: 1\ntest: { command: sh all.sh, min_tests: 0 }\n' };
  const all = 'for file in tests/*.sh; do sh "$file" || exit 1; done\n';
  const forge = await Forge.make({ ...files, 'all.sh': all, 'tests/a.sh': 'echo ok\n' }, join(folder, 'one'));
  const other = await Forge.make({ ...files, 'all.sh': all, 'tests/a.sh': 'echo ok\n' }, join(folder, 'two'));
  const wait = 'echo text > secret; while ! test -e go; do sleep 0.05; done\n';
  other.push({ branch: 'waits', from: 'main' }, { 'tests/wait.sh': wait });
  const owned = { 'of-the-user': 0o600, 'of-everybody': 0o644 };
  for (const [name, mode] of Object.entries(owned)) writeFileSync(join(folder, name), 'text\n', { mode });
  chown(folder, uid);
  const service = spawn(process.execPath, [MAIN, 'serve'], {
    env: { PATH: process.env['PATH'], HOME: folder, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...asUser(uid),
  });
  try {
    const door = await started(service, dataDir);
    if (typeof door === 'string') return { kind: 'refused', said: door };
    return { kind: 'done', outcomes: await run({ who, uid, folder, dataDir, door, service, forge, other, marker }) };
  } finally {
    await ended(service);
  }
}

interface Running extends Pick<Scene, 'who' | 'uid'> {
  readonly folder: string;
  readonly dataDir: string;
  readonly door: Door;
  readonly service: ChildProcess;
  readonly forge: Forge;
  readonly other: Forge;
  readonly marker: string;
}

async function run(running: Running): Promise<Record<Deed, Outcome>> {
  const { uid, folder, dataDir, door, service, forge, other, marker } = running;
  const places = { folder, dataDir, forge: forge.path, pid: service.pid ?? 0, port: new URL(door.url).port, marker };
  // git of this process works in nobody else's repository.
  chown(forge.path, null);
  if (running.who === 'test') forge.push({ branch: 'hostile', from: 'main' }, { 'tests/hostile.sh': script(places) });
  else forge.push({ branch: 'main' }, { 'hostile.sh': `${script(places)}${ANALYSIS}` });
  chown(forge.path, uid);
  await register(door, other.path, 'other');
  const waiting = await enqueue(door, 'waits', 'other');
  const [secret = ''] = await until('the other test is at work', async () => {
    const found = globSync(join(dataDir, 'slots/other/*/secret'));
    return found.length > 0 && found;
  });
  const end = running.who === 'test' ? await testEnds(running) : await agentEnds(running);
  writeFileSync(join(secret, '../go'), '');
  await atRest(door, waiting);
  const [log = ''] = globSync(join(dataDir, 'reports/*/*/{branch-*,agent}.log')).filter((path) =>
    readFileSync(path, 'utf8').includes('deed:'),
  );
  if (log === '') throw new Error(`nothing hostile left a word: ${JSON.stringify(end)}`);
  const said = new Map(
    [...readFileSync(log, 'utf8').matchAll(/^deed:(\d+)=(open|closed)$/gm)].map(([, deed, how]) => [
      Number(deed),
      how as Outcome,
    ]),
  );
  // Of these only what is seen from outside counts: a world of its own has places of the same names.
  const seen: Readonly<Partial<Record<Deed, boolean>>> = {
    'write the mirror': existsSync(join(dataDir, 'mirrors/app.git/planted')),
    'move a branch of a forge on this machine': existsSync(join(forge.path, 'refs/heads/planted')),
    'leave a process behind': isAlive(`sleep 31${places.pid % 1000}.25`),
  };
  for (const [deed, did] of Object.entries(seen)) said.set(DEEDS.indexOf(deed as Deed), did ? 'open' : 'closed');
  if (said.size !== DEEDS.length) throw new Error(`deeds are missing: ${readFileSync(log, 'utf8')}`);
  return Object.fromEntries(DEEDS.map((deed, at) => [deed, said.get(at)])) as Record<Deed, Outcome>;
}

async function testEnds({ door, forge }: Running): Promise<unknown> {
  await register(door, forge.path, 'app');
  return atRest(door, await enqueue(door, 'hostile'));
}

/** What an analyst is asked for, so that its run counts as one that worked. */
const ANALYSIS = `
mkdir -p "docs/work-items/$GATEHOUSE_TASK_NAME"
echo understood > "docs/work-items/$GATEHOUSE_TASK_NAME/01-analysis.md"
git add docs && git commit -qm analysis
`;

/** The setting names the isolation, so it holds for agents as for tests. */
async function agentEnds({ door, folder, forge, uid }: Running): Promise<unknown> {
  const file = join(folder, 'operator.yaml');
  writeFileSync(file, 'version: 1\nagents: { command: sh hostile.sh, timeout: 120s }\n');
  chown(file, uid);
  const body = { id: 'app', path: forge.path, policy_path: file, profile: 'full' };
  const added = await ask(door, '/repos', { body });
  if (added.status !== 201) throw new Error(added.text);
  const id = await askFor(door);
  return until('the agent has done its work', async () => {
    const task = await taskOf(door, id);
    if (task.status === 'blocked') throw new Error(JSON.stringify(task));
    return task.status === 'waiting' && task;
  });
}

function chown(path: string, uid: number | null): void {
  execFileSync('chown', ['-R', `${uid ?? 0}:${uid ?? 0}`, path]);
}

const isAlive = (words: string): boolean =>
  globSync('/proc/[0-9]*/cmdline').some((path) => {
    try {
      return readFileSync(path, 'utf8').replaceAll('\0', ' ').trim() === words;
    } catch {
      return false;
    }
  });

/** The door, or what a service said that did not start. */
async function started(service: ChildProcess, dataDir: string): Promise<Door | string> {
  let said = '';
  service.stdout?.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  service.stderr?.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  return until('the service listens or says why not', async () => {
    const url = /listens on (http:\S+)/.exec(said)?.[1];
    if (url !== undefined && existsSync(join(dataDir, 'api-token'))) return { url, context: { dataDir } };
    return service.exitCode !== null && said;
  });
}

async function ended(service: ChildProcess): Promise<void> {
  if (service.exitCode !== null) return;
  const exit = new Promise((resolve) => service.once('exit', resolve));
  service.kill('SIGTERM');
  await exit;
}
