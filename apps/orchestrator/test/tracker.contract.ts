/** What every tracker does. `tracker.none.test.ts` runs it on none; one behind an API runs it over its double. */
import { describe, expect, test } from '@jest/globals';
import type { Tracker } from '../src/trackers/port.ts';

export interface TrackerUnderTest {
  readonly name: string;
  readonly tracker: Tracker;
}

export function trackerContract({ name, tracker }: TrackerUnderTest): void {
  describe(`a tracker: ${name}`, () => {
    test('is called none only where there is none, and then every question is answered with that', async () => {
      const answers = [
        await tracker.issue('i-1'),
        await tracker.wanted(),
        await tracker.comment({ issueId: 'i-1', key: 'k', text: 'landed' }),
        await tracker.hint({ headers: {}, body: new Uint8Array() }),
      ];
      for (const answer of answers) if (answer.kind === 'unsupported') expect(answer.reason).toMatch(/\S/);
      expect(answers.every(({ kind }) => kind === 'unsupported')).toBe(tracker.name === 'none');
    });

    test.each(['', 'no-such-issue', '../../x', '\0', 'x'.repeat(100_000)])(
      'an issue that is not there (%#) is never an issue, and never an exception',
      async (id) => {
        expect((await tracker.issue(id)).kind).not.toBe('issue');
      },
    );

    test('a delivery without a signature asks for nothing', async () => {
      const body = new TextEncoder().encode('{"event":"issue","data":{"id":"i-1"}}');
      expect((await tracker.hint({ headers: { 'x-signature': '00' }, body })).kind).not.toBe('re-read');
    });
  });
}
