/**
 * `npm run --prefix tools/tidy packages`: writes what is derived in the folders of the packages, which the tests compare: the fields of the
 * manifests that guards/published.ts lists, the address of the project in the pages, and `api.md` from the built declarations.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportsOf } from './api/declarations.ts';
import { apiPage } from './api/page.ts';
import { HOME, PACKING, publishedFields } from './guards/published.ts';

const ROOT = join(import.meta.dirname, '../../..');

/** Fields of the table in their place behind the description, the others as they were. */
function withFields(text: string, fields: Readonly<Record<string, unknown>>): string {
  const { name, version, description, ...others } = JSON.parse(text);
  const { keywords, homepage, bugs, repository, ...replaced } = fields;
  const manifest = { name, version, description, keywords, homepage, bugs, repository, ...others, ...replaced };
  manifest.scripts = { ...manifest.scripts, ...PACKING };
  // The order of the rest stays: a replaced field is one that was there.
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

for (const name of readdirSync(join(ROOT, 'packages'))) {
  const dir = join(ROOT, 'packages', name);
  if (!existsSync(join(dir, 'package.json'))) continue;
  const write = (path: string, change: (text: string) => string): void =>
    writeFileSync(join(dir, path), change(readFileSync(join(dir, path), 'utf8')));
  write('package.json', (text) => withFields(text, publishedFields(`packages/${name}`) ?? {}));
  write('README.md', (text) => text.replace(/https?:\/\/[^\s)]+?(?=\/blob\/main\/)/g, HOME));
  writeFileSync(join(dir, 'api.md'), apiPage(`@gatehouse/${name}`, exportsOf(dir)));
}
