/**
 * Every question to a port is bounded, and its answer is copied: a port that hangs, throws or answers nonsense becomes
 * a value.
 */
import { describeCrash, neverRaise } from '@gatehouse/verdict';

export interface PortCall<Answer> {
  /** For people: which port was asked what. */
  readonly port: string;
  readonly limitMs: number;
  /** The caller's own end of patience, for example a service that shuts down. */
  readonly signal: AbortSignal | undefined;
  readonly ask: (signal: AbortSignal) => unknown;
  /** Copies a well-formed answer; null for anything else. */
  readonly read: (answer: unknown) => Answer | null;
}

/** `silent`: no usable answer, so nothing is known. `cut-off`: the caller gave up; it says nothing about the port. */
export type PortAnswer<Answer> =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'silent'; readonly reason: string }
  | { readonly kind: 'cut-off' };

/** Settles within `limitMs`, or as soon as `signal` aborts; the port's signal aborts with either. Never rejects. */
export async function callPort<Answer>(question: PortCall<Answer>): Promise<PortAnswer<Answer>> {
  const { port, limitMs, signal, ask, read } = question;
  if (signal?.aborted === true) return { kind: 'cut-off' };
  const patience = new AbortController();
  const early = Promise.withResolvers<PortAnswer<Answer>>();
  const giveUp = (answer: PortAnswer<Answer>): void => {
    early.resolve(answer);
    patience.abort();
  };
  const timer = setTimeout(() => giveUp(silent(`${port} did not answer within ${limitMs} ms`)), limitMs);
  const leave = () => giveUp({ kind: 'cut-off' });
  signal?.addEventListener('abort', leave, { once: true });
  const asked = neverRaise(port, async (): Promise<PortAnswer<Answer>> => {
    const answer = read(await ask(patience.signal));
    return answer === null ? silent(`${port} answered nonsense`) : { kind: 'answered', answer };
  })();
  const first = await Promise.race([asked, early.promise]);
  clearTimeout(timer);
  signal?.removeEventListener('abort', leave);
  return first.kind === 'crashed' ? silent(describeCrash(first)) : first;
}

const silent = (reason: string): { readonly kind: 'silent'; readonly reason: string } => ({ kind: 'silent', reason });
