import { type Crashed, describeCrash, invariant, LeaseProof, neverRaise } from '@gatehouse/verdict';
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

const hostile: unknown = new Proxy(
  {},
  {
    get() {
      throw new Error('no read allowed');
    },
    has() {
      throw new Error('no read allowed');
    },
    getPrototypeOf() {
      throw new Error('no prototype allowed');
    },
  },
);

describe('neverRaise', () => {
  test('answers with the value of its body', async () => {
    expect(await neverRaise('op', async (n: number) => n + 1)(1)).toBe(2);
  });

  test('keeps the very Error that was thrown', async () => {
    const error = new RangeError('out of range');
    const answer = await neverRaise('op', () => Promise.reject(error))();
    expect(answer).toEqual({ kind: 'crashed', op: 'op', error });
    expect((answer as Crashed).error).toBe(error);
  });

  test('answers a synchronous throw like a rejection', async () => {
    const body = (): Promise<never> => {
      throw new Error('before the promise');
    };
    expect(await neverRaise('op', body)()).toMatchObject({ kind: 'crashed', op: 'op' });
  });

  test('carries anything else unstringified as the cause', async () => {
    await fc.assert(
      fc.asyncProperty(fc.anything(), async (thrown) => {
        const answer = (await neverRaise('op', () => Promise.reject(thrown))()) as Crashed;
        expect(answer.kind).toBe('crashed');
        expect(Object.is(answer.error.cause, thrown) || Object.is(answer.error, thrown)).toBe(true);
      }),
    );
    const answer = (await neverRaise('op', () => Promise.reject(hostile))()) as Crashed;
    expect(Object.is(answer.error.cause, hostile)).toBe(true);
  });
});

describe('on a Node that is too old', () => {
  const { versions } = process;
  const runsOn = (node: string): void =>
    void Object.defineProperty(process, 'versions', { value: { ...versions, node } });
  afterEach(() => void Object.defineProperty(process, 'versions', { value: versions }));

  test.each(['18.20.8', '20.20.2', '22.0.0', '22.17.1'])(
    '%s: the body is not called, and the answer says why',
    async (version) => {
      runsOn(version);
      let calls = 0;
      const answer = await neverRaise('op', async () => ++calls)();
      expect(describeCrash(answer as Crashed)).toContain(
        `op crashed: Node 22.18 or newer is needed, this is ${version}`,
      );
      expect(calls).toBe(0);
    },
  );

  test.each(['22.18.0', '22.20.0-nightly', '24.0.0', 'x'])('%s: the body is called', async (version) => {
    runsOn(version);
    expect(await neverRaise('op', async () => 1)()).toBe(1);
  });
});

describe('describeCrash', () => {
  test('is one bounded line that names the operation', () => {
    const line = describeCrash({ kind: 'crashed', op: 'merge-gate.x', error: new Error(`a\nb${'c'.repeat(9000)}`) });
    expect(line).toMatch(/^merge-gate\.x crashed: a b/);
    expect(line).not.toContain('\n');
    expect(line.length).toBeLessThanOrEqual(2000);
  });

  test('is total: hostile values are described, never thrown', () => {
    expect(describeCrash(hostile as Crashed)).toBe('a crash that cannot be described');
    const error = new Error('x');
    Object.defineProperty(error, 'stack', { get: () => hostile });
    Object.defineProperty(error, 'message', { value: hostile });
    expect(typeof describeCrash({ kind: 'crashed', op: 'op', error })).toBe('string');
    fc.assert(fc.property(fc.anything(), (value) => typeof describeCrash(value as Crashed) === 'string'));
  });
});

test('invariant passes the true and throws for the false', () => {
  expect(() => invariant(true, 'fine')).not.toThrow();
  expect(() => invariant(0, 'tokens grow')).toThrow('invariant: tokens grow');
});

describe('LeaseProof', () => {
  test('an object of the same shape is not a proof', () => {
    expect(LeaseProof.isMinted(new LeaseProof('r', 't', 1))).toBe(true);
    expect(LeaseProof.isMinted({ repo: 'r', holder: 't', token: 1 })).toBe(false);
  });

  test('the question is total', () => {
    fc.assert(fc.property(fc.anything(), (value) => LeaseProof.isMinted(value) === false));
    expect(LeaseProof.isMinted(hostile)).toBe(false);
  });
});
