/** On a Node that is too old the packages answer, and nothing is raised. `.ci/run` brings the programs `node18`, `node20` and `node22.0`. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { firstExample } from '../src/importer/examples.ts';
import { NAMES } from '../src/importer/project.ts';

const CALLS = join(import.meta.dirname, 'old-node/call-everything.mjs');
const PACKAGES = join(import.meta.dirname, '../../../packages');

const call = (program: string) => {
  // Some of the calls remove or make what they are told to.
  const cwd = mkdtempSync(join(tmpdir(), 'gatehouse-old-node-'));
  const { stdout, stderr, error } = spawnSync(program, [CALLS, PACKAGES], { cwd, encoding: 'utf8', timeout: 120_000 });
  rmSync(cwd, { recursive: true });
  return { lines: stdout.split('\n').slice(0, -1), stderr: `${stderr}${error?.message ?? ''}` };
};

describe.each(['node18', 'node20', 'node22.0'])('%s', (program) => {
  const isThere = spawnSync(program, ['--version']).status === 0;
  const demanded = isThere || process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1';
  const testIt = demanded ? test : test.skip;

  testIt(`every export answers${demanded ? '' : ` [skipped: no ${program} here]`}`, () => {
    const { lines, stderr } = call(program);
    expect({ raised: lines.slice(0, -1), stderr }).toEqual({ raised: [], stderr: '' });
    const { calls, kinds } = JSON.parse(lines[0] ?? '');
    const [[message, count]] = Object.entries(kinds).sort(([, left], [, right]) => Number(right) - Number(left)) as [
      [string, number],
    ];
    expect(message).toMatch(/^Node 22\.18 or newer is needed, this is (18|20|22)\./);
    expect([calls > 200, count > 150]).toEqual([true, true]);
  });
});

describe('node20, as the pages say it', () => {
  const isThere = spawnSync('node20', ['--version']).status === 0;
  const demanded = isThere || process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1';

  // The example of a reducer needs no other Node: nothing of it waits.
  (demanded ? test : test.skip).each(NAMES.filter((name) => name !== 'stage-engine'))(
    'the first example of %s shows which Node is needed',
    (name) => {
      const dir = mkdtempSync(join(tmpdir(), 'gatehouse-old-node-'));
      mkdirSync(join(dir, 'node_modules/@gatehouse'), { recursive: true });
      symlinkSync(join(PACKAGES, name), join(dir, 'node_modules/@gatehouse', name));
      const example = firstExample(readFileSync(join(PACKAGES, name, 'README.md'), 'utf8')) ?? '';
      writeFileSync(join(dir, 'first.mjs'), stripTypeScriptTypes(example));
      const { stdout, stderr } = spawnSync('node20', ['first.mjs'], {
        cwd: dir,
        env: { ...process.env, TMPDIR: dir },
        encoding: 'utf8',
      });
      rmSync(dir, { recursive: true });
      expect(`${stdout}${stderr}`).toContain('Node 22.18 or newer is needed, this is ');
    },
  );
});

test('the calls reach the packages: this Node answers each without that message', () => {
  const { lines, stderr } = call(process.execPath);
  expect({ lines, stderr }).toEqual({ lines: [expect.not.stringContaining('is needed')], stderr: '' });
});
