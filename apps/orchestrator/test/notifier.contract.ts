/** What every notifier does. `notifier.log.test.ts` runs it on the log; one behind an API runs it over its double. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { repositoryAlert, taskAlert } from '../src/notifiers/alert-message.ts';
import type { Notifier } from '../src/notifiers/port.ts';

export interface NotifierUnderTest {
  readonly name: string;
  readonly notifier: Notifier;
  /** Every message that a person has got, in order. */
  readonly told: () => readonly string[];
}

export function notifierContract({ name, notifier, told }: NotifierUnderTest): void {
  describe(`a notifier: ${name}`, () => {
    test('has a name', () => {
      expect(notifier.name).not.toBe('');
    });

    test('says of a task what it is, where, and what to do', async () => {
      const before = told().length;
      const alert = taskAlert('t-17', { key: 'blocked#1', text: 'the change is red; push a fix' });
      expect(await notifier.notify(alert)).toEqual({ kind: 'told' });
      expect(told().slice(before)).toHaveLength(1);
      expect(told().at(-1)).toContain('t-17');
      expect(told().at(-1)).toContain('the change is red; push a fix');
    });

    test('names a repository', async () => {
      const alert = repositoryAlert('shop', { key: 'breaker/infra', text: 'shop: the disk is full' });
      expect(await notifier.notify(alert)).toEqual({ kind: 'told' });
      expect(told().at(-1)).toContain('shop: the disk is full');
    });

    test('delivers the same alert again: the outbox decides what is sent once', async () => {
      const before = told().length;
      const alert = taskAlert('t-18', { key: 'k', text: 'again' });
      await notifier.notify(alert);
      await notifier.notify(alert);
      expect(told().slice(before)).toHaveLength(2);
    });

    test('answers whatever it is given, and never throws', async () => {
      const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('x'.repeat(200_000)), fc.constant('\ud800\n\0'));
      await fc.assert(
        fc.asyncProperty(text, text, async (key, words) => {
          const answer = await notifier.notify(taskAlert('t', { key, text: words }));
          expect(['told', 'untold', 'rejected']).toContain(answer.kind);
        }),
        { numRuns: 50 },
      );
    });
  });
}
