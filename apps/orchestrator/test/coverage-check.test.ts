/** The coverage check between its neighbours: the commands behind the command, one run for two checks, a shell's baseline. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { QG_CHECKS } from '../src/checks/registry.ts';
import { contextFor } from './check-context.ts';
import { ask, atRest, enqueue, register, serviceOn } from './live-gatehouse.ts';
import { cli, onlyJson } from './recording-terminal.ts';
import { type Change, Forge, scratchFolder } from './scratch-forge.ts';

const report = (lines: number, covered: number): string =>
  `SF:src/a.js\n${Array.from({ length: lines }, (_, i) => `DA:${i + 1},${i < covered ? 1 : 0}\n`).join('')}end_of_record\n`;
const source = (lines: number): string => 'a();\n'.repeat(lines);
/** Counts its runs in a file outside of the checkout, prints a test count, and writes the report. */
const cover = (count: string): string =>
  `echo run >> '${count}'; echo "1 passed, 0 failed"; cat lcov.txt > rep.info; echo >> rep.info\n`;
const definition = (test: string, coverage: object): Change => ({
  'gatehouse.yaml': JSON.stringify({
    version: 1,
    test: { command: test },
    coverage: { report: 'rep.info', ...coverage },
  }),
});
const project = (count: string, test: string, coverage: object): Change => ({
  'src/a.js': source(10),
  'lcov.txt': report(10, 9),
  'cover.sh': cover(count),
  ...definition(test, coverage),
});
const runs = (count: string): number => readFileSync(count, 'utf8').trim().split('\n').length;

describe('what the coverage command runs', () => {
  const scripts = (cov: string): Change => ({ 'package.json': JSON.stringify({ name: 'x', scripts: { cov } }) });
  const made = async (test: string): Promise<Forge> => {
    const coverage = { command: 'npm run -s cov', mode: 'absolute', min: 50 };
    const forge = await Forge.make({ ...project('/dev/null', test, coverage), ...scripts('sh cover.sh') });
    forge.push({ branch: 'x', from: 'main' }, { ...scripts('sh forged.sh'), 'forged.sh': cover('/dev/null') });
    return forge;
  };

  test('may not be changed by the branch, nor measured by it', async () => {
    const verdict = await QG_CHECKS.check_coverage_gate(await contextFor(await made('true'), 'x'));
    expect(verdict).toMatchObject({
      status: 'fail',
      reason: 'the branch changes what the coverage command runs: package.json scripts.cov',
      findings: [{ rule: 'gate-changed', path: 'package.json' }],
    });
  });

  test('is said and measured where a person answers for it', async () => {
    const context = await contextFor(await made('true'), 'x');
    const verdict = await QG_CHECKS.check_coverage_gate({ ...context, allowGateChange: true });
    expect(verdict.status).toBe('pass');
    expect(verdict.warnings).toContain('gate-changed: package.json scripts.cov, by override');
  });

  test('is not asked again where the merge check passed the same change for its own command', async () => {
    const context = await contextFor(await made('npm run -s cov'), 'x');
    const subject = { ...context.subject, tested: context.subject.head };
    expect((await QG_CHECKS.check_coverage_gate({ ...context, subject })).status).toBe('pass');
    expect((await QG_CHECKS.check_coverage_gate(context)).status).toBe('fail');
  });

  test('in a Makefile or a script is said, as of the test command; `config: block` stops it', async () => {
    const asked = async (config: object) => {
      const coverage = { command: 'make cov', mode: 'absolute', min: 50, ...config };
      const makefile = 'cov:\n\t@sh cover.sh\n';
      const forge = await Forge.make({ ...project('/dev/null', 'true', coverage), Makefile: makefile });
      forge.push({ branch: 'x', from: 'main' }, { Makefile: `${makefile}\n` });
      return QG_CHECKS.check_coverage_gate(await contextFor(forge, 'x'));
    };
    const told = await asked({});
    expect(told.status).toBe('pass');
    expect(told.warnings.join()).toContain(
      'gate-touched: the branch changes what decides how coverage is measured: Makefile',
    );
    expect(await asked({ config: 'block' })).toMatchObject({ status: 'fail', findings: [{ path: 'Makefile' }] });
  });
});

describe('with_test', () => {
  test('one run of the test command serves both checks of a task, down to the baseline', async () => {
    const folder = scratchFolder();
    const count = join(folder, 'count');
    const coverage = { with_test: true, mode: 'both', min: 50, patch: { min: 80, policy: 'block' } };
    const forge = await Forge.make(project(count, 'sh cover.sh', coverage), folder);
    const service = await serviceOn(join(folder, 'data'));
    await register(service, forge.path);
    forge.push({ branch: 'x', from: 'main' }, { 'src/a.js': source(11), 'lcov.txt': report(11, 10) });
    expect((await atRest(service, await enqueue(service, 'x'))).stage).toBe('done');
    expect(runs(count)).toBe(1);
    expect((await ask(service, '/coverage?repo=app')).text).toContain('"covered":10');
    forge.push({ branch: 'y', from: 'main' }, { 'src/a.js': source(15), 'lcov.txt': report(15, 11) });
    const low = await atRest(service, await enqueue(service, 'y'));
    expect(low.stage).not.toBe('done');
    // One run for both checks, and one that confirms the failing verdict.
    expect(runs(count)).toBe(3);
  });

  test('a test command that writes no report leaves the coverage command to be run', async () => {
    const folder = scratchFolder();
    const count = join(folder, 'count');
    const coverage = { with_test: true, command: 'sh cover.sh', mode: 'absolute', min: 50 };
    const forge = await Forge.make(project(count, 'echo "1 passed, 0 failed"', coverage), folder);
    forge.push({ branch: 'x', from: 'main' }, { 'a.txt': 'a' });
    const said = await cli(['gate', 'all', '--repo', forge.path, '--branch', 'x', '--json']);
    expect(onlyJson(said)).toMatchObject({ status: 'pass' });
    expect(runs(count)).toBe(1);
  });

  test('without it each check runs its own command', async () => {
    const folder = scratchFolder();
    const count = join(folder, 'count');
    const forge = await Forge.make(project(count, 'sh cover.sh', { command: 'sh cover.sh', mode: 'absolute' }), folder);
    forge.push({ branch: 'x', from: 'main' }, { 'a.txt': 'a' });
    expect((await cli(['gate', 'all', '--repo', forge.path, '--branch', 'x', '--json'])).exit).toBe(0);
    expect(runs(count)).toBe(2);
  });
});

describe('a baseline in a folder', () => {
  const coverage = { command: 'sh cover.sh', mode: 'baseline', epsilon: 0 };

  test('is written when main is measured and compared with otherwise; a branch that passes does not move it', async () => {
    const folder = scratchFolder();
    const kept = join(folder, 'kept');
    const forge = await Forge.make(project('/dev/null', 'true', coverage), folder);
    forge.push({ branch: 'worse', from: 'main' }, { 'src/a.js': source(11), 'lcov.txt': report(11, 9) });
    forge.push({ branch: 'better', from: 'main' }, { 'lcov.txt': report(10, 10) });
    const gate = async (branch: string) =>
      onlyJson(await cli(['gate', 'coverage', '--repo', forge.path, '--branch', branch, '--baseline', kept, '--json']));
    expect(await gate('worse')).toMatchObject({
      status: 'pass',
      reason: expect.stringContaining('no baseline yet'),
    });
    expect(await gate('main')).toMatchObject({ status: 'pass' });
    expect(readFileSync(join(kept, '1.json'), 'utf8')).toContain('"covered":9');
    expect(await gate('worse')).toMatchObject({
      status: 'fail',
      findings: [{ rule: 'coverage/baseline' }, { rule: 'coverage/baseline', path: 'src/a.js', line: 10 }],
    });
    expect(await gate('better')).toMatchObject({ status: 'pass' });
    expect(await gate('worse')).toMatchObject({ status: 'fail' });
    expect(await gate('main')).toMatchObject({ status: 'pass' });
  });

  test('that is a file is a mistake in the call, before anything runs', async () => {
    const folder = scratchFolder();
    const file = join(folder, 'file');
    const forge = await Forge.make(project('/dev/null', 'true', coverage), folder);
    writeFileSync(file, '');
    for (const baseline of [file, join(file, 'below')]) {
      const { exit, err } = await cli([
        'gate',
        'coverage',
        '--repo',
        forge.path,
        '--branch',
        'main',
        '--baseline',
        baseline,
        '--json',
      ]);
      expect({ exit, said: err.includes(`--baseline ${baseline}: `), crashed: err.includes('crashed') }).toEqual({
        exit: 2,
        said: true,
        crashed: false,
      });
    }
  });
});
