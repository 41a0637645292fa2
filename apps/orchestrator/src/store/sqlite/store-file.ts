/** The open file of a store, as its watch sees it: its names, its pages, and what can be done when it is lost. */
import { Worker } from 'node:worker_threads';
import type { ConditionRecord } from '../condition.ts';
import { StoreError } from '../errors.ts';
import type { Connection } from './connection.ts';
import { cutOff, framesIn } from './log.ts';
import { type InUseMark, markInUse } from './mark.ts';
import { type Look, lookAfter, type NameFault } from './names.ts';
import { watchOverwrites } from './overwritten.ts';
import { type Rescue, rescue } from './rescue.ts';
import { proveRoom } from './room.ts';

export interface StoreFile {
  readonly path: string;
  readonly condition: ConditionRecord;
  /** Whether the names on disk are still what is open, and its bytes what was committed here. */
  readonly look: () => Look;
  /** Reads every page in a thread of its own. Unchecked: the thread was ended, or could not read. */
  readonly checkPages: (signal: AbortSignal) => Promise<PageCheck>;
  readonly markInUse: () => InUseMark;
  /** Throws `StoreError` where the disk takes nothing new, and that is part of the condition. */
  readonly proveRoom: () => void;
  /** Writes what is open anew, and ends the connection. */
  readonly rescue: (fault: NameFault) => Rescue;
}

export type PageCheck =
  | { readonly kind: 'whole' }
  | { readonly kind: 'damaged'; readonly damage: string }
  | { readonly kind: 'unchecked'; readonly reason: string };

/** Begins to look after the file, which is open and at this version. */
export function storeFile(connection: Connection, condition: ConditionRecord): StoreFile {
  const { file } = connection;
  const lookAtNames = lookAfter(file);
  let isOverwritten: (() => boolean) | null = null;
  return {
    path: file,
    condition,
    look: () => {
      const names = lookAtNames();
      if (names.fault !== null) return names;
      const left = cutOff(connection.sqlite, `${file}-wal`);
      if (left !== null)
        return { ...names, fault: { kind: 'cut-off', what: `${file}-wal was cut off to ${left} bytes` } };
      isOverwritten ??= watchOverwrites(connection);
      if (!isOverwritten()) return names;
      return { ...names, fault: { kind: 'overwritten', what: `${file} is damaged: another process wrote over it` } };
    },
    checkPages: (signal) => checkPages(file, signal),
    markInUse: () => markInUse(file, () => framesIn(connection.sqlite)),
    proveRoom: () => {
      try {
        proveRoom(file);
      } catch (thrown) {
        if (thrown instanceof StoreError) condition.met(thrown);
        throw thrown;
      }
    },
    rescue: (fault) => rescue(connection, fault),
  };
}

function checkPages(file: string, signal: AbortSignal): Promise<PageCheck> {
  const entry = import.meta.url.endsWith('.ts') ? './check-thread.ts' : './check-thread.js';
  const thread = new Worker(new URL(entry, import.meta.url), {
    workerData: file,
    env: {},
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdout: true,
    stderr: true,
  });
  const end = (): void => void thread.terminate();
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return new Promise<PageCheck>((resolve) => {
    thread.once('message', (damage: string | null) =>
      resolve(damage === null ? { kind: 'whole' } : { kind: 'damaged', damage }),
    );
    thread.once('error', (error: Error & { code?: string }) =>
      resolve(
        /^SQLITE_(CORRUPT|NOTADB)/.test(error.code ?? '')
          ? { kind: 'damaged', damage: error.message }
          : { kind: 'unchecked', reason: error.message },
      ),
    );
    thread.once('exit', () => resolve({ kind: 'unchecked', reason: 'it was ended' }));
  }).finally(() => signal.removeEventListener('abort', end));
}
