/** The linter reports long functions and long lists of parameters; what is exempt is listed, and the list may only shrink. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const ROOT = join(import.meta.dirname, '../../..');
const BIOME = join(ROOT, 'node_modules/.bin/biome');
const RULES = ['complexity/useMaxParams', 'complexity/noExcessiveLinesPerFunction'];
const PLACES = ['packages/git/src/planted.ts', 'apps/orchestrator/src/http/planted.ts', 'tools/sim/src/planted.ts'];

interface Settings {
  readonly overrides: readonly { readonly includes: readonly string[] }[];
}

function lint(cwd: string, args: readonly string[]): string {
  const options = ['lint', '--colors=off', '--max-diagnostics=none', ...args];
  const { stdout, stderr } = spawnSync(BIOME, options, { cwd, encoding: 'utf8' });
  return `${stdout}${stderr}`;
}

/** What the linter says of the text at this path, under the settings of this repository. */
function lintText(path: string, text: string): string {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-lint-'));
  for (const name of ['biome.json', '.gitignore']) copyFileSync(join(ROOT, name), join(root, name));
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), text);
  const reported = lint(root, [path]);
  rmSync(root, { recursive: true });
  return reported;
}

const body = (lines: number): string =>
  `export function f(): number {\n  let a = 0;\n${'  a += 1;\n'.repeat(lines - 2)}  return a;\n}\n`;
const listing = (count: number): string => {
  const names = Array.from({ length: count }, (_, at) => `p${at}`);
  return `export const f = (${names.map((name) => `${name}: number`).join(', ')}): number => ${names.join(' + ')};\n`;
};

describe.each(PLACES)('in %s', (path) => {
  test('a function of more than 60 lines is reported, one of 60 is not', () => {
    expect(lintText(path, body(61))).toContain('noExcessiveLinesPerFunction');
    expect(lintText(path, body(60))).toContain('Checked 1 file');
    expect(lintText(path, body(60))).not.toContain('lint/');
  });

  test('a fourth parameter is reported, a third is not', () => {
    expect(lintText(path, listing(4))).toContain('useMaxParams');
    expect(lintText(path, listing(3))).toContain('Checked 1 file');
    expect(lintText(path, listing(3))).not.toContain('lint/');
  });
});

test('every exempt file still holds a function that is too long or takes too much', () => {
  const settings: Settings = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
  const exempt = settings.overrides.flatMap(({ includes }) => includes).filter((path) => path !== '**/test/**');
  // Named rules are reported whatever the settings say of a file.
  const reported = lint(ROOT, [...RULES.map((rule) => `--only=${rule}`), ...exempt]);
  expect(exempt.filter((path) => !reported.includes(`${path}:`))).toEqual([]);
});
