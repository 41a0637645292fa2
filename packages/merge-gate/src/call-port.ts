/** Every question to a port is bounded: what throws or hangs out there becomes a `crashed` value in here. */
import { type Crashed, neverRaise } from '@gatehouse/verdict';

const PORT_DEADLINE_MS = 30_000;

/** The answer of `ask`, or `crashed` when it throws, rejects or takes longer than the deadline. Never rejects. */
export async function callPort<Answer>(
  op: string,
  ask: () => Answer | Promise<Answer>,
  deadlineMs: number = PORT_DEADLINE_MS,
): Promise<Answer | Crashed> {
  const late = Promise.withResolvers<Crashed>();
  const giveUp = () => late.resolve({ kind: 'crashed', op, error: new Error(`no answer within ${deadlineMs} ms`) });
  const timer = setTimeout(giveUp, deadlineMs);
  const answer = neverRaise(op, async () => ask())();
  const first = await Promise.race([answer, late.promise]);
  clearTimeout(timer);
  return first;
}

/** True for the `crashed` value that {@link callPort} makes, whatever a port answers. */
export const isCrashed = (answer: unknown): answer is Crashed =>
  typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === 'crashed';
