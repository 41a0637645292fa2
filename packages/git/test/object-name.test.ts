/** Which paths may stand in a tree of git. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isTreePath } from '../src/object-name.ts';

describe('a path of a tree', () => {
  test.each(['a', 'a/b.c', '...', '.gitignore', 'a/.github/b', 'git', '.git2', ' ', 'a\nb', '.gıt'])(
    'may be %j',
    (path) => {
      expect(isTreePath(path)).toBe(true);
    },
  );

  test.each(['', '/', '/a', 'a/', 'a//b', '.', '..', './a', 'a/..', 'a/./b', '.git', 'a/.GIT/b', '.Git/c', 'a\0b', 7])(
    'may not be %j',
    (path) => {
      expect(isTreePath(path)).toBe(false);
    },
  );

  test('has no part that is forbidden alone', () => {
    const part = fc.oneof(
      fc.constantFrom('', '.', '..', '.git', '.giT', '...', '..git', '.git.', 'git', 'a\n'),
      fc.string({ maxLength: 4 }).filter((text) => !/[/\0]/.test(text)),
    );
    const isForbidden = (text: string): boolean => ['', '.', '..', '.git'].includes(text.toLowerCase());
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        expect(isTreePath(parts.join('/'))).toBe(!parts.some(isForbidden));
      }),
    );
  });
});
