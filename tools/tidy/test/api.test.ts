/** `api.md` of each package is what its built declarations say; `npm run --prefix tools/tidy packages` writes it anew. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { exportsOf } from '../src/api/declarations.ts';
import { apiPage } from '../src/api/page.ts';
import { publishedFields } from '../src/guards/published.ts';

const PACKAGES = join(import.meta.dirname, '../../../packages');
const names = readdirSync(PACKAGES);

describe.each(names)('%s', (name) => {
  const exported = exportsOf(join(PACKAGES, name));

  test('api.md is what an importer gets', () => {
    expect(readFileSync(join(PACKAGES, name, 'api.md'), 'utf8')).toBe(apiPage(`@gatehouse/${name}`, exported));
  });

  test('every export has its heading', () => {
    const page = apiPage(`@gatehouse/${name}`, exported);
    const missing = exported.own.filter((one) => !page.includes(`\n### \`${one.name}\`\n`));
    expect([exported.own.length > 3, missing.map((one) => one.name)]).toEqual([true, []]);
  });
});

test('a package without a row has no fields, and every row is of a package', () => {
  expect(names.filter((name) => publishedFields(`packages/${name}`) === null)).toEqual([]);
  expect(publishedFields('packages/extra')).toBeNull();
});
