/**
 * What can happen to the store's file, as data: the shell that does it ($D is the data directory, $DB the file), where it
 * has to lie for that, what is said of it, and whose hand is needed, at the start and while the service runs.
 */
import { FILL } from '../service-faults/small-world.ts';

/** When it happens. `claim` and `landing` are calls of git; `stop`: while the run of a stopped task is being ended. */
export const MOMENTS = ['start', 'idle', 'claim', 'landing', 'stop'] as const;
export type Moment = (typeof MOMENTS)[number];

/**
 * `again`: start it once more, nothing is missing. `restore`: put a copy back. `repair`: the machine first, then as it was:
 * `heals` needs no start.
 */
export type Hand = 'heals' | 'again' | 'restore' | 'repair';

export interface Fault {
  readonly name: string;
  readonly code: string;
  /** What has to be so for it to be that fault. */
  readonly before?: string;
  /** The moment that ends it itself. */
  readonly notAt?: Moment;
  /** The machine is repaired. */
  readonly mend?: string;
  /** A disk that can be filled, or one that can become read-only. [any] */
  readonly disk?: 'small' | 'ext4';
  /** The line of a refused start; null: it starts. Of a fault that only a running service can tell there is none. */
  readonly atStart?: { readonly says: RegExp | null; readonly hand: Hand };
  /** The alert that people get; null: it passes before there is one. */
  readonly running: { readonly says: RegExp | null; readonly hand: Hand };
  /** The file still names the service that was lost, so that a restore asks whether its process lives. */
  readonly namesItsUser?: true;
}

const AGAIN = { hand: 'again' } as const;
const RESTORE = { hand: 'restore' } as const;
const DAMAGED = /damaged.*gatehouse restore COPY/;
const FOREIGN = /not a Gatehouse database.*gatehouse restore COPY/;
const REPLACED = /was replaced while the service ran.*set aside.*start the service again/;
/** A call may meet pages of both before the watch looks. */
const OVERWRITTEN = /(another process wrote over it|damaged|cut off|not a Gatehouse database).*gatehouse restore COPY/;

export const FAULTS: readonly Fault[] = [
  {
    name: 'deleted',
    code: 'rm -f "$DB" "$DB-wal" "$DB-shm"',
    atStart: { says: /missing, but .*gatehouse restore COPY/, ...RESTORE },
    running: { says: /was deleted while the service ran.*start the service again/, ...AGAIN },
  },
  {
    name: 'replaced',
    code: 'printf "not ours" > "$D/other"; mv "$D/other" "$DB"',
    atStart: { says: FOREIGN, ...RESTORE },
    running: { says: REPLACED, ...AGAIN },
  },
  {
    name: 'replaced by the database of another program',
    code: '"$NODE" "$FOREIGN" "$D/other"; mv "$D/other" "$DB"; rm "$DB-wal" "$DB-shm"',
    atStart: { says: FOREIGN, ...RESTORE },
    running: { says: REPLACED, ...AGAIN },
  },
  {
    name: 'log deleted',
    code: 'rm "$DB-wal"',
    atStart: { says: /its log .* is gone.*gatehouse restore COPY/, ...RESTORE },
    running: { says: /db-wal was deleted.*start the service again/, ...AGAIN },
  },
  {
    name: 'log cut off',
    code: ': > "$DB-wal"',
    atStart: { says: /its log .* is gone.*gatehouse restore COPY/, ...RESTORE },
    running: { says: /(db-wal was cut off|damaged).*gatehouse restore COPY/, ...RESTORE },
    namesItsUser: true,
  },
  {
    // A call may meet a page of it before it is read as a whole.
    name: 'log written over',
    code: 'dd if=/dev/urandom of="$DB-wal" bs=4096 count="$(($(stat -c %s "$DB-wal") / 4096))" conv=notrunc 2>/dev/null',
    atStart: { says: /its log .* is damaged.*gatehouse restore COPY/, ...RESTORE },
    running: { says: /damaged|not a Gatehouse database/, ...RESTORE },
    namesItsUser: true,
  },
  {
    name: 'index deleted',
    code: 'rm "$DB-shm"',
    atStart: { says: null, hand: 'heals' },
    running: { says: /db-shm was deleted.*start the service again/, ...AGAIN },
  },
  {
    name: 'cut off to nothing',
    code: ': > "$DB"',
    atStart: { says: /empty, but .*gatehouse restore COPY/, ...RESTORE },
    running: { says: /(cut off|damaged).*gatehouse restore COPY/, ...RESTORE },
  },
  {
    name: 'cut off in the middle',
    code: 'dd if=/dev/null of="$DB" bs=4096 seek=5 count=0 2>/dev/null',
    atStart: { says: DAMAGED, ...RESTORE },
    running: { says: DAMAGED, ...RESTORE },
  },
  {
    name: 'damaged pages',
    code: 'dd if=/dev/urandom of="$DB" bs=4096 seek=1 count=40 conv=notrunc 2>/dev/null',
    atStart: { says: DAMAGED, ...RESTORE },
    running: { says: DAMAGED, ...RESTORE },
  },
  {
    name: 'an older copy written over it',
    code: 'cat "$COPY" > "$DB"',
    running: { says: OVERWRITTEN, ...RESTORE },
  },
  {
    name: 'another database written over it',
    code: 'cat "$OTHER" > "$DB"',
    running: { says: OVERWRITTEN, ...RESTORE },
    namesItsUser: true,
  },
  {
    // A call may meet the head before the watch looks.
    name: 'its head written over',
    code: 'dd if=/dev/urandom of="$DB" bs=100 count=1 conv=notrunc 2>/dev/null',
    running: { says: /(wrote over it|not a Gatehouse database|damaged)/, ...RESTORE },
    namesItsUser: true,
  },
  {
    name: 'its disk is full',
    code: `${FILL}fill "$D" 0`,
    mend: 'mount -o remount,size=512m "$D"',
    disk: 'small',
    atStart: { says: /disk of the database is full; free space/, hand: 'repair' },
    running: { says: /disk of the database is full; free space/, hand: 'heals' },
  },
  {
    // The log is written over in place for hours, so no call meets it. What a stop ends leaves its disk space free, and then it is not full.
    name: 'its disk is full, and its log has room',
    before: '"$NODE" "$ROOMY" "$DB"',
    notAt: 'stop',
    code: `${FILL}fill "$D" 0`,
    mend: 'mount -o remount,size=512m "$D"',
    disk: 'small',
    running: { says: /disk of the database is full; free space/, hand: 'heals' },
  },
  {
    name: 'its file system became read-only',
    code: `sync -f "$D"; printf 1 > "/sys/fs/ext4/\${LOOP##*/}/trigger_fs_error"`,
    mend: 'umount "$D" && e2fsck -p "$LOOP" > /dev/null; mount "$LOOP" "$D" -o errors=remount-ro',
    disk: 'ext4',
    atStart: { says: /cannot be written; check owner, mode and mount|read-only file system/, hand: 'repair' },
    running: {
      says: /cannot be written; check owner, mode and mount|the disk of the database answered/,
      hand: 'repair',
    },
  },
  {
    // What is open stays open for writing: a running service does not meet it.
    name: 'its file is read-only',
    code: 'mount --bind "$DB" "$DB" && mount -o remount,bind,ro "$DB"',
    mend: 'umount "$DB"',
    disk: 'small',
    atStart: { says: /cannot be written; check owner, mode and mount|read-only/, hand: 'repair' },
    running: { says: null, hand: 'heals' },
  },
  {
    // The store goes on in what is open; nothing new can be made beside it.
    name: 'its directory is read-only',
    code: 'mount --bind "$D" "$D" && mount -o remount,bind,ro "$D"',
    mend: 'umount "$D"',
    disk: 'small',
    atStart: { says: /cannot be written; check owner, mode and mount|read-only|cannot be used/, hand: 'repair' },
    running: { says: /on a read-only file system/, hand: 'heals' },
  },
  {
    name: 'locked by another process',
    code: '"$NODE" "$LOCKER" "$DB" "$DESK/locked" > /dev/null 2>&1 & until [ -e "$DESK/locked" ]; do sleep 0.02; done',
    atStart: { says: null, hand: 'heals' },
    running: { says: null, hand: 'heals' },
  },
];
