import { expect, test } from '@jest/globals';
import { deferringStore, stepsCarriedOut } from './store/deferring-store.ts';
import { storeContract } from './store/store.contract.ts';

storeContract('the same logic on an engine that answers later', deferringStore);

test('every statement of the suite was yielded and answered from outside', () => {
  expect(stepsCarriedOut()).toBeGreaterThan(2_000);
});
