/** Ports that fail on purpose: at the n-th call, in a named way, before or after the call had its effect. */
import type { SettlePorts } from '@gatehouse/cancel';

/** `lie`: a call that takes effect and answers nonsense. `dead`: nothing answers any more, from this call on. */
export type Fault =
  | 'throw'
  | 'reject'
  | 'hang'
  | 'hang-after'
  | 'throw-after'
  | 'lie'
  | 'hostile-answer'
  | 'dead'
  | 'dead-after';

export type Plan = (call: { readonly index: number; readonly name: string }) => Fault | null;

type Call = (...args: never[]) => Promise<unknown>;

const refuse = (): never => {
  throw new Error('no read allowed');
};
const hostileAnswer = new Proxy({}, { get: refuse, has: refuse, ownKeys: refuse, getPrototypeOf: refuse });
const never = (): Promise<never> => new Promise(() => {});

export function faulty(ports: SettlePorts, plan: Plan): SettlePorts & { readonly asked: () => number } {
  let index = 0;
  let isDead = false;
  const wrap = (name: string, call: Call): Call => {
    return (...args) => {
      if (isDead) return never();
      const fault = plan({ index, name });
      index += 1;
      if (fault === 'dead' || fault === 'dead-after') isDead = true;
      return misbehave(fault, () => call(...args));
    };
  };
  const all = (group: object): never =>
    Object.fromEntries(Object.entries(group).map(([name, call]) => [name, wrap(name, call as Call)])) as never;
  return { ledger: all(ports.ledger), runs: all(ports.runs), cleanUp: all(ports.cleanUp), asked: () => index };
}

function misbehave(fault: Fault | null, call: () => Promise<unknown>): Promise<unknown> {
  switch (fault) {
    case null:
      return call();
    case 'throw':
      return refuse();
    case 'reject':
      return Promise.reject('not even an Error');
    case 'hang':
    case 'dead':
      return never();
    case 'hang-after':
    case 'dead-after':
      return call().then(never);
    case 'throw-after':
      return call().then(refuse);
    case 'lie':
      return call().then(() => ({ kind: 'recorded-maybe', verified: 'yes', attempt: -1 }));
    case 'hostile-answer':
      return call().then(() => hostileAnswer);
  }
}
