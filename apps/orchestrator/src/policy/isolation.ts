/**
 * What separates commands from the service: chosen once at start from the setting, the data directory and the machine, then
 * given with the limits of every command. What each mode stops: docs/security.md; why so: docs/adr/0026-a-command-sees-what-it-is-shown.md.
 */
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Isolation, type OwnUser, tryIsolation } from '@gatehouse/gate-run';
import { describeCrash } from '@gatehouse/verdict';
import { openToPass, readTextFile, writeTextFile } from '../platform/files.ts';
import { processEnvironment } from '../platform/process-environment.ts';
import type { Settings } from '../settings.ts';

/** What can hold at last; `auto` is a wish. */
export type IsolationMode = 'none' | 'uid' | 'bwrap';

/** What a policy says of the commands of one repository; null: what the service has. */
export interface PolicyIsolation {
  readonly test: IsolationMode | null;
  readonly agents: IsolationMode | null;
  readonly deploy: IsolationMode | null;
  readonly network: boolean;
  /** Names of variables that commands receive: what they lead to is shown. */
  readonly variables: readonly string[];
}

/** Whose commands. */
export type Work = 'test' | 'agents' | 'deploy';

/** The isolation of a kind of command; undefined: none. `settings` are those of a service that has chosen, or of a shell. */
export function isolationOf(settings: Settings, policy: PolicyIsolation, work: Work): Isolation | undefined {
  // What the service chose was tried with tests, and not with an operator's own programs.
  const mode = policy[work] ?? (work === 'test' || settings.isIsolationChosen !== true ? modeOf(settings) : 'none');
  if (mode === 'none') return undefined;
  if (mode === 'bwrap') return worldFor(settings, policy);
  const users = readUsers(settings.commands.runAs, '');
  // Without users the run is refused, in words; it never runs as the service itself.
  return users.kind === 'users' ? users.users : { kind: 'uid', uids: [], gid: 0 };
}

function modeOf(settings: Settings): IsolationMode {
  const { isolation } = settings.commands;
  if (isolation === '') return 'none';
  return isolation === 'auto' ? 'bwrap' : isolation;
}

/** Where programs are that the service finds on its PATH, and the Node it runs on itself; never a home as a whole. */
function toolPlaces(path: string, home: string): readonly string[] {
  const open = path.split(':').filter((dir) => dir.startsWith('/'));
  const places = open.map((dir) => {
    const around = dirname(resolve(dir));
    const isTool = basename(dir) === 'bin' || basename(dir) === '.bin';
    const isPrivate = around === home || around === '/' || ['.local', '.cargo'].includes(basename(around));
    return isTool && !isPrivate ? around : resolve(dir);
  });
  return [...new Set([...places, dirname(process.execPath)])].filter((dir) => dir !== home && dir !== '/');
}

/** Certificates, SDKs: a place that the operator gave in a variable and a policy hands on. */
function placesIn(names: readonly string[], home: string): readonly string[] {
  const values = names.map((name) => processEnvironment()[name] ?? '');
  return values.filter((value) => /^\/[^:\0]+$/.test(value) && !/\/\.{1,2}(?:\/|$)/.test(value) && value !== home);
}

const worldFor = (
  { storage, server, commands, notify }: Settings,
  { network, variables }: Pick<PolicyIsolation, 'network' | 'variables'>,
): Isolation => ({
  kind: 'bwrap',
  network,
  tools: [...toolPlaces(processEnvironment()['PATH'] ?? '', homedir()), ...placesIn(variables, homedir())],
  read: commands.isolationRead.map((path) => resolve(path)),
  write: commands.isolationWrite.map((path) => resolve(path)),
  hidden: [storage.dataDir, server.apiTokensFile, notify.file]
    .filter((path) => path !== '')
    .map((path) => resolve(path)),
});

/** What was chosen, and why, for the log, doctor and the board. */
export interface IsolationChoice {
  readonly mode: IsolationMode;
  /** Chosen for the operator, who named no mode: it may be taken back for a repository whose main is green without alone. */
  readonly isDefault: boolean;
  /** In words. */
  readonly why: string;
}

export type ChosenIsolation =
  | { readonly kind: 'chosen'; readonly choice: IsolationChoice; readonly settings: Settings }
  | { readonly kind: 'refused'; readonly problem: string };

/** The settings with a mode that this machine has shown, or why the service cannot start. */
export async function chooseIsolation(settings: Settings): Promise<ChosenIsolation> {
  const wanted = settings.commands.isolation === '' ? await wantedByDirectory(settings) : settings.commands.isolation;
  const isDefault = wanted === 'auto';
  const users = readUsers(settings.commands.runAs, await passwd());
  const known =
    users.kind === 'users' ? { ...settings, commands: { ...settings.commands, runAs: users.text } } : settings;
  const chosen = (mode: IsolationMode, why: string): ChosenIsolation => ({
    kind: 'chosen',
    choice: { mode, isDefault, why },
    settings: {
      ...known,
      commands: { ...known.commands, isolation: mode },
      ...(isDefault ? { isIsolationChosen: true } : {}),
    },
  });
  const dataDir = resolve(settings.storage.dataDir);
  const bad = users.kind === 'wrong' ? `ORCH_RUN_AS: ${users.reason}` : null;
  switch (wanted) {
    case 'none':
      return chosen('none', settings.commands.isolation === 'none' ? 'ORCH_ISOLATION=none' : OLD);
    case 'bwrap': {
      const missing = await lackOf(worldFor(known, PLAIN), dataDir);
      if (missing !== null) return { kind: 'refused', problem: `ORCH_ISOLATION=bwrap: ${missing}` };
      return chosen('bwrap', 'ORCH_ISOLATION=bwrap');
    }
    case 'uid': {
      const missing = bad ?? (users.kind === 'users' ? await lackOfUser(users.users, dataDir) : NO_USERS);
      if (missing !== null) return { kind: 'refused', problem: `ORCH_ISOLATION=uid: ${missing}` };
      return chosen('uid', 'ORCH_ISOLATION=uid');
    }
    case 'auto': {
      const world = await lackOf(worldFor(known, PLAIN), dataDir);
      if (world === null) return chosen('bwrap', `the strongest that this machine offers; ${APART}`);
      const user = bad ?? (users.kind === 'users' ? await lackOfUser(users.users, dataDir) : NO_USERS);
      if (user === null) return chosen('uid', `the strongest that this machine offers (${world}); ${APART}`);
      return chosen('none', `this machine offers none: ${world}; ${user}`);
    }
  }
}

const APART =
  'agents and deployments run without, unless agents.isolation and deploy.isolation in the operator file say otherwise';
const PLAIN = { network: true, variables: [] } as const;
const NO_USERS = 'ORCH_RUN_AS names no user';
const OLD = 'this data directory is older than isolation; try ORCH_ISOLATION=auto';

async function lackOf(isolation: Isolation, place: string): Promise<string | null> {
  const tried = await tryIsolation(isolation, place);
  if (tried.kind === 'crashed') return describeCrash(tried);
  return tried.kind === 'holds' ? null : tried.reason;
}

/** Other users have to get through to a checkout and to the objects it borrows; they read no list on the way. */
async function lackOfUser(users: OwnUser, dataDir: string): Promise<string | null> {
  for (const dir of [dataDir, join(dataDir, 'slots'), join(dataDir, 'mirrors')]) {
    const shut = await openToPass(dir);
    if (shut !== null) return `${dir}: ${shut}`;
  }
  return lackOf(users, dataDir);
}

const MARK = 'isolation';

/** What a data directory was made with. */
async function wantedByDirectory({ storage }: Settings): Promise<'auto' | 'none'> {
  const mark = await readTextFile(join(resolve(storage.dataDir), MARK), 100);
  return mark.kind === 'read' && mark.text.trim() === 'auto' ? 'auto' : 'none';
}

/** Called for a data directory that has no store yet: commands of its repositories are separated from the start. */
export async function markNewDirectory(dataDir: string): Promise<string | null> {
  const written = await writeTextFile(join(dataDir, MARK), 'auto\n');
  return written.kind === 'written' ? null : written.reason;
}

type Users =
  | { readonly kind: 'users'; readonly users: OwnUser; readonly text: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'wrong'; readonly reason: string };

const SPEC = /^(?:(\d+)(?:-(\d+))?|([A-Za-z_][\w.-]*))(?::(\d+))?$/;
const MOST = 1000;

/** `name`, `1000`, or `3000-3015`, each with `:GROUP-ID` behind it where the group is not the user's own. */
export function readUsers(text: string, accounts: string): Users {
  if (text === '') return { kind: 'none' };
  const [, first, last = first, name, group] = SPEC.exec(text) ?? [];
  const account = accountOf(accounts, name ?? first ?? '');
  const from = Number(first ?? account?.uid);
  const to = Number(last ?? account?.uid);
  if (Number.isNaN(from) || Number.isNaN(to))
    return {
      kind: 'wrong',
      reason: name === undefined ? `${text} is no user` : `there is no user ${name} on this machine`,
    };
  const gid = Number(group ?? account?.gid ?? from);
  if (from < 1 || gid < 1) return { kind: 'wrong', reason: 'root separates nothing from root' };
  if (to < from || to - from >= MOST) return { kind: 'wrong', reason: `${text} is no range of at most ${MOST} users` };
  const uids = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return { kind: 'users', users: { kind: 'uid', uids, gid }, text: `${from}-${to}:${gid}` };
}

function accountOf(accounts: string, who: string): { readonly uid: string; readonly gid: string } | null {
  for (const line of accounts.split('\n')) {
    const [name, , uid = '', gid = ''] = line.split(':');
    if ((name === who || uid === who) && uid !== '') return { uid, gid };
  }
  return null;
}

async function passwd(): Promise<string> {
  const read = await readTextFile('/etc/passwd', 1024 * 1024);
  return read.kind === 'read' ? read.text : '';
}

/** What a program of ours needs to run in a world: its own folder, and those it is built from in a checkout. */
export function ownProgramPlaces(): readonly string[] {
  const app = fileURLToPath(new URL('../..', import.meta.url));
  const root = resolve(app, '../..');
  return [resolve(app), ...['node_modules', 'packages', 'apps'].map((name) => join(root, name))];
}
