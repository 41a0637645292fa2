import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { commandIn, newCommands } from '../src/worker/pull-requests/commands.ts';

describe('a command', () => {
  test.each([
    ['/gatehouse queue', 'queue null'],
    ['thanks!\n\n/gatehouse retry\n', 'retry null'],
    ['/gatehouse queue 0123456789ab\r\n', 'queue 0123456789ab'],
    ['/gatehouse  stop  ', 'stop null'],
    ['please /gatehouse queue', 'none'],
    ['> /gatehouse queue', 'none'],
    ['/gatehouse land', 'none'],
    ['/gatehouse queue now', 'none'],
    ['/gatehousequeue', 'none'],
    ['    /gatehouse queue', 'none'],
    ['it printed\n```\n/gatehouse queue\n```\n', 'none'],
    ['```text\r\n/gatehouse queue\r\n```\r\n\r\n/gatehouse stop\r\n', 'stop null'],
    ['`````text\n```\n/gatehouse queue\n`````\n', 'none'],
    ['~~~\n/gatehouse queue\n```\n/gatehouse queue', 'none'],
    ['<!-- tick one:\n/gatehouse queue\n-->\nthanks', 'none'],
    ['<!-- open\n/gatehouse queue', 'none'],
    ['a `quoted` word\n/gatehouse queue', 'queue null'],
  ])('%j is %s', (text, expected) => {
    const command = commandIn({ by: 'ann', text });
    expect(command === null ? 'none' : `${command.verb} ${command.commit}`).toBe(expected);
  });

  test('any text is read or is none', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const command = commandIn({ by: 'ann', text });
        if (command !== null) expect(text).toContain(`/gatehouse`);
      }),
    );
  });
});

/** A person writes, the forge sends each comment at most once by webhook, and each is read once in order; late, or never sent. */
test('each command is carried out once, whichever way it comes first and whatever is lost', () => {
  const turn = fc.record({ sent: fc.nat(2), read: fc.nat(2) });
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('queue', 'stop'), { maxLength: 6 }),
      fc.array(turn),
      fc.boolean(),
      (verbs, turns, isLost) => {
        const all = verbs.map((verb) => ({ by: 'ann', text: `/gatehouse ${verb}` }));
        let [sent, read, counts]: [number, number, Parameters<typeof newCommands>[0]] = [0, 0, null];
        const done: string[] = [];
        for (const step of [...turns, { sent: 99, read: 99 }]) {
          const webhooks = isLost ? [] : all.slice(sent, sent + step.sent);
          const comments = all.slice(read, read + step.read);
          [sent, read] = [sent + webhooks.length, read + comments.length];
          const answer = newCommands(counts, { webhooks, comments });
          counts = answer.counts;
          done.push(...answer.fresh.map(({ verb }) => verb));
        }
        expect(done.toSorted()).toEqual(verbs.toSorted());
      },
    ),
  );
});
