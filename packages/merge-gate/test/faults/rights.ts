/**
 * Rights that an unprivileged service loses in the middle of a step: a privileged user takes one directory away,
 * and the kernel answers EACCES, as it never does to root.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CALL_OF, type Step } from './faults.ts';
import type { Plan, Scene } from './scene.ts';

/** The usual uid of the unprivileged user `nobody`. */
export const UID = 65_534;

/** What may not be done: make entries in the directory, or read the entries that are there. */
export type Right = 'write' | 'read';

export interface LostRight {
  readonly step: Step;
  readonly right: Right;
  readonly of: Place;
  /** When it is lost: before this call of git, in this command, or before the service starts. */
  readonly at: Omit<Plan, 'code'> | 'start';
  /** How the round ends; see the table of faults. */
  readonly end: string;
  /** The record of the round names the refusal. Elsewhere only the refusal itself is proved. */
  readonly named: boolean;
}

type Place = keyof typeof PLACES;

const PLACES = {
  'the mirror’s objects': 'home/mirror.git/objects',
  'the mirror’s loose objects': 'home/mirror.git/objects',
  'the mirror’s branches': 'home/mirror.git/refs/heads',
  'the leases': 'home/leases',
  'the slots': 'home/slots',
  'the slot': 'home/slots/one',
  'the tests in the slot': 'home/slots/one/t',
  'the logs': 'home/logs',
  'the forge’s objects': 'origin.git/objects',
  'the forge’s branches': 'origin.git/refs/heads',
} as const;

const before = (step: Step): Omit<Plan, 'code'> => {
  const call = CALL_OF[step];
  return call === undefined ? {} : { before: call };
};

const [WRITE, READ] = ['write', 'read'] as const;

export const LOST_RIGHTS: readonly LostRight[] = [
  { step: 'fetch', right: WRITE, of: 'the mirror’s objects', at: before('fetch'), end: 'again', named: true },
  { step: 'fetch', right: WRITE, of: 'the mirror’s branches', at: before('fetch'), end: 'again', named: true },
  { step: 'fetch', right: READ, of: 'the forge’s objects', at: before('fetch'), end: 'again', named: true },
  { step: 'lease', right: WRITE, of: 'the leases', at: 'start', end: 'infra', named: true },
  { step: 'lease', right: READ, of: 'the leases', at: 'start', end: 'infra', named: true },
  { step: 'rebase', right: WRITE, of: 'the mirror’s objects', at: before('rebase'), end: 'infra', named: true },
  { step: 'rebase', right: READ, of: 'the mirror’s objects', at: before('rebase'), end: 'infra', named: true },
  { step: 'rebase', right: READ, of: 'the mirror’s loose objects', at: before('rebase'), end: 'infra', named: true },
  {
    step: 'rebase in the slot',
    right: WRITE,
    of: 'the slot',
    at: before('rebase in the slot'),
    end: 'infra',
    named: true,
  },
  {
    step: 'rebase in the slot',
    right: READ,
    of: 'the mirror’s objects',
    at: before('rebase in the slot'),
    end: 'infra',
    named: true,
  },
  {
    step: 'rebase in the slot',
    right: READ,
    of: 'the mirror’s loose objects',
    at: before('rebase in the slot'),
    end: 'infra',
    named: true,
  },
  // An empty slot can be made anew below a directory of ours, and that is all a checkout needs.
  { step: 'checkout', right: WRITE, of: 'the slot', at: before('checkout'), end: 'landed', named: false },
  { step: 'checkout', right: WRITE, of: 'the slots', at: before('checkout'), end: 'infra', named: true },
  { step: 'checkout', right: READ, of: 'the mirror’s objects', at: before('checkout'), end: 'infra', named: true },
  {
    step: 'checkout',
    right: READ,
    of: 'the mirror’s loose objects',
    at: before('checkout'),
    end: 'infra',
    named: true,
  },
  { step: 'setup', right: WRITE, of: 'the logs', at: 'start', end: 'infra', named: true },
  { step: 'setup', right: READ, of: 'the tests in the slot', at: { inside: 'setup' }, end: 'infra', named: true },
  { step: 'test', right: WRITE, of: 'the logs', at: { inside: 'setup' }, end: 'infra', named: true },
  { step: 'test', right: READ, of: 'the tests in the slot', at: { inside: 'test' }, end: 'infra', named: true },
  { step: 'test', right: READ, of: 'the leases', at: { inside: 'test' }, end: 'busy', named: false },
  { step: 'push', right: WRITE, of: 'the forge’s objects', at: before('push'), end: 'infra', named: false },
  { step: 'push', right: WRITE, of: 'the forge’s branches', at: before('push'), end: 'infra', named: true },
  { step: 'push', right: READ, of: 'the mirror’s objects', at: before('push'), end: 'infra', named: true },
  { step: 'push', right: READ, of: 'the mirror’s loose objects', at: before('push'), end: 'infra', named: true },
  { step: 'land', right: WRITE, of: 'the forge’s branches', at: before('land'), end: 'again', named: true },
  { step: 're-read', right: WRITE, of: 'the mirror’s branches', at: before('re-read'), end: 'again', named: true },
  { step: 're-read', right: READ, of: 'the mirror’s objects', at: before('re-read'), end: 'again', named: true },
  { step: 're-read', right: READ, of: 'the mirror’s loose objects', at: before('re-read'), end: 'again', named: true },
];

/** Shell code of the service's side: asks for the loss, waits for it, and writes down how the kernel refuses. */
export const loseCode = (scene: Scene, { of, right }: LostRight): string => `place='${join(scene.root, PLACES[of])}'
: > "$DESK/asked"
until test -e "$DESK/taken"; do sleep 0.01; done
${probe(right)}`;

const probe = (right: Right): string =>
  right === 'write'
    ? '(: > "$place/probe") 2>> "$DESK/refused" && rm "$place/probe"; true'
    : 'for entry in "$place"/*; do cat "$entry/." 2>> "$DESK/refused"; cat "$entry" 2>> "$DESK/refused"; done; true';

/** Takes the right away, as root can. */
export function take(scene: Scene, { of, right }: LostRight): void {
  const place = join(scene.root, PLACES[of]);
  execFileSync('chown', ['-R', '0:0', place]);
  if (right === 'read') execFileSync('chmod', ['go-rwx', ...entriesOf(place, of)]);
}

/** Gives back what was taken. */
export function giveBack(scene: Scene, { of, right }: LostRight): void {
  const place = join(scene.root, PLACES[of]);
  if (right === 'read') execFileSync('chmod', ['go+rX', ...entriesOf(place, of)]);
  execFileSync('chown', ['-R', `${UID}:${UID}`, place]);
}

/** Git names a closed `pack` aloud, and of the other directories it says that their objects are missing. */
const entriesOf = (place: string, of: Place): string[] =>
  readdirSync(place)
    .filter((entry) => of !== 'the mirror’s loose objects' || entry.length === 2)
    .map((entry) => join(place, entry));

/** Why no service can run here under another user; null when it can. */
export function whyNobody(program: string, script: string): string | null {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs root to start somebody with fewer rights';
  const code = `require('node:fs').accessSync(${JSON.stringify(script)})`;
  const { status } = spawnSync(program, ['-e', code], { uid: UID, gid: UID, cwd: '/', env: {} });
  return status === 0 ? null : `user ${UID} cannot read this checkout`;
}
