/**
 * `neverRaise` for functions that answer at once: a hostile argument (a getter or a proxy that throws) is answered
 * with `fallback` and never thrown. Wrap a sync export once, in index.ts.
 */
export function answerAlways<Args extends readonly unknown[], Answer>(
  body: (...args: Args) => Answer,
  fallback: Answer,
): (...args: Args) => Answer {
  return (...args) => {
    try {
      return body(...args);
    } catch {
      return fallback;
    }
  };
}
