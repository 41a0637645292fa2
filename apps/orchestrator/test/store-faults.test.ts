/**
 * Every fault of the store's file at every moment of a service's life. Whatever happens: it struck, a person is told, what
 * was acknowledged is there again or the line says that a copy has to be put back, and the task ends as it must, once. A
 * part of the table is played here, and all of it with STORE_FAULTS=all (soak/store-faults.mjs).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from '@jest/globals';
import SqliteDatabase from 'better-sqlite3';
import { type RunningService, startService } from '../src/running-service.ts';
import { backUp } from '../src/store/sqlite/backup.ts';
import { openSqliteStore } from '../src/store/sqlite/open.ts';
import { restore } from '../src/store/sqlite/restore.ts';
import { ask, enqueue, register, type ShownTask, settingsFrom, taskOf, until } from './live-gatehouse.ts';
import type { Forge } from './scratch-forge.ts';
import { atEnd } from './service-faults/scene.ts';
import { canMount, SmallWorld } from './service-faults/small-world.ts';
import { FAULTS, type Fault, type Hand, MOMENTS, type Moment } from './store-faults/rows.ts';
import { isWhole as isCi } from './tool-tests.ts';

const PART: readonly string[] = [
  'landing: deleted',
  'stop: replaced',
  'start: log deleted',
  // Found late, by what is looked at from time to time.
  ...(isCi ? ['idle: an older copy written over it'] : []),
];
const isWhole = process.env['STORE_FAULTS'] === 'all';
const canLoop =
  canMount && spawnSync('sh', ['-c', 'losetup -f && command -v mkfs.ext4 && ls /sys/fs/ext4']).status === 0;
const program = (name: string): string => fileURLToPath(new URL(`./store-faults/${name}.mjs`, import.meta.url));
const TOLD_WITHIN_MS = 60_000;

const impossible = ({ disk }: Fault): string | null => {
  if (process.platform !== 'linux') return 'needs Linux';
  if (disk === 'small' && !canMount) return 'needs the right to mount';
  return disk === 'ext4' && !canLoop ? 'needs a loop device and ext4' : null;
};
let playing: Promise<void> = Promise.resolve();
// A row that hung is told to end by now; the next one finds the world as it should be.
afterEach(() => playing.catch(() => {}));
const fired: string[] = [];
const due: string[] = [];

for (const moment of MOMENTS)
  describe(moment, () => {
    for (const fault of FAULTS) {
      if ((moment === 'start' && fault.atStart === undefined) || moment === fault.notAt) continue;
      const name = `${moment}: ${fault.name}`;
      if (!isWhole && !PART.includes(name)) continue;
      const why = impossible(fault);
      if (why !== null) test.skip(`${fault.name} (${why})`, () => {});
      else {
        test(fault.name, () => {
          due.push(name);
          playing = play(moment, fault);
          return playing;
        }, 180_000);
      }
    }
  });

afterAll(() => {
  // A row whose fault did not strike proves nothing.
  expect(fired.sort()).toEqual(due.sort());
});

/** A world of its own for each row. */
class Stage {
  readonly world = new SmallWorld();
  readonly dataDir: string;
  readonly #disk: Fault['disk'];
  #loop = '';
  service: RunningService | null = null;
  started = 0;

  constructor({ disk }: Fault) {
    this.#disk = disk;
    this.dataDir = disk === 'small' ? this.world.data : join(this.world.root, 'own');
    mkdirSync(this.dataDir, { recursive: true });
    if (disk === 'ext4') this.#mountExt4();
    this.world.enter();
  }

  /** Sparse, and large enough for the service to claim work on it. */
  #mountExt4(): void {
    const image = join(this.world.root, 'image');
    this.#sh('dd if=/dev/null of="$1" bs=1M count=0 seek=600 2>/dev/null; mkfs.ext4 -q -O ^has_journal "$1"', image);
    this.#loop = this.#sh('losetup -f --show "$1"', image);
    this.#sh('mount "$1" "$2" -o errors=remount-ro', this.#loop, this.dataDir);
  }

  #sh(code: string, ...words: readonly string[]): string {
    const env = { PATH: this.world.outerPath };
    return execFileSync('/bin/sh', ['-c', code, 'sh', ...words], { encoding: 'utf8', env }).trim();
  }

  get file(): string {
    return join(this.dataDir, 'gatehouse.db');
  }

  get copy(): string {
    return join(this.world.root, 'copy.db');
  }

  /** The database of another service. */
  get other(): string {
    return join(this.world.root, 'other.db');
  }

  /** A copy is made, another database too, and then the file becomes a younger one. */
  async prepareCopies(): Promise<void> {
    const outcome = openSqliteStore(this.other);
    if (outcome.kind !== 'opened') throw outcome.trouble;
    await outcome.store.close();
    expect(backUp(this.file, this.copy)).toMatchObject({ kind: 'copied' });
    const head = (path: string): number =>
      Number.parseInt(this.#sh('od -An -tx1 -j68 -N4 "$1"', path).replaceAll(' ', ''), 16);
    const committed = (): unknown => {
      const other = new SqliteDatabase(this.file, { readonly: true });
      const number = other.pragma('application_id', { simple: true });
      other.close();
      return number;
    };
    await until('the file is younger than the copy, and the watch has looked since', async () => {
      if (committed() === head(this.file)) return false;
      if (head(this.file) !== head(this.copy)) return true;
      writeBack(this.file);
      return false;
    });
  }

  get running(): RunningService {
    if (this.service === null) throw new Error('no service runs');
    return this.service;
  }

  /** The fault's shell with what it needs to know. */
  codeOf(code: string): string {
    const names = {
      D: this.dataDir,
      DB: this.file,
      LOOP: this.#loop,
      NODE: process.execPath,
      LOCKER: program('hold-lock'),
      ROOMY: program('roomy-log'),
      FOREIGN: program('foreign-database'),
      DESK: this.world.desk,
      COPY: this.copy,
      OTHER: this.other,
    };
    return `${Object.entries(names)
      .map(([name, value]) => `${name}='${value}'\n`)
      .join('')}PATH="$PATH:/usr/sbin:/usr/bin:/sbin:/bin"\n${code}\n: > "$DESK/struck"\n`;
  }

  /** What the log says to people since the row began. */
  get alerts(): string {
    return this.world.lines.filter((line) => line.startsWith('warn: ALERT')).join('\n');
  }

  /** The line of a refused start; null: it runs. */
  async start(): Promise<string | null> {
    const env = { ORCH_POLL_S: '0.3', ORCH_MERGE_INFRA_BACKOFF_S: '0.1', ORCH_STOP_GRACE_S: '0.5' };
    const settings = settingsFrom({ ORCH_DATA_DIR: this.dataDir, ORCH_PORT: '0', ...env });
    const answer = await startService(settings, this.world.log);
    if (answer.kind !== 'running') return answer.problem;
    this.service = answer;
    return null;
  }

  /** A service that was lost is this very process; a real one has ended with it. */
  forgetProcess(): void {
    const raw = new SqliteDatabase(this.file);
    raw.exec('DELETE FROM workers');
    raw.close();
  }

  /** What a SIGKILL leaves. */
  async kill(): Promise<void> {
    const left = join(this.world.root, 'left');
    const { store, workerId } = this.running.context;
    await store.removeWorker(workerId);
    writeBack(this.file);
    // Something acknowledged that only the log holds.
    await store.updateRepo('app', { paused: true }, { actor: 'row', atMs: Date.now() });
    const timeOf = (end: string): number => Math.floor(statSync(`${this.file}${end}`).mtimeMs);
    await until('the mark is newer than the file', async () => timeOf('-in-use') > timeOf(''));
    await store.removeWorker(workerId);
    cpSync(this.dataDir, left, { recursive: true, preserveTimestamps: true });
    await this.stop();
    for (const name of readdirSync(this.dataDir)) rmSync(join(this.dataDir, name), { recursive: true, force: true });
    cpSync(left, this.dataDir, { recursive: true, preserveTimestamps: true });
    this.#sh('sync -f "$1"', this.dataDir);
  }

  async stop(): Promise<void> {
    await this.service?.stop();
    this.service = null;
  }

  async close(): Promise<void> {
    this.world.calm();
    await this.stop();
    if (this.#disk === 'ext4') this.#sh('umount --lazy "$1"; losetup -d "$2" || :', this.dataDir, this.#loop);
    this.world.close();
  }
}

async function play(moment: Moment, fault: Fault): Promise<void> {
  const stage = new Stage(fault);
  try {
    const forge = await stage.world.forge('app', { ownDisk: false, measured: false });
    expect(await stage.start()).toBeNull();
    await register(stage.running, forge.path);
    await ask(stage.running, '/pause', { body: {} });
    const id = await enqueue(stage.running, 'task');
    const { copy } = stage;
    await stage.prepareCopies();
    if (fault.before !== undefined) stage.world.mend(stage.codeOf(fault.before));
    rmSync(join(stage.world.desk, 'struck'), { force: true });
    const struckAt = await strike(stage, { moment, fault, forge, id });
    const { says, hand } = (moment === 'start' ? fault.atStart : null) ?? fault.running;
    if (moment === 'start') await toldAtStart(stage, says);
    else await toldToPeople(stage, says);
    if (isWhole && says !== null) expect(Date.now() - struckAt).toBeLessThan(TOLD_WITHIN_MS);
    await lendHand(stage, { hand, fault, copy });
    await expectEnd(stage, { id, forge, isStopped: moment === 'stop', isOlder: hand === 'restore' });
  } finally {
    await stage.close();
  }
}

interface Struck {
  readonly moment: Moment;
  readonly fault: Fault;
  readonly forge: Forge;
  readonly id: string;
}

/** Lets it strike at its moment, and proves that it did; gives the time. */
async function strike(stage: Stage, { moment, fault, forge, id }: Struck): Promise<number> {
  const { world } = stage;
  const code = stage.codeOf(fault.code);
  if (moment === 'start') await stage.kill();
  if (moment === 'start' || moment === 'idle') world.arm('already', code, forge);
  else {
    const before = {
      claim: '*" fetch --quiet --prune "*"$FORGE"',
      landing: '*"--git-dir=$FORGE "*" update-ref --no-deref -m "*',
    };
    if (moment === 'stop')
      world.arm(
        { inside: 'test' },
        `trap '${code.replaceAll("'", `'"'"'`)}\nexit 1' TERM\necho $$ > "$DESK/begun"\nwhile :; do sleep 0.05; done`,
        forge,
      );
    else world.arm({ before: before[moment] }, code, forge);
    const resumed = ask(stage.running, '/resume', { body: {} });
    if (moment === 'stop') {
      await until('the test runs', async () => existsSync(join(world.desk, 'begun')));
      const stop = await ask(stage.running, `/tasks/${id}/stop`, { body: { reason: 'not wanted' } });
      expect(stop.text).toContain('"outcome":"stopping"');
    }
    await until('it strikes', async () => world.fired || wasCutOff(world));
    await resumed.catch(() => undefined);
  }
  const hasStruck = (): boolean => existsSync(join(world.desk, 'struck'));
  await until('it has struck', async () => hasStruck() || wasCutOff(world));
  // The stop killed what was to do it, on a busy machine even before it began.
  if (!hasStruck()) world.mend(code);
  expect(hasStruck()).toBe(true);
  fired.push(`${moment}: ${fault.name}`);
  return Date.now();
}

/** The command of the stopped run that carries the fault out is gone. */
function wasCutOff({ desk }: SmallWorld): boolean {
  const begun = join(desk, 'begun');
  return existsSync(begun) && !existsSync(join('/proc', readFileSync(begun, 'utf8').trim()));
}

async function toldAtStart(stage: Stage, says: RegExp | null): Promise<void> {
  const line = await stage.start();
  if (says === null) expect(line).toBeNull();
  else expect(line).toMatch(says);
}

async function toldToPeople(stage: Stage, says: RegExp | null): Promise<void> {
  const health = await ask(stage.running, '/healthz', { token: null });
  expect(health.status).toBe(200);
  if (says === null) return;
  await until(`people are told ${says.source}`, async () => says.test(stage.alerts));
  expect((await ask(stage.running, '/readyz', { token: null })).status).toBe(503);
}

interface Help {
  readonly hand: Hand;
  readonly fault: Fault;
  readonly copy: string;
}

async function lendHand(stage: Stage, { hand, fault, copy }: Help): Promise<void> {
  const { world } = stage;
  const mend = () => fault.mend !== undefined && world.mend(stage.codeOf(fault.mend));
  if (hand === 'heals') {
    mend();
    world.calm();
    await until('it is ready', async () => (await ask(stage.running, '/readyz', { token: null })).status === 200);
    return;
  }
  await stage.stop();
  mend();
  world.calm();
  if (hand !== 'restore' || fault.namesItsUser === true) stage.forgetProcess();
  if (hand === 'restore') expect(restore(stage.file, copy)).toMatchObject({ kind: 'restored' });
  expect(await stage.start()).toBeNull();
}

interface Expected {
  readonly id: string;
  readonly forge: Forge;
  readonly isStopped: boolean;
  /** The copy knows nothing of what came after it. */
  readonly isOlder: boolean;
}

async function expectEnd(stage: Stage, { id, forge, isStopped, isOlder }: Expected): Promise<void> {
  const service = stage.running;
  // A stop that the copy does not know is given again, as the line and operations.md say.
  if (isStopped && isOlder) await ask(service, `/tasks/${id}/stop`, { body: { reason: 'not wanted' } });
  await ask(service, '/resume', { body: {} });
  const scene = { row: {}, world: stage.world, service, repo: 'app', forge, before: '', since: 0 };
  await atEnd(scene, id);
  const task = await until(`${id} is settled`, async () => {
    const now: ShownTask = await taskOf(service, id);
    return (!isStopped || now.settled_at !== null) && now;
  });
  const landed = forge.mainMoves().length - 1;
  expect([task.stage, landed]).toEqual(isStopped ? ['cancelled', 0] : [landedAs(task), 1]);
  if (isStopped) expect(task.stop).toMatchObject({ reason: 'not wanted' });
  else expect(forge.git('show', 'main:a.txt')).toMatch(/^the change/);
  // Landed before the copy was put back: it finds that nothing is left to land.
  function landedAs({ stage: end }: ShownTask): string {
    return isOlder && end === 'cancelled' ? 'cancelled' : 'done';
  }
}

/** Every page of the log is in the file, so that what happens to the file happens to them. */
function writeBack(path: string): void {
  const other = new SqliteDatabase(path);
  other.pragma('wal_checkpoint(TRUNCATE)');
  other.close();
}
