import { readFileSync } from 'node:fs';
import { CHECKS, STAGE_TRANSITIONS, STAGES, SUB_GATES } from '@gatehouse/stage-engine';
import { describe, expect, test } from '@jest/globals';
import { getTableConfig } from 'drizzle-orm/sqlite-core';
import { QG_CHECKS } from '../src/checks/registry.ts';
import { EXIT } from '../src/cli/answer.ts';
import * as schema from '../src/schema/index.ts';
import { SETTINGS } from '../src/settings.ts';

const DOC = readFileSync(new URL('../../../docs/compat.md', import.meta.url), 'utf8');

/** The rows of the one table below a heading, cells without code marks; a dash is empty. */
function tableBelow(heading: string): string[][] {
  const section = DOC.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`docs/compat.md has no section "${heading}"`);
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('\\|', '|'))
      .map((cell) => (cell === '–' ? '' : cell)),
  );
}

const plain = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '');
const columns = (rows: string[][], ...wanted: number[]) => rows.map((row) => wanted.map((at) => plain(row[at])));

/** The last column explains; a row that explains nothing is no row. */
function everyRowExplains(rows: string[][]): void {
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(row.at(-1)?.length ?? 0).toBeGreaterThan(5);
}

describe('docs/compat.md is what the code does, and the code is what docs/compat.md promises', () => {
  test('stages, their agents, checks and edges', () => {
    const rows = tableBelow('Stages');
    everyRowExplains(rows);
    expect(columns(rows, 0, 1, 2, 3, 4)).toEqual(
      STAGES.map((stage) => {
        const { agent, checks, next, back } = STAGE_TRANSITIONS[stage];
        return [stage, agent ?? '', checks.join(' '), next ?? '', back ?? ''];
      }),
    );
  });

  test('sub-gates, in order', () => {
    expect(columns(tableBelow('Sub-gates'), 0, 1)).toEqual(
      Object.entries(SUB_GATES).map(([stage, checks]) => [stage, checks.join(' ')]),
    );
  });

  test('checks, their artefacts, keys and values', () => {
    const rows = tableBelow('Checks');
    everyRowExplains(rows);
    expect(columns(rows, 0, 1, 2, 3, 4, 5, 6)).toEqual(
      Object.entries(CHECKS).map(([name, { stage, artefact, askedOf, profiles }]) => [
        name,
        stage,
        artefact?.name ?? '',
        artefact?.key ?? '',
        artefact?.values.join(' ') ?? '',
        askedOf,
        profiles.join(' '),
      ]),
    );
  });

  test('no check is registered under a name that is not promised', () => {
    const promised = columns(tableBelow('Checks'), 0).flat();
    expect(Object.keys(QG_CHECKS).filter((name) => !promised.includes(name))).toEqual([]);
  });

  test('exit codes', () => {
    const codes = columns(tableBelow('Verdict statuses and exit codes'), 0, 1);
    expect(codes).toEqual([
      ['pass', String(EXIT.pass)],
      ['skip', String(EXIT.pass)],
      ['fail', String(EXIT.fail)],
      ['usage', String(EXIT.usage)],
      ['error', String(EXIT.error)],
      ['defer', String(EXIT.defer)],
    ]);
  });

  test('settings, their defaults and meanings', () => {
    const rows = tableBelow('Settings');
    expect(rows.map(([name, byDefault, about]) => [plain(name), byDefault, about])).toEqual(
      Object.entries(SETTINGS).map(([name, { byDefault, about }]) => [
        name,
        byDefault === '' ? 'empty' : `\`${byDefault}\``,
        about,
      ]),
    );
  });

  test('tables and their columns', () => {
    const rows = tableBelow('Tables and columns');
    everyRowExplains(rows);
    expect(columns(rows, 0, 1)).toEqual(
      Object.values(schema).map((table) => {
        const { name, columns: held } = getTableConfig(table);
        return [name, held.map((column) => column.name).join(' ')];
      }),
    );
  });
});
