import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputText, runInGroup } from '@gatehouse/proc-group';
import { afterAll, describe, expect, test } from '@jest/globals';
import { isWhole, newMarker, survivors } from './trees.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-crowd-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What is best here is one of the others. */
describe.each(isWhole ? (['best', 'cookie', 'group'] as const) : (['best'] as const))(
  'a hundred runs at once (%s)',
  (containment) => {
    test('one that is stopped takes no other with it: ninety-nine end by themselves, whole', async () => {
      const gate = join(folder, containment);
      const marker = newMarker();
      const started: Promise<unknown>[] = [];
      const stop = new AbortController();
      const runs = Array.from({ length: 100 }, (_, index) => {
        const begun = Promise.withResolvers<void>();
        started.push(begun.promise);
        // Each waits, with a child of its own, until the one among them is gone.
        const script = `echo begun; while [ ! -e "${gate}" ]; do sleep 0.2; done; sh -c 'echo ${index}' # ${marker}`;
        return runInGroup({
          command: '/bin/sh',
          args: ['-c', script],
          timeoutMs: 240_000,
          containment,
          ...(index === 42 ? { signal: stop.signal } : {}),
          output: { onChunk: () => begun.resolve() },
        });
      });
      await Promise.all(started);
      stop.abort(new Error('not wanted any more'));
      const stopped = await runs[42];
      writeFileSync(gate, '');
      const ended = await Promise.all(runs);
      expect(stopped).toMatchObject({ kind: 'cancelled' });
      for (const [index, run] of ended.entries()) {
        if (index === 42 || run.kind === 'crashed') continue;
        expect([index, run.kind, outputText(run.stdout)]).toEqual([index, 'exited', `begun\n${index}\n`]);
      }
      expect(ended.filter(({ kind }) => kind === 'exited')).toHaveLength(99);
      expect(survivors(marker)).toBe(0);
    });
  },
);
