/** What of a change no clone is glad of: gitlinks without `.gitmodules`, and large files. Either source may only tighten the other. */
import type { PolicyFile } from './policy-file.ts';

export interface EntryPolicy {
  readonly gitlinks: 'warn' | 'block';
  readonly largeFiles: 'warn' | 'block';
  /** A file of more bytes is large. */
  readonly largeBytes: number;
}

const LARGE_BYTES = 10 * 1024 * 1024;

type Source = PolicyFile['security'];

export function resolveEntries(operator: Source, base: Source): EntryPolicy {
  const sizes = [operator?.max_file_size, base?.max_file_size].filter((size) => size !== undefined);
  return {
    gitlinks: strictest(operator?.gitlinks, base?.gitlinks),
    largeFiles: strictest(operator?.large_files, base?.large_files),
    largeBytes: sizes.length === 0 ? LARGE_BYTES : Math.min(...sizes),
  };
}

const strictest = (...said: readonly ('warn' | 'block' | undefined)[]): 'warn' | 'block' =>
  said.includes('block') ? 'block' : 'warn';
