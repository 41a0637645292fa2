/** gitleaks beside the embedded engine: what it adds, what it cannot take away, and that its silence is never believed. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findGitleaks, type ScanRequest, type SecretEngine, scanSecrets } from '@gatehouse/security-gate';
import { afterAll, describe, expect, test } from '@jest/globals';
import { readGitleaks } from '../src/worker/gitleaks-report.ts';
import { githubToken } from './fake-secrets.ts';
import { type Files, planting } from './planted.ts';
import { expectSilent, scanned } from './scanned.ts';

const plant = planting();
const folder = mkdtempSync(join(tmpdir(), 'gitleaks-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function engineOf(command: string): Promise<SecretEngine> {
  const found = await findGitleaks({ command });
  if (found.kind !== 'found') throw new Error(JSON.stringify(found));
  return found.engine;
}

function range(base: Files, head: Files): Pick<ScanRequest, 'git' | 'base' | 'head'> {
  const repo = plant();
  return { git: repo.git, base: repo.commit({ 'a.txt': 'a', ...base }), head: repo.commit(head) };
}

/** A program that answers as gitleaks does: `does` runs in its folder, with the contents in `in`. */
function fake(name: string, does: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\ncase "$1" in version) echo 8.30.1; exit 0 ;; esac\n${does}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** As recorded of 8.30.1, with a rule of our own. */
const entry = (file: string, rule: string, secret: string): string =>
  `{"RuleID":"${rule}","Description":"x","StartLine":2,"EndLine":2,"StartColumn":5,"EndColumn":9,"Match":"${secret}","Secret":"${secret}","File":"${file}","SymlinkFile":"","Commit":"","Entropy":3,"Author":"","Email":"","Date":"","Message":"","Tags":[],"Fingerprint":"${file}:${rule}:2"}`;
const SEEN = entry('in/canary', 'gatehouse-canary', 'x');
/** Where the file is that holds `mine-`; of a batch without one only the canary is reported. */
const reporting = (entries: string): string => `at=$(grep -l mine- in/[0-9]* 2> /dev/null | head -n 1)
at=\${at#in/}
if [ -n "$at" ]; then cat > report.json <<END
[${entries}]
END
else cat > report.json <<'END'
[${SEEN}]
END
fi
exit 77`;
const mine = 'mine-Zq81kfU2pLx9';

describe('what gitleaks finds', () => {
  test('is added to what the embedded engine finds, under its own rule', async () => {
    const engine = await engineOf(fake('adds', reporting(`${entry('in/$at', 'ours', mine)},${SEEN}`)));
    const found = await scanned({ ...range({}, { 'b.txt': `x\n    ${mine}\n` }), engine });
    expect(found.findings).toMatchObject([{ rule: 'gitleaks/ours', path: 'b.txt', line: 2, column: 5, count: 1 }]);
    expect(found.engines).toEqual(expect.arrayContaining(['gitleaks 8.30.1']));
    expectSilent(found, mine);
  });

  test('is one finding with what the embedded engine found of the same secret', async () => {
    const token = githubToken('union');
    const longer = entry('in/$at', 'github-pat', `'${token}'`.replaceAll("'", ''));
    const engine = await engineOf(fake('same', reporting(`${longer},${SEEN}`)));
    const found = await scanned({ ...range({}, { 'b.txt': `mine- ${token}\n` }), engine });
    expect(found.findings.map(({ rule }) => rule)).toEqual(['secret/github']);
  });

  test('counts only where base does not have it, and not where documentation prints it', async () => {
    const engine = await engineOf(fake('old', reporting(`${entry('in/$at', 'ours', mine)},${SEEN}`)));
    const old = await scanned({ ...range({ 'old.txt': `${mine}\n` }, { 'b.txt': `x\n${mine}\n` }), engine });
    expect([old.findings.length, old.preexisting.length]).toEqual([0, 1]);
    const example = await engineOf(
      fake('example', reporting(`${entry('in/$at', 'ours', 'mine-EXAMPLE-KEY')},${SEEN}`)),
    );
    expect((await scanned({ ...range({}, { 'b.txt': 'mine-EXAMPLE-KEY\n' }), engine: example })).findings).toEqual([]);
  });
});

describe('a gitleaks is never believed that', () => {
  test.each([
    ['finds nothing, its canary neither', "echo '[]' > report.json; exit 0"],
    ['reports without the canary', reporting(entry('in/$at', 'ours', mine))],
    ['ends as if it had found something, without a report', 'exit 77'],
    ['leaves half a report', `echo '[${SEEN}' > report.json; exit 77`],
    ['reports no list', `echo '{}' > report.json; exit 77`],
    ['names a file that it was not given', reporting(`${entry('in/999', 'ours', mine)},${SEEN}`)],
    ['names no rule', reporting(`{"Secret":"x","File":"in/0"},${SEEN}`)],
    ['fails', 'exit 1'],
    ['is killed', 'kill -9 $$'],
  ])('%s', async (name, does) => {
    const engine = await engineOf(fake(`bad ${name.length}`, does));
    expect(await scanSecrets({ ...range({}, { 'b.txt': mine }), engine })).toMatchObject({ kind: 'tool-failed' });
  });

  test('does not end, and the scan has its deadline all the same', async () => {
    const engine = await engineOf(fake('hangs', 'sleep 600'));
    expect(await scanSecrets({ ...range({}, { 'b.txt': mine }), engine, timeoutMs: 1500 })).toEqual({
      kind: 'timeout',
    });
  });
});

describe('a scanner that is required', () => {
  test('and is not there lets nothing pass, whatever the embedded one says', async () => {
    expect(await scanSecrets({ ...range({}, { 'b.txt': 'x' }), requireEngine: 'gitleaks' })).toEqual({
      kind: 'tool-failed',
      reason: 'gitleaks is required and is not on this machine',
    });
  });

  test('is absent where the program is missing, or is another one', async () => {
    expect(await findGitleaks({ command: '/no/such/gitleaks' })).toMatchObject({ kind: 'absent' });
    expect(await findGitleaks({ command: 'false' })).toMatchObject({ kind: 'absent' });
  });
});

const isHere = spawnSync('gitleaks', ['version']).status === 0;
const demanded = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1';
const real: typeof test = isHere || demanded ? test : (test.skip as typeof test);

describe('the real gitleaks', () => {
  const RULES =
    '[extend]\nuseDefault = true\n[[rules]]\nid = "ours"\ndescription = "x"\nregex = \'mine-[A-Za-z0-9]{12}\'\n';
  const HIDE = '[extend]\nuseDefault = true\n[allowlist]\nregexes = [".*"]\n';

  real('reads its configuration at base, and nothing that the branch says of it', async () => {
    const engine = await engineOf('gitleaks');
    const head = {
      'b.txt': `x ${mine} # gitleaks:allow\n`,
      '.gitleaks.toml': HIDE,
      '.gitleaksignore': 'in/0:ours:1\n',
    };
    const found = await scanned({ ...range({ '.gitleaks.toml': RULES }, head), engine });
    expect(found.findings).toMatchObject([{ rule: 'gitleaks/ours', path: 'b.txt', line: 1 }]);
    expect(found.trustFiles).toEqual(expect.arrayContaining(['.gitleaks.toml', '.gitleaksignore']));
  });

  real('adds no second finding of a token that both know, and none where there is none', async () => {
    const engine = await engineOf('gitleaks');
    const token = githubToken('both');
    const found = await scanned({ ...range({}, { 'b.txt': `token = "${token}"\n`, 'c.txt': 'nothing\n' }), engine });
    expect(found.findings.map(({ rule, path }) => [rule, path])).toEqual([['secret/github', 'b.txt']]);
    expectSilent(found, token);
  });

  real.each([
    ['cannot be read', 'nonsense = ['],
    ['hides everything', HIDE],
  ])('whose configuration at base %s says nothing', async (_what, config) => {
    const engine = await engineOf('gitleaks');
    const asked = range({ '.gitleaks.toml': config }, { 'b.txt': 'x\n' });
    expect(await scanSecrets({ ...asked, engine })).toMatchObject({
      kind: 'tool-failed',
      reason: expect.stringContaining('gitleaks'),
    });
  });
});

test('a report of anything is read or refused, and never throws', () => {
  for (const text of ['', 'null', '[null]', '[1]', '[[]]', '{"a":1}', '[{"RuleID":1}]', '\u0000', '[{}]'])
    expect(readGitleaks(Buffer.from(text), ['a'])).toMatchObject({ kind: 'malformed' });
  const odd = `[${entry('in/0', '../x', 's')},${SEEN}]`;
  expect(readGitleaks(Buffer.from(odd), ['a'])).toMatchObject({
    kind: 'read',
    matches: [{ id: 'a', rule: 'unnamed' }],
  });
});
