/**
 * What is known of the health of a main: what its last audit found, in a file for each repository, so that a start asks nothing
 * again. Written by the watcher alone; a file that cannot be read is one that is not there.
 */
import { join } from 'node:path';
import { z } from '@hono/zod-openapi';
import { type FileWritten, makeDirectory, readTextFile, writeTextFile } from '../platform/files.ts';
import type { MainHealth } from '../platform/health-of-main.ts';
import { parseJson } from '../platform/json.ts';
import { fileName } from './mirrors.ts';

const health: z.ZodType<MainHealth> = z.object({
  commit: z.string(),
  atMs: z.number(),
  digest: z.string(),
  findings: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['secret', 'vulnerability']),
      text: z.string(),
      since: z.string(),
      count: z.number().optional(),
    }),
  ),
  unknown: z.array(z.string()),
});

const LIMIT_BYTES = 16 * 1024 * 1024;

/** Where it is kept. */
export interface KeptHealth {
  /** Null: main was not audited yet. */
  readonly read: (repoId: string) => Promise<MainHealth | null>;
  readonly keep: (repoId: string, known: MainHealth) => Promise<FileWritten>;
}

export function healthIn(dataDir: string): KeptHealth {
  const folder = join(dataDir, 'main-health');
  const placeOf = (repoId: string): string => join(folder, `${fileName(repoId)}.json`);
  return {
    read: async (repoId) => {
      const read = await readTextFile(placeOf(repoId), LIMIT_BYTES);
      const parsed = read.kind === 'read' ? health.safeParse(parseJson(read.text)) : null;
      return parsed?.success === true ? parsed.data : null;
    },
    keep: async (repoId, known) => {
      await makeDirectory(folder);
      return writeTextFile(placeOf(repoId), `${JSON.stringify(known)}\n`);
    },
  };
}
