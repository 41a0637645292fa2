/** What an HTTP answer of a receiver means for the outbox. */
import type { Requested } from '../platform/request.ts';
import type { TellAnswer } from '../platform/tell-answer.ts';

const REASON_CHARS = 300;
/** A receiver that asks for more is asked again then all the same: its clock may be wrong. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * 2xx is told. 429 and 503 are asked again when they say, every other 5xx and no answer when the outbox says. Another 4xx or
 * a redirect is refused for good: a person has to correct the address, the token or the receiver.
 */
export function tellAnswerOf(requested: Requested, receiver: string): TellAnswer {
  const say = (words: string): string => `${receiver}: ${words}`.slice(0, REASON_CHARS);
  if (requested.kind === 'unreachable')
    return { kind: 'untold', reason: say(`does not answer: ${requested.reason}`), retryAfterMs: null };
  const { status, text, headers } = requested;
  if (status >= 200 && status < 300) return { kind: 'told' };
  const reason = say(`answered ${status}: ${text.replace(/\s+/g, ' ').trim()}`);
  if (status === 429 || status >= 500 || status === 408) {
    const seconds = secondsAskedFor(text, headers.get('retry-after'));
    const wait = seconds === null ? null : Math.min(LONGEST_WAIT_MS, Math.max(0, Math.ceil(seconds * 1000)));
    return { kind: 'untold', reason, retryAfterMs: wait };
  }
  return { kind: 'rejected', reason };
}

/**
 * Telegram and Discord say it in the body: `"retry_after": 0.31`. Others in the header; one that holds a date is taken for
 * none, because its clock is not ours.
 */
function secondsAskedFor(body: string, header: string | null): number | null {
  const inBody = /"retry_after"\s*:\s*(\d{1,9}(?:\.\d{1,9})?)/.exec(body)?.[1];
  const asked = inBody ?? header?.trim() ?? '';
  return /^\d{1,9}(\.\d{1,9})?$/.test(asked) ? Number(asked) : null;
}
