/** The small real project the demo lands branches on: a ledger with node:test tests, LCOV coverage and no dependencies. */

export type Files = Readonly<Record<string, string | null>>;

const lines = (...text: string[]): string => `${text.join('\n')}\n`;

const money: string = lines(
  '/** Amounts are whole cents. */',
  'export function toCents(text) {',
  '  const match = /^(-?)(\\d+)(?:\\.(\\d{2}))?$/.exec(text);',
  '  if (match === null) return null;',
  "  const [, sign, whole, cents = '00'] = match;",
  '  const amount = Number(whole) * 100 + Number(cents);',
  "  return sign === '-' ? -amount : amount;",
  '}',
  '',
  'export function format(cents) {',
  "  const sign = cents < 0 ? '-' : '';",
  '  const size = Math.abs(cents);',
  "  return sign + Math.floor(size / 100) + '.' + String(size % 100).padStart(2, '0');",
  '}',
);

const ledger: string = lines(
  "import { toCents } from './money.mjs';",
  '',
  '/** Sums entries of the form `{ account, amount }`; an unreadable amount counts as nothing. */',
  'export function balance(entries, account) {',
  '  let sum = 0;',
  '  for (const entry of entries) {',
  '    if (entry.account !== account) continue;',
  '    sum += toCents(entry.amount) ?? 0;',
  '  }',
  '  return sum;',
  '}',
  '',
  'export function accounts(entries) {',
  '  return [...new Set(entries.map((entry) => entry.account))].sort();',
  '}',
);

const moneyTest = lines(
  "import assert from 'node:assert/strict';",
  "import { test } from 'node:test';",
  "import { format, toCents } from '../src/money.mjs';",
  '',
  "test('reads whole and decimal amounts', () => {",
  "  assert.equal(toCents('12'), 1200);",
  "  assert.equal(toCents('-0.05'), -5);",
  "  assert.equal(toCents('a lot'), null);",
  '});',
  '',
  "test('writes what it reads', () => {",
  "  for (const text of ['0.00', '12.34', '-7.05']) assert.equal(format(toCents(text)), text);",
  '});',
);

const ledgerTest = lines(
  "import assert from 'node:assert/strict';",
  "import { test } from 'node:test';",
  "import { accounts, balance } from '../src/ledger.mjs';",
  '',
  'const entries = [',
  "  { account: 'rent', amount: '-900' },",
  "  { account: 'pay', amount: '2100.50' },",
  "  { account: 'rent', amount: '-12.50' },",
  "  { account: 'pay', amount: 'unknown' },",
  '];',
  '',
  "test('sums one account', () => {",
  "  assert.equal(balance(entries, 'rent'), -91250);",
  "  assert.equal(balance(entries, 'pay'), 210050);",
  '});',
  '',
  "test('names every account once', () => {",
  "  assert.deepEqual(accounts(entries), ['pay', 'rent']);",
  '});',
);

const manifest = (dependencies?: Readonly<Record<string, string>>): string =>
  `${JSON.stringify({ name: 'pocket-ledger', version: '1.0.0', private: true, type: 'module', scripts: { test: 'node --test' }, ...(dependencies === undefined ? {} : { dependencies }) }, null, 2)}\n`;

const lockfile = (dependencies: Readonly<Record<string, string>> = {}): string => {
  const root = {
    name: 'pocket-ledger',
    version: '1.0.0',
    ...(Object.keys(dependencies).length > 0 ? { dependencies } : {}),
  };
  const installed = Object.fromEntries(
    Object.entries(dependencies).map(([name, version]) => [
      `node_modules/${name}`,
      { version, integrity: `sha512-${'A'.repeat(86)}==` },
    ]),
  );
  const lock = {
    name: 'pocket-ledger',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: { '': root, ...installed },
  };
  return `${JSON.stringify(lock, null, 2)}\n`;
};

/** The files of the project's first commit. */
export const firstFiles: Files = {
  'README.md': lines('# pocket-ledger', '', 'A ledger small enough to read, used by the Gatehouse demo.'),
  '.gitignore': lines('coverage/'),
  'package.json': manifest(),
  'package-lock.json': lockfile(),
  'src/money.mjs': money,
  'src/ledger.mjs': ledger,
  'test/money.test.mjs': moneyTest,
  'test/ledger.test.mjs': ledgerTest,
};

/** A later commit of main, so that a branch cut from the first one is behind. */
export const secondFiles: Files = {
  'src/ledger.mjs': ledger.replace('an unreadable amount counts as nothing.', 'an unreadable amount is left out.'),
};

/** Adding a dependency, in the manifest and the lockfile alike. */
export const withDependency = (name: string, version: string): Files => ({
  'package.json': manifest({ [name]: version }),
  'package-lock.json': lockfile({ [name]: version }),
});

/** The operator's file for this repository: the exact Node that runs the service, no network, a short deadline. */
export function operatorFile(node: string, timeoutSeconds: number): string {
  const run = `"${node}" --test`;
  return lines(
    'version: 1',
    'test:',
    `  command: ${JSON.stringify(`${run} --test-reporter=spec "test/*.test.mjs"`)}`,
    `  timeout: ${timeoutSeconds}s`,
    '  min_tests: 4',
    'coverage:',
    `  command: ${JSON.stringify(
      `mkdir -p coverage && ${run} --experimental-test-coverage --test-reporter=lcov --test-reporter-destination=coverage/lcov.info "test/*.test.mjs"`,
    )}`,
    '  report: coverage/lcov.info',
    '  mode: baseline',
    `  timeout: ${timeoutSeconds}s`,
  );
}

/** What the operator's file adds where agents do every stage: their commands, and how a commit is deployed. */
export function agentsFile(node: string, script: string, places: { staging: string; production: string }): string {
  const append = (place: string): string => `echo "$GATEHOUSE_TESTED_SHA" >> "${place}"`;
  return lines(
    `agents: { scripted: ${JSON.stringify(script)}, timeout: 60s }`,
    `ci: { command: ${JSON.stringify(`for file in src/*.mjs; do "${node}" --check "$file" || exit 1; done`)} }`,
    'deploy:',
    `  staging: ${JSON.stringify(append(places.staging))}`,
    `  production: ${JSON.stringify(append(places.production))}`,
    // What they write lies outside of every checkout, as the places of real deployments do.
    '  isolation: none',
    `  freshness: ${JSON.stringify(`grep -q "$GATEHOUSE_TESTED_SHA" "${places.staging}" || exit 10`)}`,
  );
}

export { ledger as ledgerSource, money as moneySource };
