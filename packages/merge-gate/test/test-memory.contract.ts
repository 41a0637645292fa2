/** The law of a memory of tests. A form is held to it by calling `testMemoryContract` in a test file of its own. */
import type { ResultKey, TestMemoryPort } from '@gatehouse/merge-gate';
import { describe, expect, test } from '@jest/globals';

const KEY: ResultKey = { tree: 't', gateDigest: 'g', envDigest: 'e' };
const REPO = 'acme';
const red = (...failed: string[]) => ({ failed, complete: false });
const counted = (...failed: string[]) => ({ failed, complete: true });

export function testMemoryContract(name: string, open: () => TestMemoryPort): void {
  describe(`the memory of tests: ${name}`, () => {
    /** Names known as flaky after these runs of one key. */
    const after = async (...runs: readonly ReturnType<typeof red>[]) => {
      const memory = open();
      for (const tests of runs) await memory.record({ repo: REPO, key: KEY, tests });
      return memory.knownFlaky(REPO, ['a', 'b', 'c']);
    };

    test('red, then not named by a complete run of the same tree: flaky by proof', async () => {
      expect(await after(red('a'), counted())).toEqual(['a']);
      expect(await after(red('a', 'b'), counted('b'))).toEqual(['a']);
    });

    test('green, then red on the same tree: flaky by proof as well', async () => {
      expect(await after(counted(), red('a'))).toEqual(['a']);
      expect(await after(counted('b'), counted('a'))).toEqual(['a', 'b']);
    });

    test('a run that does not name all its failures proves no green', async () => {
      expect(await after(red('a'), red('b'))).toEqual([]);
      expect(await after(red('a'), red('a'), counted('a'))).toEqual([]);
    });

    test('another tree, another definition or another environment proves nothing', async () => {
      for (const change of [{ tree: 'u' }, { gateDigest: 'h' }, { envDigest: 'f' }]) {
        const memory = open();
        await memory.record({ repo: REPO, key: KEY, tests: red('a') });
        await memory.record({ repo: REPO, key: { ...KEY, ...change }, tests: counted() });
        expect(await memory.knownFlaky(REPO, ['a'])).toEqual([]);
      }
    });

    test('repositories do not know of each other', async () => {
      const memory = open();
      await memory.record({ repo: REPO, key: KEY, tests: red('a') });
      await memory.record({ repo: 'other', key: KEY, tests: counted() });
      expect(await memory.knownFlaky(REPO, ['a'])).toEqual([]);
      await memory.record({ repo: REPO, key: KEY, tests: counted() });
      expect(await memory.knownFlaky('other', ['a'])).toEqual([]);
      expect(await memory.knownFlaky(REPO, ['a'])).toEqual(['a']);
    });

    test('the number of tests of a tree is that of its newest green run, in whatever environment', async () => {
      const memory = open();
      const ran = async (envDigest: string, ran?: number) =>
        memory.record({ repo: REPO, key: { ...KEY, envDigest }, tests: { ...counted(), ran } });
      expect(await memory.testsRun(REPO, KEY)).toBeNull();
      await ran('e', 111);
      await ran('f', 98);
      await ran('f');
      expect(await memory.testsRun(REPO, KEY)).toBe(98);
      for (const change of [{ tree: 'u' }, { gateDigest: 'h' }])
        expect(await memory.testsRun(REPO, { ...KEY, ...change })).toBeNull();
      expect(await memory.testsRun('other', KEY)).toBeNull();
    });

    test('names are kept apart whatever they hold and however long they are', async () => {
      const long = 'x'.repeat(10_000);
      const names = ['\u001b[31mred', '\u202Egnp.exe', 'nul\0', 'half\uD800', `${long}1`, "'; DROP TABLE t; --", ''];
      const memory = open();
      await memory.record({ repo: REPO, key: KEY, tests: red(...names) });
      await memory.record({ repo: REPO, key: KEY, tests: counted() });
      expect(await memory.knownFlaky(REPO, [...names, `${long}2`, 'nul', 'half\uD801'])).toEqual(names);
    });
  });
}
