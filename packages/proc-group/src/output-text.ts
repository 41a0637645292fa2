/** A capture as text for people. Lossy on purpose: bytes are the truth, see `OutputCapture`. */
import { types } from 'node:util';
import { readForeign } from './adapters/safe-read.ts';
import type { OutputCapture } from './verdict.ts';

/** Head, a marker for what is missing, tail; broken UTF-8 becomes U+FFFD. Total: anything else than a capture is ''. */
export function outputText(capture: OutputCapture): string {
  const { head, tail, droppedBytes } = readForeign(capture, ['head', 'tail', 'droppedBytes']);
  if (!types.isUint8Array(head) || !types.isUint8Array(tail)) return '';
  const decoder = new TextDecoder();
  if (typeof droppedBytes === 'number' && droppedBytes > 0) {
    return `${decoder.decode(head)}\n[... ${droppedBytes} bytes left out ...]\n${decoder.decode(tail)}`;
  }
  return decoder.decode(Buffer.concat([head, tail]));
}
