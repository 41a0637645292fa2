/**
 * What becomes of tests that are red and green on one tree, from the operator's file and that of the base. From loose to strict:
 * `quarantine`, `pass`, `block`; where both files say one, the stricter counts. An operator's list is the whole list, because each
 * entry loosens the gate.
 */
import type { TestPolicy } from '@gatehouse/merge-gate';
import type { PolicyFile } from './policy-file.ts';

type FlakyPart = Pick<NonNullable<PolicyFile['test']>, 'flaky' | 'quarantine'>;

const LOOSE_TO_STRICT: readonly TestPolicy['flaky'][] = ['quarantine', 'pass', 'block'];

/** The mode and, where it is `quarantine`, the list; `warnings` grows by what has no effect. */
export function resolveFlaky(
  operator: FlakyPart | undefined,
  base: FlakyPart | undefined,
  warnings: string[],
): Pick<TestPolicy, 'flaky' | 'quarantine'> {
  const said = [operator?.flaky, base?.flaky].filter((mode) => mode !== undefined);
  const flaky = LOOSE_TO_STRICT.findLast((mode) => said.includes(mode)) ?? 'pass';
  const list = operator?.quarantine ?? base?.quarantine ?? [];
  if (flaky !== 'quarantine') {
    if (list.length > 0) warnings.push(`test.quarantine has no effect: test.flaky is ${flaky}`);
    return { flaky };
  }
  const names = new Set(list.map(({ name }) => name));
  const ignored = (base?.quarantine ?? []).filter(({ name }) => !names.has(name)).length;
  if (ignored > 0)
    warnings.push(
      `test.quarantine of the base: ${ignored} of its entries do not count, the operator's list is the whole list`,
    );
  return list.length === 0 ? { flaky } : { flaky, quarantine: list };
}
