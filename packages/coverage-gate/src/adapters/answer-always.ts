import { types } from 'node:util';
import { type Crashed, invariant } from '@gatehouse/verdict';

/**
 * `neverRaise` for functions that answer at once: what the caller passes in may throw when it is read, and a gate that
 * throws opens nothing but takes its host down. A body without an answer (an unknown kind) is a crash too.
 * Used once per export, in `index.ts`.
 */
export function answerAlways<Args extends readonly unknown[], Answer>(
  op: string,
  body: (...args: Args) => Answer,
  onCrash: (crash: Crashed) => Answer,
): (...args: Args) => Answer {
  return (...args) => {
    try {
      const answer = body(...args);
      invariant(answer !== undefined, 'the input is of no known kind');
      return answer;
    } catch (thrown) {
      const error = types.isNativeError(thrown) ? thrown : new Error('a non-Error was thrown', { cause: thrown });
      return onCrash({ kind: 'crashed', op, error });
    }
  };
}
