/** The objects a branch adds, whatever attributes, merges or later deletions hide from a patch. */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { callGit, DEADLINE } from './adapters/git-call.ts';
import { unreadableObjects } from './adapters/unreadable-objects.ts';
import { expectSha } from './object-name.ts';
import type { StreamedObject } from './object-stream.ts';
import { ObjectStream } from './object-stream.ts';
import type { GitFailed, RepoRequest, Sha } from './outcome.ts';

/** One object that `base` does not have. `path` is a hint: the first place it was found, up to a line break. */
export interface NewObject {
  /** Full object name. */
  readonly oid: Sha;
  /** Relative to the root of the commit; absent for commits and tags. */
  readonly path?: string;
}

/** Lists commits, trees and blobs reachable from `head` and not from `base`. */
export async function newObjects(
  request: RepoRequest & {
    /** Objects that this commit has are left out. */
    readonly base: Sha;
    /** The commit whose objects are listed. */
    readonly head: Sha;
  },
): Promise<
  | {
      readonly kind: 'listed';
      /** Each object once. */
      readonly objects: readonly NewObject[];
    }
  | GitFailed
> {
  const { base, head, repo } = request;
  expectSha(base, 'base');
  expectSha(head, 'head');
  const listed = await callGit(
    { op: 'new-objects', gitDir: repo.gitDir, args: ['rev-list', '--objects', head, `^${base}`] },
    request,
  );
  if (listed.kind === 'git-failed') return listed;
  return { kind: 'listed', objects: listed.text.split('\n').flatMap(parseObject) };
}

function parseObject(line: string): NewObject[] {
  if (line === '') return [];
  const oid = line.slice(0, 40);
  const path = line.slice(41);
  return [path === '' ? { oid } : { oid, path }];
}

/** Every object was read, found missing, or was larger than the limit; the three add up to the request. */
export interface ReadObjects {
  readonly kind: 'read';
  /** How many were handed over. */
  readonly count: number;
  /** Those that the repository does not have. */
  readonly missing: readonly Sha[];
  /** Those larger than the limit; they were not read. */
  readonly oversized: readonly {
    /** Full object name. */
    readonly oid: Sha;
    /** Size in bytes. */
    readonly size: number;
  }[];
}

const DEFAULT_OBJECT_BYTES = 64 * 1024 * 1024;
/** To ask for a hundred thousand objects does not hold the event loop. */
const NAMES_A_TURN = 5000;

/**
 * Streams objects to `onObject` in the order asked for, one at a time in memory. Larger ones than `maxObjectBytes`
 * (default 64 MiB) are skipped and named. What `onObject` throws ends the read and comes back as `crashed`.
 */
export async function readObjects(
  request: RepoRequest & {
    /** Full object names of what is to be read. */
    readonly oids: readonly Sha[];
    /** Called with each object, in the order asked for. */
    readonly onObject: (object: StreamedObject) => void;
    /** A larger object is `oversized`, and not read. */
    readonly maxObjectBytes?: number | undefined;
  },
): Promise<ReadObjects | GitFailed> {
  const { oids, onObject, repo, maxObjectBytes = DEFAULT_OBJECT_BYTES } = request;
  if (oids.length === 0) return { kind: 'read', count: 0, missing: [], oversized: [] };
  const asked: string[] = [];
  for (let at = 0; at < oids.length; at += NAMES_A_TURN) {
    if (at > 0) await nextTurn();
    const some = oids.slice(at, at + NAMES_A_TURN);
    for (const oid of some) expectSha(oid, 'oid');
    asked.push(`${some.join('\n')}\n`);
  }
  const stream = new ObjectStream(maxObjectBytes, onObject);
  const read = await callGit(
    {
      op: 'read-objects',
      gitDir: repo.gitDir,
      args: ['cat-file', '--batch', '--buffer'],
      stdin: asked.join(''),
      onBytes: (bytes) => stream.push(bytes),
      deadlineMs: DEADLINE.remote,
    },
    request,
  );
  if (read.kind === 'git-failed') return read;
  const { count, missing, oversized } = stream.end(oids.length);
  const closed = missing.length === 0 ? null : unreadableObjects('read-objects', repo.gitDir);
  if (closed !== null) return closed;
  return { kind: 'read', count, missing, oversized };
}
