/**
 * How long each check of a repository took the last time: what the live line expects. Kept in the user's cache only where a person
 * watches, so that a run in CI leaves nothing.
 */
import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { makeDirectory, readTextFile, writeTextFile } from '../platform/files.ts';
import { parseJson } from '../platform/json.ts';

const NAME = 'durations.json';
const LIMIT_BYTES = 64 * 1024;

export interface Durations {
  /** Milliseconds; null: not known. */
  readonly last: (name: string) => Promise<number | null>;
  /** A place that cannot be written keeps nothing. */
  readonly record: (name: string, ms: number) => Promise<void>;
}

/** Of this user. */
export const cacheDirectory = (): string => join(homedir(), '.cache', 'gatehouse');

/** The durations of a repository in a directory; null: none is kept and none is known. A file that grew too large begins anew. */
export function durationsIn(directory: string | null, repo: string): Durations {
  if (directory === null) return { last: async () => null, record: async () => {} };
  const path = join(directory, NAME);
  const keyOf = (name: string): string => `${createHash('sha256').update(repo).digest('hex').slice(0, 12)} ${name}`;
  const read = async (): Promise<Readonly<Record<string, unknown>>> => {
    const file = await readTextFile(path, LIMIT_BYTES);
    const value = file.kind === 'read' ? parseJson(file.text) : undefined;
    return typeof value === 'object' && value !== null ? { ...value } : {};
  };
  return {
    last: async (name) => {
      const ms = (await read())[keyOf(name)];
      return typeof ms === 'number' && ms > 0 ? ms : null;
    },
    record: async (name, ms) => {
      await makeDirectory(directory);
      await writeTextFile(path, `${JSON.stringify({ ...(await read()), [keyOf(name)]: Math.round(ms) })}\n`);
    },
  };
}
