/**
 * `npm run --prefix tools/tidy costs`: installs all packages from their tarballs, measures what each costs, and writes it into the READMEs.
 * Bytes are compared by a test; the time is of the machine it ran on, and compared with nothing.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { costRow, costsOf, costTable, importMs, withCosts } from './importer/costs.ts';
import { ImporterProject } from './importer/project.ts';

const project = new ImporterProject(mkdtempSync(join(tmpdir(), 'gatehouse-costs-')));
const tarballs = project.pack();
project.install([...tarballs.values()]);
for (const [name, file] of tarballs) {
  const costs = costsOf(project, name, file);
  const ms = importMs(project, name);
  const path = join(import.meta.dirname, '../../../packages', name, 'README.md');
  writeFileSync(path, withCosts(readFileSync(path, 'utf8'), costTable(costs, ms)));
  process.stdout.write(`${name.padEnd(14)} ${costRow(costs, ms)}\n`);
}
project.remove();
