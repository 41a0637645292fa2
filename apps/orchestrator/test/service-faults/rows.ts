/**
 * The rows of the table, as data: where a fault strikes, what it does, what the service says of it, and how it ends. Code is
 * shell; it knows $FORGE, $MIRROR, $DATA, $DESK, $GIT (the real one) and $ROOT. What is not here is elsewhere: the library's own
 * steps in packages/merge-gate/test/fault-table.test.ts; broken objects in broken-branch.test.ts; full disks, deadlines and
 * an absent forge under a gate in breakers.test.ts; crashes around the critical window, played in the store, in
 * landing.test.ts; stops in stop.test.ts; kills at random instants in tools/soak.
 */
import { FILL, type Strike } from './small-world.ts';

export const STEPS = [
  'enqueue',
  'claim',
  'gate job',
  'test',
  'between two gates',
  'bring to the forge',
  'enter the window',
  'push to main',
  're-read main',
  'ratchet',
] as const;
export type Step = (typeof STEPS)[number];

/** Where a person reads it. `answer`: to the request itself; `alert`: sent to people; `task`, `queue`: asked for;
 * `runs`: on record with the commands; `log`. */
export type Place = 'answer' | 'alert' | 'task' | 'queue' | 'runs' | 'log';

export interface Row {
  readonly step: Step;
  readonly fault: string;
  /** One line of reason. */
  readonly why: string;
  readonly strike: Strike;
  readonly code: string;
  /** What only a person can undo: shell with $1 = the forge, $2 = the data directory. Disks and git heal by themselves. */
  readonly mend?: string;
  /** What is reported while the fault lasts; null: it needs no report. */
  readonly told: { readonly in: Place; readonly says: RegExp } | null;
  readonly disk?: 'data' | 'forge';
  /** The branch is gone, so its task is cancelled. [it lands] */
  readonly end?: 'cancelled';
  /** A person has to allow it again. */
  readonly thaw?: true;
}

const AT_FETCH: Strike = { before: '*" fetch --quiet --prune "*"$FORGE"' };
const AT_IMPORT: Strike = { before: '*"--git-dir=$FORGE "*" fetch "*' };
const AFTER_IMPORT: Strike = { after: '*"--git-dir=$FORGE "*" update-ref --no-deref refs/gatehouse/landing/"*' };
const AT_PUSH: Strike = { before: '*"--git-dir=$FORGE "*" update-ref --no-deref -m "*' };
const AFTER_PUSH: Strike = { after: '*"--git-dir=$FORGE "*" update-ref --no-deref -m "*' };
const AT_RATCHET: Strike = { before: '*" merge-base --is-ancestor "*', onceLanded: true };

const NO_GIT = 'mv "$ROOT/bin/git" "$ROOT/bin/git.away"';
const FORGE_AWAY = 'mv "$FORGE" "$FORGE.away"';
const FORGE_BACK = 'mv "$1.away" "$1"';
const DATA_FULL = `${FILL}fill "$DATA" 0`;
const FORGE_FULL = `${FILL}fill "\${FORGE%/*}" 0`;
const FORGE_READ_ONLY = `mount -o remount,ro "\${FORGE%/*}"`;
const move = (ref: string, to: string) => `"$GIT" --git-dir="$FORGE" update-ref -m 'somebody else' ${ref} ${to}`;

export const ROWS: readonly Row[] = [
  {
    step: 'enqueue',
    fault: 'the data disk is full',
    why: 'a task is in the store or it was never taken',
    strike: AT_FETCH,
    code: DATA_FULL,
    disk: 'data',
    told: { in: 'answer', says: /disk|full/ },
  },
  {
    step: 'enqueue',
    fault: 'the forge is away',
    why: 'a branch that cannot be read cannot be queued',
    strike: AT_FETCH,
    code: FORGE_AWAY,
    mend: FORGE_BACK,
    told: { in: 'answer', says: /cannot be reached/ },
  },
  {
    step: 'enqueue',
    fault: 'git is missing',
    why: 'the answer names the tool and how to get it',
    strike: AT_FETCH,
    code: NO_GIT,
    told: { in: 'answer', says: /git is not on PATH; install git/ },
  },
  {
    step: 'claim',
    fault: 'the data disk is nearly full',
    why: 'a verdict made there would be about the disk',
    strike: 'already',
    code: `${FILL}fill "$DATA" 65536`,
    disk: 'data',
    told: { in: 'queue', says: /the disk of .* is full \(6\d MiB free\).*; free space/ },
  },
  {
    step: 'gate job',
    fault: 'the data disk is full',
    why: 'the claim comes back when the disk has room for its end',
    strike: AT_FETCH,
    code: DATA_FULL,
    disk: 'data',
    told: { in: 'log', says: /no job is claimed.*the disk of .* is full.*; free space/ },
  },
  {
    step: 'gate job',
    fault: 'git is missing',
    why: 'the machine lacks a tool: a breaker, and no attempt',
    strike: AT_FETCH,
    code: NO_GIT,
    told: { in: 'alert', says: /git is not on PATH; install git/ },
  },
  {
    step: 'gate job',
    fault: 'a killed git left a lock in our mirror',
    why: 'what is ours alone the service removes itself, once no process can hold it any more',
    strike: AT_FETCH,
    code: `${move('refs/heads/other', 'refs/heads/rewritten')}; touch -t 202001010000 "$MIRROR/refs/heads/other.lock"`,
    told: { in: 'log', says: /locks that a killed git left in a mirror are gone.*refs\/heads\/other\.lock/ },
  },
  {
    step: 'test',
    fault: 'the command kills its process group and its parent',
    why: 'a signal is no verdict, and the service is not in that group',
    strike: { inside: 'test' },
    code: 'kill -9 "$PPID" 0',
    told: { in: 'task', says: /SIGKILL|signal/ },
  },
  {
    step: 'test',
    fault: 'the command fills its HOME',
    why: 'its HOME goes with the run, so the next one has room again',
    strike: { inside: 'test' },
    code: 'cat /dev/zero > "$HOME/fill"; exit 1',
    disk: 'data',
    told: { in: 'task', says: /No space left|disk/ },
  },
  {
    step: 'test',
    fault: 'the command leaves daemons behind',
    why: 'what a run started ends with it',
    strike: { inside: 'test' },
    code: `setsid sh -c 'trap "" TERM HUP; while :; do sleep 1; done' "$DESK/daemon" & (setsid sleep 1000 > /dev/null 2>&1 &)`,
    told: { in: 'runs', says: /"leftovers":[1-9]/ },
  },
  {
    step: 'between two gates',
    fault: 'the branch is deleted',
    why: 'its author does not want it any more',
    strike: { inside: 'coverage' },
    code: '"$GIT" --git-dir="$FORGE" update-ref -d refs/heads/task',
    told: { in: 'task', says: /branch-gone/ },
    end: 'cancelled',
  },
  {
    step: 'between two gates',
    fault: 'the branch is force-pushed',
    why: 'verdicts are about one head; the new one begins with the first gate',
    strike: { inside: 'coverage' },
    code: move('refs/heads/task', 'refs/heads/rewritten'),
    told: { in: 'task', says: /head-moved/ },
  },
  {
    step: 'bring to the forge',
    fault: 'the forge is away',
    why: 'nothing has happened yet, so the gates ask again',
    strike: AT_IMPORT,
    code: FORGE_AWAY,
    mend: FORGE_BACK,
    told: { in: 'log', says: /./ },
  },
  {
    step: 'bring to the forge',
    fault: "the forge's disk is full",
    why: 'nothing has happened yet',
    strike: AT_IMPORT,
    code: FORGE_FULL,
    disk: 'forge',
    told: { in: 'task', says: /cannot be brought to the forge: .*(No space left|couldn.t write).*make room in/ },
  },
  {
    step: 'bring to the forge',
    fault: 'the forge is read-only',
    why: 'nothing has happened yet',
    strike: AT_IMPORT,
    code: FORGE_READ_ONLY,
    disk: 'forge',
    told: { in: 'task', says: /cannot be brought to the forge: .*let this service write there/ },
  },
  {
    step: 'enter the window',
    fault: 'the data disk is full',
    why: 'main only moves after the store knows that it may',
    strike: AFTER_IMPORT,
    code: DATA_FULL,
    disk: 'data',
    told: { in: 'log', says: /disk of the database is full; free space/ },
  },
  {
    step: 'push to main',
    fault: 'a hook of the forge refuses',
    why: 'the embedded forge runs no hooks: only gates refuse',
    strike: AT_PUSH,
    code: 'for hook in pre-receive update reference-transaction; do printf "#!/bin/sh\\nexit 1\\n" > "$FORGE/hooks/$hook"; chmod +x "$FORGE/hooks/$hook"; done',
    told: null,
  },
  {
    step: 'push to main',
    fault: 'another process left packed-refs.lock',
    why: 'a landing writes one loose ref',
    strike: AT_PUSH,
    code: ': > "$FORGE/packed-refs.lock"',
    told: null,
  },
  {
    step: 'push to main',
    fault: 'git is killed and leaves main.lock',
    why: 'its death proves nothing about main, and the lock is not ours to take: it stays inside',
    strike: AT_PUSH,
    code: ': > "$FORGE/refs/heads/main.lock"; kill -9 $$',
    mend: 'rm "$1/refs/heads/main.lock"',
    told: { in: 'alert', says: /landed on main of .* cannot be told: .*main\.lock': File exists/ },
  },
  {
    step: 'push to main',
    fault: 'another person moves main',
    why: 'what was tested is not what would land: caught up and tested again',
    strike: AT_PUSH,
    code: move('refs/heads/main', 'refs/heads/other'),
    told: { in: 'task', says: /main is at .*, not at/ },
  },
  {
    step: 'push to main',
    fault: 'git is missing',
    why: 'it stays inside until main can be asked',
    strike: { before: '*"--git-dir=$FORGE "*" merge-base --is-ancestor "*' },
    code: NO_GIT,
    told: { in: 'alert', says: /install git/ },
  },
  {
    step: 'push to main',
    fault: 'the forge is away',
    why: 'it stays inside until main can be asked',
    strike: AT_PUSH,
    code: FORGE_AWAY,
    mend: FORGE_BACK,
    told: { in: 'alert', says: /not a git repository|not-a-repository/ },
  },
  {
    step: 'push to main',
    fault: 'the forge is read-only',
    why: 'a right that is missing is waited for',
    strike: AT_PUSH,
    code: FORGE_READ_ONLY,
    disk: 'forge',
    told: { in: 'task', says: /no permission to move main in/ },
  },
  {
    step: 'push to main',
    fault: 'the forge has lost its objects',
    why: 'it stays inside until it is whole again',
    strike: AFTER_IMPORT,
    code: 'mv "$FORGE/objects" "$FORGE/objects.away"; mkdir "$FORGE/objects"',
    mend: 'rm -r "$1/objects"; mv "$1/objects.away" "$1/objects"',
    told: { in: 'alert', says: /landed on main .* cannot be told: .*(lost objects|missing-object)/ },
  },
  {
    step: 're-read main',
    fault: 'the forge is away',
    why: 'main has moved; nothing is recorded before it is seen',
    strike: AFTER_PUSH,
    code: FORGE_AWAY,
    mend: FORGE_BACK,
    told: { in: 'alert', says: /not a git repository|not-a-repository/ },
  },
  {
    step: 're-read main',
    fault: 'git is missing',
    why: 'main has moved; nothing is recorded before it is seen',
    strike: AFTER_PUSH,
    code: NO_GIT,
    told: { in: 'alert', says: /install git/ },
  },
  {
    step: 're-read main',
    fault: 'a killed git left a lock in our mirror',
    why: 'the landing holds the lease until main is seen, so it is tidied under its lease',
    strike: AFTER_PUSH,
    code: 'touch -t 202001010000 "$MIRROR/refs/heads/main.lock"',
    told: { in: 'log', says: /locks that a killed git left in a mirror are gone.*refs\/heads\/main\.lock/ },
  },
  {
    step: 're-read main',
    fault: 'the data disk is full',
    why: 'main has moved; nothing is recorded before it is seen',
    strike: AFTER_PUSH,
    code: DATA_FULL,
    disk: 'data',
    told: { in: 'log', says: /full/ },
  },
  {
    step: 're-read main',
    fault: 'another person lands on top',
    why: 'the tested commit is in main, whichever commit is its head',
    strike: AFTER_PUSH,
    code: `export GIT_AUTHOR_NAME=Bob GIT_AUTHOR_EMAIL=bob@example.org GIT_COMMITTER_NAME=Bob GIT_COMMITTER_EMAIL=bob@example.org
new=$("$GIT" --git-dir="$FORGE" commit-tree -p refs/heads/main -m 'on top' 'refs/heads/main^{tree}')
${move('refs/heads/main', '"$new"')}`,
    told: null,
  },
  {
    step: 're-read main',
    fault: 'another person takes the landing back',
    why: 'history was rewritten behind us: a person has to check main before anything lands here',
    strike: AFTER_PUSH,
    code: move('refs/heads/main', 'refs/heads/main@{1}'),
    told: { in: 'alert', says: /acknowledged.*main does not hold the tested commit/ },
    thaw: true,
  },
  {
    step: 'ratchet',
    fault: 'the data disk is full',
    why: 'it landed; the baseline and the end are written when there is room',
    strike: AT_RATCHET,
    code: DATA_FULL,
    disk: 'data',
    told: { in: 'log', says: /disk of the database is full; free space/ },
  },
  {
    step: 'ratchet',
    fault: 'the measurement is lost',
    why: 'a landing is not undone for a number',
    strike: AT_RATCHET,
    code: 'rm -r "$DATA/reports"',
    told: { in: 'log', says: /coverage baseline not moved/ },
  },
];

/** The service itself is killed; the next one on the same data goes on. */
export type Kill = Pick<Row, 'step' | 'why' | 'strike' | 'code'>;

const KILL = 'kill -9 "$(cat "$DESK/service.pid")"';

export const KILLS: readonly Kill[] = [
  {
    step: 'claim',
    why: 'a claim of a dead service is free at once',
    strike: AT_FETCH,
    code: KILL,
  },
  {
    step: 'test',
    why: 'its command dies with it and said nothing',
    strike: { inside: 'test' },
    code: `${KILL}; sh -c 'while :; do sleep 1; done' "$DESK/orphan"`,
  },
  {
    step: 'enter the window',
    why: 'whether it had entered is unknown, and it does not matter',
    strike: AFTER_IMPORT,
    code: KILL,
  },
  {
    step: 'push to main',
    why: 'the child that moves main outlives the service, and main tells the next one',
    strike: AT_PUSH,
    code: KILL,
  },
  {
    step: 're-read main',
    why: 'main tells the next one',
    strike: AT_RATCHET,
    code: KILL,
  },
];
