/** Whether the disk of the data directory has space for work. On a full one a verdict would be about the disk. */

const LEAST_FREE_BYTES = 256 * 1024 * 1024;
const MIB = 1024 * 1024;

/** `shortage` in words, with the next step; null: there is enough, or the machine does not say. */
export interface DiskSpace {
  readonly freeBytes: number | null;
  readonly shortage: string | null;
}

export async function checkDiskSpace({
  workspaces,
  dataDir,
}: {
  readonly workspaces: { readonly freeBytes: () => Promise<number | null> };
  readonly dataDir: string;
}): Promise<DiskSpace> {
  const freeBytes = await workspaces.freeBytes();
  if (freeBytes === null || freeBytes >= LEAST_FREE_BYTES) return { freeBytes, shortage: null };
  const left = `${Math.floor(freeBytes / MIB)} MiB free`;
  return {
    freeBytes,
    shortage: `the disk of ${dataDir} is full (${left}): nothing begins below ${LEAST_FREE_BYTES / MIB} MiB; free space`,
  };
}
