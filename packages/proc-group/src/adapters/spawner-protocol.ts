/** What this process and its spawner send each other; each message belongs to one run, `ready` to none. */
import type { SpawnFailed, StartRequest } from './start-process.ts';

/** `status`: what a status shell tells. */
export type StreamName = 'stdin' | 'stdout' | 'stderr' | 'status';

/** Descriptors of the parent, to be opened anew. */
export interface OutputEnds {
  readonly stdout: number;
  readonly stderr: number;
}

export interface ToSpawner extends StartRequest {
  readonly id: number;
  /** The streams that come as connections of their own; the others stay empty. */
  readonly streams: readonly StreamName[];
  /** What it prints to; null: connections are. */
  readonly output: OutputEnds | null;
}

export type ToParent = { readonly id: number } & (
  | { readonly kind: 'ready'; readonly address: string; readonly token: string }
  | { readonly kind: 'spawned'; readonly pid: number }
  | SpawnFailed
  /** Its streams never came, or the ends of its output cannot be opened: it was not started and never will be. */
  | { readonly kind: 'unsent' }
  | { readonly kind: 'exit'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
);
