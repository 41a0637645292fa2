/**
 * The branches of the demo and how each must end. What is expected here is compared with what git, the store and the
 * reports say afterwards (audit.ts); nothing in the pipeline reads it.
 */
import type { CheckVerdict } from '@gatehouse/verdict';
import { type Files, ledgerSource, moneySource, withDependency } from './project.ts';
import { testFile } from './test-file.ts';

export interface Commit {
  readonly message: string;
  readonly files: Files;
}

export interface Scenario {
  readonly name: string;
  readonly branch: string;
  readonly title: string;
  /** Which commit of main the branch is cut from. */
  readonly from: 'first' | 'second';
  readonly commits: readonly Commit[];
  /** Enqueued only after this scenario has ended. */
  readonly after?: string;
  /** A person stops it as soon as a process with this marker on its command line runs. */
  readonly stopWhileRunning?: string;
  readonly expected: Expected;
}

export type Expected =
  | { readonly end: 'landed' }
  | { readonly end: 'stopped' }
  /** Exactly one branch of the pair lands; the other is red on top of it. */
  | { readonly end: 'one-of-pair'; readonly pair: string }
  | {
      readonly end: 'kept-out';
      readonly check: string;
      readonly status: CheckVerdict['status'];
      readonly rule?: string;
    };

const keptOut = (check: string, rule?: string): Expected => ({
  end: 'kept-out',
  check,
  status: 'fail',
  ...(rule === undefined ? {} : { rule }),
});

/** A token with the shape of a forge's, made at run time so that no secret-looking text stands in the source. */
export const fakeToken = (): string => ['gh', 'p_', 'Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d'].join('');

/** `marker` appears in the command line of every process the hanging branch leaves behind. */
export function scenarios(marker: string): readonly Scenario[] {
  return [
    {
      name: 'good',
      branch: 'feature/L-1-largest-entry',
      title: 'add largest()',
      from: 'second',
      commits: [
        {
          message: 'ledger: find the largest entry',
          files: {
            'src/largest.mjs':
              "import { toCents } from './money.mjs';\n\nexport const largest = (entries) =>\n  entries.reduce((best, entry) => Math.max(best, toCents(entry.amount) ?? 0), 0);\n",
            'test/largest.test.mjs': testFile(
              'finds the largest entry',
              "import { largest } from '../src/largest.mjs';",
              "  assert.equal(largest([{ amount: '3' }, { amount: '12.50' }, { amount: 'x' }]), 1250);",
            ),
          },
        },
      ],
      expected: { end: 'landed' },
    },
    {
      name: 'good but behind main',
      branch: 'feature/L-2-count',
      title: 'add count()',
      from: 'first',
      commits: [
        {
          message: 'ledger: count the entries of an account',
          files: {
            'src/count.mjs':
              'export const count = (entries, account) => entries.filter((entry) => entry.account === account).length;\n',
            'test/count.test.mjs': testFile(
              'counts the entries of one account',
              "import { count } from '../src/count.mjs';",
              "  assert.equal(count([{ account: 'a' }, { account: 'b' }, { account: 'a' }], 'a'), 2);",
            ),
          },
        },
      ],
      expected: { end: 'landed' },
    },
    {
      name: 'red',
      branch: 'feature/L-3-rounding',
      title: 'round to whole units (wrongly)',
      from: 'second',
      commits: [
        {
          message: 'money: round',
          files: { 'src/money.mjs': moneySource.replace('size % 100).padStart', 'size % 10).padStart') },
        },
      ],
      expected: keptOut('check_branch_mergeable', 'red-test'),
    },
    {
      name: 'conflict',
      branch: 'feature/L-4-reword',
      title: 'reword the line main reworded',
      from: 'first',
      commits: [
        {
          message: 'ledger: say what an unreadable amount means',
          files: { 'src/ledger.mjs': ledgerSource.replace('counts as nothing', 'is an error of the caller') },
        },
      ],
      expected: keptOut('check_branch_mergeable', 'conflict'),
    },
    {
      name: 'leaked secret',
      branch: 'feature/L-5-sync',
      title: 'add a token, then delete it',
      from: 'second',
      commits: [
        { message: 'sync: talk to the forge', files: { 'src/sync.mjs': `export const token = '${fakeToken()}';\n` } },
        {
          message: 'sync: read the token from the environment',
          files: { 'src/sync.mjs': 'export const token = process.env.FORGE_TOKEN;\n' },
        },
      ],
      expected: keptOut('check_security_gate'),
    },
    {
      name: 'vulnerable dependency',
      branch: 'feature/L-6-parser',
      title: 'add a parser with a known hole',
      from: 'second',
      commits: [{ message: 'parser: use a library', files: withDependency('csv-quick-parser', '1.0.2') }],
      expected: keptOut('check_security_gate'),
    },
    {
      name: 'hang with orphans',
      branch: 'feature/L-7-watch',
      title: 'a test that never ends and leaves processes behind',
      from: 'second',
      commits: [{ message: 'watch: wait for changes', files: { 'test/watch.test.mjs': hangingTest(marker) } }],
      expected: { end: 'kept-out', check: 'check_branch_mergeable', status: 'defer' },
    },
    {
      name: 'stopped mid-run',
      branch: 'feature/L-11-follow',
      title: 'a test that somebody stops while it runs',
      from: 'second',
      commits: [
        { message: 'follow: wait for news', files: { 'test/follow.test.mjs': hangingTest(`${marker}-stopped`) } },
      ],
      stopWhileRunning: `${marker}-stopped`,
      expected: { end: 'stopped' },
    },
    {
      name: 'green alone, red together (1)',
      branch: 'feature/L-8-thousands',
      title: 'write thousands with a comma',
      from: 'second',
      commits: [
        {
          message: 'money: separate thousands',
          files: {
            'src/money.mjs': moneySource.replace(
              'Math.floor(size / 100)',
              "Math.floor(size / 100).toLocaleString('en-US')",
            ),
            'test/thousands.test.mjs': testFile(
              'separates thousands',
              "import { format } from '../src/money.mjs';",
              "  assert.equal(format(123456), '1,234.56');",
            ),
          },
        },
      ],
      expected: { end: 'one-of-pair', pair: 'amount format' },
    },
    {
      name: 'green alone, red together (2)',
      branch: 'feature/L-9-statement',
      title: 'print a statement in the plain format',
      from: 'second',
      commits: [
        {
          message: 'statement: one line per account',
          files: {
            'src/statement.mjs':
              "import { balance } from './ledger.mjs';\nimport { format } from './money.mjs';\n\nexport const statement = (entries, account) => account + ' ' + format(balance(entries, account));\n",
            'test/statement.test.mjs': testFile(
              'prints the balance of an account',
              "import { statement } from '../src/statement.mjs';",
              "  assert.equal(statement([{ account: 'pay', amount: '2100.50' }], 'pay'), 'pay 2100.50');",
            ),
          },
        },
      ],
      expected: { end: 'one-of-pair', pair: 'amount format' },
    },
    {
      name: 'coverage drop',
      branch: 'feature/L-10-export',
      title: 'add code that no test runs',
      from: 'second',
      after: 'good',
      commits: [
        {
          message: 'export: write other formats',
          files: {
            'src/export.mjs': untestedSource(),
            'test/export.test.mjs': testFile(
              'knows its formats',
              "import { formats } from '../src/export.mjs';",
              "  assert.deepEqual(formats, ['csv', 'html']);",
            ),
          },
        },
      ],
      expected: keptOut('check_coverage_gate', 'coverage/baseline'),
    },
  ];
}

const untestedSource = (): string =>
  [
    "export const formats = ['csv', 'html'];",
    '',
    'export function toCsv(entries) {',
    '  const rows = [];',
    '  for (const entry of entries) {',
    '    const cells = [entry.account, entry.amount];',
    "    rows.push(cells.join(';'));",
    '  }',
    "  return rows.join('\\n');",
    '}',
    '',
    'export function toHtml(entries) {',
    '  const rows = [];',
    '  for (const entry of entries) {',
    "    rows.push('<tr><td>' + entry.account + '</td><td>' + entry.amount + '</td></tr>');",
    '  }',
    "  return '<table>' + rows.join('') + '</table>';",
    '}',
    '',
  ].join('\n');

/** Starts processes that leave its group, one of them without a parent, and then waits for ever. */
function hangingTest(marker: string): string {
  const orphan = `"$0" -e "setInterval(() => {}, 1000)" ${marker} &`;
  return [
    "import { spawn } from 'node:child_process';",
    "import { test } from 'node:test';",
    '',
    "test('waits for a change', async () => {",
    "  const away = { detached: true, stdio: 'ignore' };",
    `  spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '${marker}'], away).unref();`,
    `  spawn('sh', ['-c', '${orphan}', process.execPath], away).unref();`,
    '  await new Promise((resolve) => setInterval(resolve, 2 ** 30));',
    '});',
    '',
  ].join('\n');
}
