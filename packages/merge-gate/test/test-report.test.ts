import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkBranchMergeable, type MergeVerdict, mergeCheckVerdict, type TestPolicy } from '@gatehouse/merge-gate';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failureDetails } from '../src/failure-details.ts';
import { readCtrf } from '../src/reports/ctrf.ts';
import { readJestJson } from '../src/reports/jest-json.ts';
import { readJunit } from '../src/reports/junit.ts';
import type { ReportReading } from '../src/reports/report-reading.ts';
import { countReport } from '../src/test-report.ts';
import { POLICY, ScratchRepository } from './scratch-repository.ts';

const names = (reading: ReportReading): readonly string[] =>
  reading.kind === 'read' ? reading.failures.map(({ name }) => name) : [];

const SUREFIRE = `<?xml version="1.0" encoding="UTF-8"?>
<!-- written by a build tool -->
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" name="com.acme.FooTest" tests="99" failures="0">
  <properties><property name="java.home" value="/opt/jdk"/></properties>
  <testcase name="adds" classname="com.acme.FooTest" time="0.01"><system-out><![CDATA[<failure>]]></system-out></testcase>
  <testcase name="adds again" classname="com.acme.FooTest"><flakyFailure message="once"/></testcase>
  <testcase name="divides" classname="com.acme.FooTest"><error message="/ by zero" type="E"><![CDATA[/ by zero
	at com.acme.Foo.divide(Foo.java:7)]]></error></testcase>
  <testcase name="later" classname="com.acme.FooTest"><skipped/></testcase>
  <testcase name="never" classname="com.acme.FooTest" status="disabled" />
</testsuite>
`;

describe('JUnit XML', () => {
  test('tests are counted one by one: what attributes claim, what only a log says and what was skipped do not count', () => {
    expect(readJunit(SUREFIRE)).toEqual({
      kind: 'read',
      total: 5,
      ran: 3,
      failures: [{ name: 'com.acme.FooTest > divides', detail: '/ by zero\n\tat com.acme.Foo.divide(Foo.java:7)' }],
      failing: 1,
    });
  });

  test('a suite that fails outside of its tests is a failing name', () => {
    const text =
      '<testsuites><testsuite name="db"><error message="no &lt;database&gt;&#10;here"/></testsuite></testsuites>';
    expect(readJunit(text)).toEqual({
      kind: 'read',
      total: 0,
      ran: 0,
      failures: [{ name: 'db', detail: 'no <database>\nhere' }],
      failing: 1,
    });
  });

  test('a name cannot carry control characters or be endless', () => {
    const text = `<testsuite><testcase name="a&#10;::set-env::b${'x'.repeat(9000)}"><failure/></testcase></testsuite>`;
    const [name = ''] = names(readJunit(text));
    expect(name).toMatch(/^a ::set-env::bx+$/);
    expect(name.length).toBeLessThanOrEqual(500);
  });

  const unreadable: readonly (readonly [string, string, RegExp])[] = [
    ['an empty file', '', /no root element/],
    ['a report that a killed runner left half-written', SUREFIRE.slice(0, 700), /middle|torn/],
    ['text in place of a report', 'Killed\n', /outside of its root/],
    ['another XML', '<html></html>', /no JUnit report/],
    ['tags that cross', '<testsuite><testcase></testsuite></testcase>', /closes what is not open/],
    ['two roots', '<testsuite/><testsuite/>', /second root/],
    [
      'an entity bomb',
      '<!DOCTYPE lolz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><testsuite name="&b;"/>',
      /document type/,
    ],
    ['an external entity', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite/>', /document type/],
    ['a tower of tags', `${'<testsuite>'.repeat(5000)}`, /nested too deeply/],
    ['a quote that never closes', `<testsuite name="${'x'.repeat(1_000_000)}`, /torn/],
  ];
  test.each(unreadable)('%s is unreadable', (_title, text, reason) => {
    expect(readJunit(text)).toEqual({ kind: 'unreadable', reason: expect.stringMatching(reason) });
  });

  test('an entity that XML does not know stays as it was written', () => {
    const text = '<testsuite><testcase name="&evil; &amp;lt; &#x110000;"><failure/></testcase></testsuite>';
    expect(names(readJunit(text))).toEqual(['&evil; &lt; &#x110000;']);
  });

  test('whatever the text, the answer comes, and never more ran than there are', () => {
    const pieces = fc.constantFrom(
      '<testsuite>',
      '</testsuite>',
      '<testcase name="x">',
      '</testcase>',
      '<failure message="m">',
      '</failure>',
      '<skipped/>',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      '<',
      '>',
      '"',
      '&#10;',
      'x',
    );
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (one) => {
        const reading = readJunit(one);
        return reading.kind === 'unreadable' || reading.ran <= reading.total;
      }),
    );
  });
});

test('the JUnit reporter of node:test is read as it writes', () => {
  const dir = mkdtempSync(join(tmpdir(), 'junit-'));
  const file = join(dir, 'x.test.mjs');
  writeFileSync(
    file,
    `import test, { describe, it } from 'node:test';
     describe('suite', () => { it('good', () => {}); it('bad', () => { throw new Error('the <reason>'); }); it.skip('idle', () => {}); });
     test('top', () => { throw new Error('top reason'); });`,
  );
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ['--test', '--test-reporter=junit', file], { env, encoding: 'utf8' });
  rmSync(dir, { recursive: true });
  const reading = readJunit(stdout);
  expect(reading).toMatchObject({ kind: 'read', total: 4, ran: 3 });
  expect(names(reading)).toEqual(['suite > bad', 'top']);
  expect(reading.kind === 'read' && reading.failures[0]?.detail).toContain('the <reason>');
});

describe('other formats', () => {
  test('the JSON of Jest: pending and todo did not run, a file that cannot be loaded fails by its name', () => {
    const results = ['passed', 'failed', 'pending', 'todo'].map((status) => ({
      ancestorTitles: ['suite'],
      title: status,
      status,
      failureMessages: status === 'failed' ? ['Error: why'] : [],
    }));
    const broken = { name: '/slot/b.test.js', status: 'failed', message: 'Cannot find module', assertionResults: [] };
    const text = JSON.stringify({
      numTotalTests: 99,
      testResults: [{ name: '/slot/a.test.js', status: 'failed', assertionResults: results }, broken],
    });
    expect(readJestJson(text, '/slot')).toEqual({
      kind: 'read',
      total: 4,
      ran: 2,
      failures: [
        { name: 'a.test.js > suite > failed', detail: 'Error: why' },
        { name: 'b.test.js', detail: 'Cannot find module' },
      ],
      failing: 2,
    });
  });

  test('the JSON of Jest: a file that fails with no failing test, as by a hook after all, fails by its name', () => {
    const passed = { ancestorTitles: [], title: 'a', status: 'passed', failureMessages: [] };
    const file = { name: '/slot/a.test.js', status: 'failed', message: 'afterAll threw', assertionResults: [passed] };
    expect(readJestJson(JSON.stringify({ testResults: [file] }), '/slot')).toEqual({
      kind: 'read',
      total: 1,
      ran: 1,
      failures: [{ name: 'a.test.js', detail: 'afterAll threw' }],
      failing: 1,
    });
  });

  test('CTRF: tests are counted one by one, and one that passed when tried again is no failure', () => {
    const tests = [
      { name: 'good', status: 'passed', duration: 1 },
      { name: 'again', status: 'passed', flaky: true, retries: 1 },
      { name: 'bad', status: 'failed', suite: ['a.js', 'suite'], message: 'no', trace: 'at a.js:1' },
      { name: 'old', status: 'failed', suite: 'a.js > suite' },
      { name: 'idle', status: 'skipped' },
      { name: 'later', status: 'pending' },
      { name: 'odd', status: 'other' },
    ];
    const text = JSON.stringify({ results: { tool: { name: 't' }, summary: { failed: 99 }, tests } });
    expect(readCtrf(text)).toEqual({
      kind: 'read',
      total: 7,
      ran: 4,
      failures: [
        { name: 'a.js > suite > bad', detail: 'no\nat a.js:1' },
        { name: 'a.js > suite > old', detail: '' },
      ],
      failing: 2,
    });
    for (const bad of ['', '[]', '{"results":{}}', '{"results":{"tests":[{}]}}', 'null'])
      expect(readCtrf(bad).kind).toBe('unreadable');
  });

  test('JUnit XML: a test marked to be done that fails was expected to', () => {
    const text = readFileSync(new URL('./runner-output/green-node-junit.txt', import.meta.url), 'utf8');
    expect(readJunit(text)).toEqual({ kind: 'read', total: 4, ran: 1, failures: [], failing: 0 });
  });

  test('more failures than are kept are all counted', () => {
    const cases = '<testcase name="x"><failure message="m"/></testcase>'.repeat(501);
    expect(readJunit(`<testsuite>${cases}</testsuite>`)).toMatchObject({ total: 501, failing: 501 });
    expect(names(readJunit(`<testsuite>${cases}</testsuite>`))).toHaveLength(500);
  });

  test.each(['', '[]', '{"testResults":[{}]}', '{"testResults":7}', 'null', '{'])(
    'JSON that is no report is unreadable: %j',
    (text) => {
      expect(readJestJson(text, '/').kind).toBe('unreadable');
    },
  );

  test('TAP needs its plan', () => {
    expect(countReport('tap', ['ok 1 - a\nnot ok 2 - b\n1..2\n'], '/')).toMatchObject({ total: 2, ran: 2 });
    expect(countReport('tap', ['ok 1 - a\n'], '/').kind).toBe('unreadable');
  });

  test('the files of a directory add up, and one that is torn spoils the whole', () => {
    expect(countReport('junit', [SUREFIRE, SUREFIRE], '/')).toMatchObject({ total: 10, ran: 6 });
    expect(countReport('junit', [SUREFIRE, '<testsuite>'], '/').kind).toBe('unreadable');
  });
});

describe('a policy that names its report', () => {
  let scratch: ScratchRepository;
  beforeEach(async () => {
    scratch = await ScratchRepository.open({ 'report.xml': SUREFIRE });
  });
  afterEach(() => scratch.close());

  const policy = (command: string, changes: Partial<TestPolicy> = {}): TestPolicy => ({
    ...POLICY,
    command,
    testReport: { format: 'junit', path: 'report.xml' },
    ...changes,
  });
  const ask = async (
    asked: TestPolicy,
    files: Parameters<ScratchRepository['commit']>[1] = {},
  ): Promise<MergeVerdict> => {
    scratch.commit('task', { 'a.txt': 'a\n', ...files });
    return checkBranchMergeable(await scratch.request('task', { policy: asked }), { lease: scratch.lease });
  };
  const report = (...cases: readonly string[]): string => `echo '<testsuite name="s">${cases.join('')}</testsuite>'`;
  const GOOD = '<testcase name="good"/>';
  const BAD = '<testcase name="bad"><failure message="why it fails"/></testcase>';

  test('is counted by the report, whatever the output says', async () => {
    const verdict = await ask(policy(`echo '1..0'; ${report(GOOD, GOOD)} > report.xml`, { minTests: 2 }));
    expect(verdict).toMatchObject({ kind: 'mergeable', warnings: [], evidence: { run: { tests: { total: 2 } } } });
    expect(mergeCheckVerdict(verdict, { base: '', head: '' }).reason).toContain('(2 tests)');
  });

  test('a report the branch committed is removed before the run and proves nothing', async () => {
    expect(await ask(policy('echo "1..1"; echo "ok 1 - x"'), { 'report.xml': `${SUREFIRE} ` })).toMatchObject({
      kind: 'tool-failed',
      run: { ending: 'no-report', reason: expect.stringContaining('did not write it') },
    });
  });

  test('a green run whose report is torn or counts too few is no proof', async () => {
    expect(await ask(policy('echo "<testsuite>" > report.xml'))).toMatchObject({ run: { ending: 'no-report' } });
    expect(await ask(policy(`${report()} > report.xml`))).toMatchObject({ run: { ending: 'no-tests' } });
    expect(await ask(policy(`${report(GOOD)} > report.xml`, { minTests: 2 }))).toMatchObject({
      run: { ending: 'too-few-tests' },
    });
  });

  test('red names its failing tests and why each failed', async () => {
    const files = { 'broken.txt': 'x\n' };
    const command = `if test -e broken.txt; then ${report(GOOD, BAD)} > report.xml; exit 1; fi; ${report(GOOD)} > report.xml`;
    const verdict = await ask(policy(command), files);
    expect(verdict).toMatchObject({ kind: 'red', certificate: { failing: ['s > bad'] } });
    const messages = mergeCheckVerdict(verdict, { base: '', head: '' }).findings.map(({ message }) => message);
    expect(messages).toContain('failing: s > bad\n\nwhy it fails');
  });

  test('red without a report is still red, by the names in its output', async () => {
    const command = 'echo 1..1; if test -e broken.txt; then echo "not ok 1 - b"; exit 1; fi; ';
    const verdict = await ask(policy(`${command} ${report(GOOD)} > report.xml`), { 'broken.txt': 'x\n' });
    expect(verdict).toMatchObject({ kind: 'red', certificate: { failing: ['b'] } });
  });

  test('a failure in the report is red although the exit status hides it, and needs its certificate', async () => {
    const failing = `if test -e broken.txt; then ${report(GOOD, BAD)}; else ${report(GOOD, GOOD)}; fi > report.xml; true`;
    const verdict = await ask(policy(failing), { 'broken.txt': 'x\n' });
    expect(verdict).toMatchObject({
      kind: 'red',
      certificate: {
        failing: ['s > bad'],
        second: { exitCode: 0, reason: expect.stringMatching(/^exit status 0, but the runner counts 1 failing test:/) },
      },
    });
    expect(scratch.story.slice(0, 3)).toEqual(['branch red', 'branch-again red', 'base green']);
  });

  test('every file of a directory is read, and only reports are removed from it', async () => {
    const asked = policy(`test -e out/keep.txt && ${report(GOOD)} > out/a.xml && ${report(GOOD)} > out/b.xml`, {
      testReport: { format: 'junit', path: 'out' },
    });
    const verdict = await ask(asked, { 'out/keep.txt': 'k\n', 'out/old.xml': SUREFIRE });
    expect(verdict).toMatchObject({ kind: 'mergeable', evidence: { run: { tests: { total: 2 } } } });
  });

  test('a link on the way is not followed: nothing outside of the slot is removed or read', async () => {
    const outside = join(scratch.root, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'report.xml'), SUREFIRE);
    scratch.link('task', 'out', outside);
    const asked = policy('exit 0', { testReport: { format: 'junit', path: 'out/report.xml' } });
    expect(await ask(asked)).toMatchObject({ kind: 'tool-failed', reason: expect.stringContaining('no plain folder') });
    expect(readFileSync(join(outside, 'report.xml'), 'utf8')).toBe(SUREFIRE);
    expect(scratch.story).toEqual(['branch tool-failed']);
  });

  test('a report that is a link, a pipe or a second name of a file is not read', async () => {
    writeFileSync(join(scratch.root, 'elsewhere.xml'), SUREFIRE);
    for (const make of ['ln -s', 'ln']) {
      const command = `${make} ${scratch.root}/elsewhere.xml report.xml`;
      expect(await ask(policy(command))).toMatchObject({ run: { ending: 'no-report' } });
    }
    expect(await ask(policy('mkfifo report.xml'))).toMatchObject({ run: { ending: 'no-report' } });
    expect(existsSync(join(scratch.root, 'elsewhere.xml'))).toBe(true);
  });

  test('a path that leads out of the repository is refused before anything runs', async () => {
    for (const path of ['/etc/passwd', '../x.xml', 'a/../../x.xml', '.git/config', 'a/.GIT/x', '', 'x/', 'a\\b', '.']) {
      const asked = policy('exit 0', { testReport: { format: 'junit', path } });
      expect(await ask(asked)).toMatchObject({ kind: 'tool-failed', reason: expect.stringContaining('testReport') });
    }
    const format = 'html' as 'junit';
    expect(await ask(policy('true', { testReport: { format, path: 'x' } }))).toMatchObject({ kind: 'tool-failed' });
    expect(scratch.story).toEqual([]);
  });
});

describe('the lines that explain a failure', () => {
  const padding = Array.from({ length: 200 }, (_, index) => `PASS file-${index}.js`).join('\n');

  test('the account of a failure is found between its mentions, not the first or the last one', () => {
    const output = `✕ adds two numbers (3 ms)\n${padding}\n● suite › adds two numbers\n\n    Expected: 2\n    Received: 1\n      at x.js:3\n${padding}\nFailed: adds two numbers\n${padding}`;
    const [first] = failureDetails(output, ['a.test.js > suite › adds two numbers']);
    expect(first?.detail).toMatch(/^● suite › adds two numbers[\s\S]*Received: 1/);
  });

  test('a name that nothing explains is left out, and no log makes the answer long', () => {
    expect(failureDetails(padding, ['no such test'])).toEqual([]);
    const long = `bad test\n${'Error: x'.repeat(10_000)}\n`.repeat(50);
    const details = failureDetails(
      long,
      Array.from({ length: 100 }, () => 'bad test'),
    );
    expect(JSON.stringify(details).length).toBeLessThan(20_000);
  });
});
