import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { inEnvironment } from './ci-clones.ts';
import { cli } from './recording-terminal.ts';
import { sarifProblems } from './sarif-schema.ts';
import { Forge, PROJECT, scratchFolder } from './scratch-forge.ts';

const TOKEN = ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');
const FORMATS = ['text', 'json', 'sarif', 'junit', 'markdown', 'github'];

let forge: Forge;
beforeAll(async () => {
  forge = await Forge.make({ ...PROJECT, 'check.sh': 'if [ -e broken ]; then cat broken; exit 1; fi\n' });
  forge.push({ branch: 'leak', from: 'main' }, { 'src/a b.txt': `x\n${TOKEN}\n` });
  forge.push({ branch: 'loud', from: 'main' }, { broken: `${TOKEN}\n::error::x\n` });
  forge.push({ branch: 'good', from: 'main' }, { a: 'x\n' });
  forge.push({ branch: `x/${TOKEN}`, from: 'main' }, { a: 'x\n' });
  forge.push(
    { branch: 'sick', from: 'main' },
    { 'check.sh': 'echo "E   ModuleNotFoundError: No module named \'lib\'"; exit 1\n' },
  );
  forge.push({ branch: 'sicker', from: 'sick' }, { b: 'x\n' });
});

const folder = (): string => {
  const path = join(scratchFolder(), 'cwd');
  mkdirSync(path, { recursive: true });
  return path;
};

const gate = (cwd: string, words: readonly string[], env = {}) =>
  inEnvironment(env, () => cli(['gate', ...words.slice(0, 1), '--repo', forge.path, ...words.slice(1)], cwd));

describe('every format at once, each in a file', () => {
  const all = FORMATS.flatMap((name) => ['--format', `${name}=${name}.out`]);
  const readAll = (cwd: string) =>
    Object.fromEntries(FORMATS.map((name) => [name, readFileSync(join(cwd, `${name}.out`), 'utf8')]));

  test('of a branch that is named by a secret: it stands in none of them, nor beside them', async () => {
    const cwd = folder();
    const named = await gate(cwd, ['security', '--branch', `x/${TOKEN}`, ...all]);
    expect(named.exit).toBe(1);
    for (const [name, text] of Object.entries({ ...readAll(cwd), out: named.out, err: named.err }))
      expect([name, text.includes(TOKEN)]).toEqual([name, false]);
  });

  test('of a branch with a secret: the place is named, the secret in none of them', async () => {
    const cwd = folder();
    const said = await gate(cwd, ['security', '--branch', 'leak', ...all]);
    expect(said.exit).toBe(1);
    expect(said.out).toMatch(/^FAIL {2}check_security_gate/);
    const texts = readAll(cwd);
    for (const text of Object.values(texts)) {
      expect(text).not.toContain(TOKEN.slice(6, 20));
      expect(text).toMatch(/secret\/git/);
    }
    const log = JSON.parse(texts['sarif'] ?? '');
    expect(sarifProblems(log)).toEqual([]);
    expect(log.runs[0].results[0]).toMatchObject({
      level: 'error',
      locations: [{ physicalLocation: { artifactLocation: { uri: 'src/a%20b.txt' } } }],
    });
    expect(texts['github']).toMatch(/^::error file=src\/a b\.txt,.*title=secret\/git/m);
  });

  test('of a red branch whose tests print a secret and a command to the runner', async () => {
    const cwd = folder();
    expect((await gate(cwd, ['merge', '--branch', 'loud', ...all])).exit).toBe(1);
    const texts = readAll(cwd);
    for (const text of Object.values(texts)) expect(text).not.toContain(TOKEN.slice(6, 20));
    expect(texts['github']).not.toMatch(/^\s*::error::x/m);
    expect(texts['github']).toMatch(/^::error title=red-run::/m);
    expect(texts['junit']).toContain('<failure ');
  });

  test('of a main that is red itself: what its run said, and what is likely missing', async () => {
    const cwd = folder();
    const said = await gate(cwd, ['merge', '--branch', 'sicker', '--base', 'sick', ...all]);
    expect(said.exit).toBe(75);
    expect(said.out).toContain("  | E   ModuleNotFoundError: No module named 'lib'");
    const texts = readAll(cwd);
    for (const text of Object.values(texts)) expect(text).toContain('test.setup: pip install -e .');
    expect(JSON.parse(texts['json'] ?? '')).toMatchObject({
      cause: 'main-broken',
      output: { purpose: 'base', command: 'sh check.sh', commit: forge.head('sick'), likely: expect.any(String) },
    });
    expect(JSON.parse(texts['sarif'] ?? '').runs[0]).toMatchObject({
      results: [],
      invocations: [{ executionSuccessful: false, exitCode: 75 }],
    });
    expect(texts['junit']).toContain('type="main-broken"');
  });
});

describe('where a format goes', () => {
  const good = ['security', '--branch', 'good'];

  test.each([
    [['--format', 'sarif'], /^\{"\$schema"/],
    [['--format', 'junit', '--output', 'x.xml'], /^PASS /],
    [['--format', 'github=x'], /^PASS /],
    [['--json', '--format', 'sarif=x'], /^\{"check"/],
  ])('%j: standard output has one of them', async (words, shown) => {
    const said = await gate(folder(), [...good, ...words]);
    expect([said.exit, said.out]).toEqual([0, expect.stringMatching(shown)]);
  });

  test.each([
    [['--format', 'sarf'], 'did you mean sarif?'],
    [['--format', 'sarif', '--format', 'junit'], 'standard output'],
    [['--json', '--format', 'text'], 'standard output'],
    [['--output', 'x'], '--output takes'],
    [['--format', 'junit='], 'names a file'],
    [['--format', 'junit=x', '--format', 'sarif=x'], 'one file'],
  ])('%j is a mistake that is named before anything runs', async (words, named) => {
    const said = await gate(folder(), [...good, ...words]);
    expect([said.exit, said.err]).toEqual([2, expect.stringContaining(named)]);
  });

  test('a file that cannot be written is our failure, never a pass', async () => {
    const said = await gate(folder(), [...good, '--format', 'sarif=/dev/null/x']);
    expect([said.exit, said.err]).toEqual([3, expect.stringContaining('/dev/null/x cannot be written')]);
  });
});

describe('the summary of a step', () => {
  const good = ['security', '--branch', 'good'];
  const summarised = async (words: readonly string[], actions: string) => {
    const cwd = folder();
    const file = join(cwd, 'summary.md');
    writeFileSync(file, 'before\n');
    await gate(cwd, [...good, ...words], { GITHUB_ACTIONS: actions, GITHUB_STEP_SUMMARY: file });
    return readFileSync(file, 'utf8');
  };

  test('is added to where the runner shows it, and by nothing else', async () => {
    expect(await summarised([], 'true')).toMatch(/^before\n### ✅ Gatehouse, `security`: pass/);
    expect(await summarised(['--no-summary'], 'true')).toBe('before\n');
    expect(await summarised([], '')).toBe('before\n');
  });

  test('is written where it is asked for, too', async () => {
    const cwd = folder();
    expect((await gate(cwd, [...good, '--summary', 'own.md'])).exit).toBe(0);
    expect(readFileSync(join(cwd, 'own.md'), 'utf8')).toContain('check_security_gate');
    expect(existsSync(join(cwd, 'summary.md'))).toBe(false);
  });
});
