/** What every implementation of the store port must do. Each area is its own file; this one runs them all. */
import { afterEach, beforeEach, describe } from '@jest/globals';
import { breakersContract } from './breakers.contract.ts';
import { certificateContract } from './certificates.contract.ts';
import { eventContract } from './events.contract.ts';
import { jobContract } from './jobs.contract.ts';
import { leaseContract } from './leases.contract.ts';
import { pullRequestContract } from './pull-requests.contract.ts';
import { queueContract } from './queue.contract.ts';
import { recordContract } from './records.contract.ts';
import { stopContract } from './stop.contract.ts';
import { testHistoryContract } from './test-history.contract.ts';
import { type StoreUnderTest, withRepo } from './world.ts';

/** Answers the store of the running test. */
export type Subject = () => StoreUnderTest;

export function storeContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the store contract: ${name}`, () => {
    let subject: StoreUnderTest;
    beforeEach(async () => {
      subject = await open();
      await withRepo(subject.store);
    });
    afterEach(() => subject.dispose());
    const get: Subject = () => subject;
    describe('tasks and events', () => eventContract(get));
    describe('jobs', () => jobContract(get));
    describe('the merge lease and its queue', () => leaseContract(get));
    describe('STOP and the critical window', () => stopContract(get));
    describe('circuit breakers', () => breakersContract(get));
    describe('certificates to be continued', () => certificateContract(get));
    describe('tests that were red and green', () => testHistoryContract(get));
    describe('queues and landings', () => queueContract(get));
    describe('pull requests', () => pullRequestContract(get));
    describe('evidence, baselines, mail and numbers', () => recordContract(get));
  });
}
