/**
 * The keeper of a run: a small process that the kernel gives every orphan of the run to. It tells the true end of the
 * command, and "nothing is left" is the kernel's own word: it has no child any more. ADR 0018 says why.
 */
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import type { CommandLine } from '../containment/containment.ts';
import { signalName } from '../signal-name.ts';
import type { Child, Exit, Spawned } from './child.ts';
import { KEEPER, keeperCalls } from './keeper-program.ts';
import { expectKeeper, heardAll, keeperAddress } from './keeper-socket.ts';
import { sendSignal } from './process-signal.ts';
import { within } from './within.ts';

export interface KeeperMeans {
  readonly perl: string;
  readonly calls: string;
  readonly address: string;
}

export interface Kept {
  /** `holding`: a process of the run is there, alive or not reaped. `empty`: proved. `lost`: the keeper was ended. */
  readonly state: () => 'holding' | 'empty' | 'lost';
  /** Settles when it is not `holding`. */
  readonly settled: Promise<void>;
  /** Of the keeper; 0 before the start. */
  readonly pid: () => number;
  readonly wrap: (line: CommandLine) => CommandLine;
  /**
   * From the keeper that was started to the command below it. Once `asked` settles, a keeper that says nothing is ended soon after: where
   * the kernel then shows that it started no command, the answer is `not-begun`; else the command counts as lost.
   */
  readonly adopt: (spawned: Spawned, asked: Promise<unknown>) => Promise<Adopted>;
  /** Kills what is left, and whatever it starts meanwhile. */
  readonly kill: () => void;
  /** What is still left is killed by the keeper as soon as it can be. Settles once a keeper of nothing has ended. */
  readonly release: () => Promise<void>;
}

/** Null where a keeper cannot be had: another architecture, or no socket. */
export async function keeperMeans(perl: string): Promise<KeeperMeans | null> {
  const calls = keeperCalls(process.arch);
  const address = calls === null ? null : await keeperAddress();
  return calls === null || address === null ? null : { perl, calls, address };
}

/** `by`: the signal that ended the keeper before it said anything; null: it ended itself, or we ended it. */
export type Adopted = Spawned | { readonly kind: 'not-begun'; readonly by: string | null };

export interface KeptPlace {
  readonly session: 'own' | 'ours';
  /** The cgroup v2 leaf that the command is started in, or null. */
  readonly leaf: string | null;
}

type Hello = Runs | Failed;
interface Runs {
  readonly kind: 'runs';
  readonly pid: number;
}
/** It may have begun. */
const UNKNOWN: Runs = { kind: 'runs', pid: 0 };
interface Failed {
  /** `outside`: it could not join its cgroup. */
  readonly kind: 'unforked' | 'outside';
  readonly errno: string;
}

/** How long a keeper of nothing may take to end. */
const LATE_MS = 1000;
/** A keeper that lives says its first word within milliseconds; one that was killed needs as long to be gone. */
const WORD_CAP_MS = 500;

/** For one run; nothing is started before `wrap`'s line is. */
export function keepRun(means: KeeperMeans, place: KeptPlace): Kept {
  let state: 'holding' | 'empty' | 'lost' = 'holding';
  let socket: Socket | null = null;
  let keeper = 0;
  let running: Promise<unknown> | null = null;
  let exit: Exit | null = null;
  const hello = Promise.withResolvers<Hello | null>();
  const exited = Promise.withResolvers<Exit>();
  const settled = Promise.withResolvers<void>();
  const ended = (how: Exit): void => {
    exit ??= how;
    exited.resolve(exit);
  };
  const settle = (to: 'empty' | 'lost'): void => {
    if (state === 'holding') state = to;
    hello.resolve(null);
    ended({ code: null, signal: null });
    settled.resolve();
  };
  const hear = (line: string): void => {
    const [word, number] = line.split(' ');
    const first = helloOf(word, Number(number));
    if (first !== null) hello.resolve(first);
    if (word === 'E') ended(exitOf(Number(number)));
    if (word !== '0') return;
    settle('empty');
    // Only now it ends: an order that it would not read any more must not break the connection before its last word.
    socket?.destroy();
  };
  const end = (): void => {
    if (running !== null && keeper > 1) sendSignal(keeper, 'SIGKILL');
  };
  const { token, forget } = expectKeeper((connection, rest) => {
    socket = connection;
    readLines(connection, rest, hear);
    connection.on('close', () => settle('lost'));
  });
  return {
    state: () => state,
    settled: settled.promise,
    pid: () => keeper,
    wrap: ({ file, args }) => ({ file: means.perl, args: [...keeperWords(means, place, token), file, ...args] }),
    adopt: async (spawned, asked) => {
      if (spawned.kind === 'spawn-failed') return spawned;
      const { child } = spawned;
      keeper = child.pid;
      running = child.exited;
      void child.exited.then(async () => {
        running = null;
        // Whoever started the keeper may be lost while the keeper is not; how the command ends is of no use then.
        if (socket !== null) ended({ code: null, signal: null });
        // What a keeper wrote lies in the kernel when it has ended, and so does what its command did.
        if (socket === null && !(await heardAll())) hello.resolve(UNKNOWN);
        if (socket === null) settle('lost');
      });
      const said = await Promise.race([hello.promise, asked.then(() => lastWord(hello.promise, end))]);
      if (said === 'silent') settle('lost');
      if (said === null) await soon(running);
      return adopted(said, child, { exited: exited.promise, exit: () => exit });
    },
    kill: () => {
      socket?.write('K\n');
      // The command may have stopped it.
      if (running !== null && keeper > 1) sendSignal(keeper, 'SIGCONT');
    },
    release: async () => {
      forget();
      socket?.destroy();
      if (state === 'empty') await soon(running);
    },
  };
}

/**
 * The first word of a keeper that is given no more time, or null for the end of its connection without one: each command says a
 * word before it begins, and holds the connection until then. `silent`: neither comes, although it was killed.
 */
async function lastWord(hello: Promise<Hello | null>, end: () => void): Promise<Hello | null | 'silent'> {
  const word = () => within(hello, WORD_CAP_MS, 'silent' as const);
  const said = await word();
  if (said !== 'silent') return said;
  end();
  return word();
}

function adopted(said: Hello | null | 'silent', keeper: Child, command: Pick<Child, 'exited' | 'exit'>): Adopted {
  const { drained, release } = keeper;
  const below = { ...command, begun: Promise.resolve(), drained, release };
  if (said === 'silent') return { kind: 'spawned', child: { pid: 0, ...below } };
  if (said?.kind === 'runs') return { kind: 'spawned', child: { pid: said.pid, ...below } };
  release();
  if (said === null) return { kind: 'not-begun', by: keeper.exit()?.signal ?? null };
  return failure(said);
}

/** We may end next, and a run around us would call a keeper that is about to end left behind. */
const soon = (end: Promise<unknown> | null): Promise<unknown> | null =>
  end === null ? null : within(end, LATE_MS, null);

const keeperWords = (
  { calls, address }: KeeperMeans,
  { session, leaf }: KeptPlace,
  token: string,
): readonly string[] => ['-e', KEEPER, calls, address, token, session, leaf ?? ''];

function failure({ kind, errno }: Failed): Spawned {
  if (kind === 'unforked') return { kind: 'spawn-failed', errno, message: `fork ${errno}` };
  return { kind: 'spawn-failed', errno: 'ECONTAIN', message: `the command could not join its cgroup: ${errno}` };
}

/** Lines are a few bytes; what comes in pieces is put together. */
function readLines(socket: Socket, rest: string, hear: (line: string) => void): void {
  let open = rest;
  const take = (): void => {
    const lines = open.split('\n');
    open = lines.pop() ?? '';
    for (const line of lines) hear(line);
  };
  socket.on('data', (bytes: Buffer) => {
    open += bytes.toString('latin1');
    take();
  });
  take();
}

function helloOf(word: string | undefined, number: number): Hello | null {
  if (word === 'P') return { kind: 'runs', pid: number };
  if (word === 'F') return { kind: 'unforked', errno: errnoName(number) };
  return word === 'J' ? { kind: 'outside', errno: errnoName(number) } : null;
}

/** wait(2): the signal in the low seven bits, else the code above them. */
function exitOf(status: number): Exit {
  const signal = status & 0x7f;
  return signal === 0 ? { code: status >> 8, signal: null } : { code: null, signal: signalName(signal) };
}

const errnoName = (errno: number): string =>
  Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? 'EUNKNOWN';
