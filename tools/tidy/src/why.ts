/**
 * Prints how hard it is to find one's way here: `npm run --prefix tools/tidy why -- [--repo DIR]… [--details]`.
 * Two checkouts side by side show what a change of the layout was worth.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readTree } from './read-tree.ts';
import { measure } from './why/rows.ts';

const { values } = parseArgs({
  options: { repo: { type: 'string', multiple: true }, details: { type: 'boolean', default: false } },
});
const roots = values.repo ?? [resolve(import.meta.dirname, '../../..')];
const measured = roots.map((root) => measure(readTree(resolve(process.env['INIT_CWD'] ?? '.', root))));
const heads = roots.length === 1 ? ['today'] : roots;
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

console.log(line(['what', ...heads]));
console.log(`|${'---|'.repeat(heads.length + 1)}`);
for (const [at, { what }] of (measured[0] ?? []).entries())
  console.log(line([what, ...measured.map((rows) => rows[at]?.count ?? '')]));
if (values.details)
  for (const [at, rows] of measured.entries())
    for (const { what, details } of rows)
      console.log(`\n${heads[at]}: ${what}\n${details.map((detail) => `  ${detail}`).join('\n')}`);
