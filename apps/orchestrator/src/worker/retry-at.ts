/** When what was not delivered is tried again: later each time, and for a day, for a forge or a receiver may be away for hours. */
import type { TellAnswer } from '../platform/tell-answer.ts';
import type { OutboxMessage } from '../store/port/index.ts';

/** What is down for a day has to be mended by a person. */
const GIVE_UP_MS = 86_400_000;
const LONGEST_PAUSE_MS = 900_000;

/** Null: never again. Never sooner than the receiver that refused it asked for. */
export function retryAt(
  nowMs: number,
  { attempts, createdAt }: Pick<OutboxMessage, 'attempts' | 'createdAt'>,
  answer: Exclude<TellAnswer, { readonly kind: 'told' }>,
): number | null {
  if (answer.kind === 'rejected' || nowMs - createdAt > GIVE_UP_MS) return null;
  const pause = Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** Math.min(attempts, 20));
  return nowMs + Math.max(pause, answer.retryAfterMs ?? 0);
}
