/** A test of the demo's project. */

/** The text of a file with one test. */
export const testFile = (title: string, imports: string, ...body: string[]): string =>
  [
    "import assert from 'node:assert/strict';",
    "import { test } from 'node:test';",
    imports,
    '',
    `test('${title}', () => {`,
    ...body,
    '});',
    '',
  ].join('\n');
