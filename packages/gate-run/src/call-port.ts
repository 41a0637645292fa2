/** Every question to the caller's own functions is bounded: what throws or hangs there becomes a `crashed` value. */
import { type Crashed, neverRaise } from '@gatehouse/verdict';

const PORT_DEADLINE_MS = 30_000;

/** The answer of `ask`, or `crashed` when it throws, rejects or takes longer than half a minute. Never rejects. */
export async function callPort<Answer>(
  op: string,
  ask: () => Answer | Promise<Answer>,
): Promise<{ readonly kind: 'answered'; readonly answer: Answer } | Crashed> {
  const late = Promise.withResolvers<Crashed>();
  const error = new Error(`no answer within ${PORT_DEADLINE_MS} ms`);
  const timer = setTimeout(() => late.resolve({ kind: 'crashed', op, error }), PORT_DEADLINE_MS);
  const asked = neverRaise(op, async () => ({ kind: 'answered' as const, answer: await ask() }))();
  const first = await Promise.race([asked, late.promise]);
  clearTimeout(timer);
  return first;
}
