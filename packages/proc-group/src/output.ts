/**
 * Where a run's output goes: two bounded captures, the log file, the caller's listener. Everything here happens inside
 * a stream event, so nothing may throw; the first fault is reported through `onFault` and ends the forwarding.
 */
import { types } from 'node:util';
import { callListener } from './adapters/listener.ts';
import type { LogFile } from './adapters/log-file.ts';
import { monotonicMs } from './adapters/within.ts';
import { Capture } from './capture.ts';
import type { Request } from './spec.ts';
import type { OutputCapture } from './verdict.ts';

export type OutputFault = { readonly kind: 'over-limit' } | { readonly kind: 'broken'; readonly error: unknown };

export interface Output {
  /** A promise: nothing more is to be read of this stream before it settles. Never rejects. */
  readonly onChunk: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => Promise<void> | null;
  /** True while the listener holds a stream back. */
  readonly isHeld: () => boolean;
  /** When the last chunk arrived, in `monotonicMs()` time; 0 before the first. */
  readonly lastAt: () => number;
  /** Of both streams so far, kept or not. */
  readonly bytes: () => number;
  readonly result: () => { readonly stdout: OutputCapture; readonly stderr: OutputCapture };
}

export function collectOutput(request: Request, log: LogFile | null, onFault: (fault: OutputFault) => void): Output {
  const stdout = new Capture(request.headBytes, request.tailBytes);
  const stderr = new Capture(request.headBytes, request.tailBytes);
  let left = request.maxTotalBytes;
  let lastAt = 0;
  let held = 0;
  let listener = request.onChunk;
  const broken = (error: unknown): void => {
    listener = null;
    onFault({ kind: 'broken', error });
  };
  return {
    onChunk: (stream, bytes) => {
      lastAt = monotonicMs();
      const capture = stream === 'stdout' ? stdout : stderr;
      const kept = bytes.subarray(0, left);
      left -= kept.length;
      capture.add(kept);
      log?.append(kept);
      const taken =
        listener === null || kept.length === 0 ? null : callListener(() => listener?.(stream, kept), broken);
      if (kept.length < bytes.length) {
        capture.skip(bytes.length - kept.length);
        if (request.onLimit === 'kill') onFault({ kind: 'over-limit' });
      }
      // A listener may have kept the bytes.
      if (request.onChunk === null) giveBack(bytes);
      if (taken === null) return null;
      held += 1;
      return taken.then(() => {
        held -= 1;
        lastAt = monotonicMs();
      });
    },
    isHeld: () => held > 0,
    lastAt: () => lastAt,
    bytes: () => stdout.total() + stderr.total(),
    result: () => ({ stdout: stdout.result(), stderr: stderr.result() }),
  };
}

/**
 * Every read of a pipe fills a buffer of its own, and the collector is slow to notice memory outside its heap: a loud
 * command would cost tens of MiB. Everything worth keeping was copied, so the buffer is returned at once.
 */
function giveBack({ buffer, byteLength }: Uint8Array): void {
  if (types.isArrayBuffer(buffer) && byteLength === buffer.byteLength) buffer.transfer(0);
}
