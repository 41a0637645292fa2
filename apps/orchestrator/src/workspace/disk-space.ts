/** Whether the disk of the data directory has room for work. On a full one a verdict would be about the disk. */
import type { House } from '../context.ts';

const LEAST_FREE_BYTES = 256 * 1024 * 1024;
const MIB = 1024 * 1024;

/** `why` in words, with the next step; null: there is room, or the machine does not tell. */
export interface Room {
  readonly freeBytes: number | null;
  readonly why: string | null;
}

export async function roomAt({ places, dataDir }: Pick<House, 'places' | 'dataDir'>): Promise<Room> {
  const freeBytes = await places.freeBytes();
  if (freeBytes === null || freeBytes >= LEAST_FREE_BYTES) return { freeBytes, why: null };
  const left = `${Math.floor(freeBytes / MIB)} MiB free`;
  return {
    freeBytes,
    why: `the disk of ${dataDir} is full (${left}): nothing begins below ${LEAST_FREE_BYTES / MIB} MiB; free space`,
  };
}
