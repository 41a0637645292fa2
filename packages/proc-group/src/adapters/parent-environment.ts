/** The one place where this package reads its own process's environment, and only to hand it to a child or to filter it. */
import { readFileSync } from 'node:fs';

export const parentEnvironment = (): Readonly<Record<string, string | undefined>> => process.env;

/** The entries as this process was given them, byte for byte; where the kernel does not show them, as Node has them. */
export function parentEntries(): readonly Uint8Array[] {
  const block =
    readBlock() ??
    Buffer.from(
      Object.entries(process.env)
        .map(([name, value]) => `${name}=${value}\0`)
        .join(''),
    );
  const entries: Uint8Array[] = [];
  for (let from = 0, to = block.indexOf(0); to >= 0; from = to + 1, to = block.indexOf(0, from))
    entries.push(block.subarray(from, to));
  return entries;
}

function readBlock(): Buffer | null {
  try {
    return readFileSync('/proc/self/environ');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== undefined && /^E[A-Z]+$/.test(code)) return null;
    throw error;
  }
}
