import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FeedPort, osvScannerFeed, pipAuditFeed } from '@gatehouse/security-gate';
import { afterAll, describe, expect, test } from '@jest/globals';
import { KNOWN, osvDouble } from './osv-double.ts';

const folder = mkdtempSync(join(tmpdir(), 'advisory-tools-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
/** A program that keeps what it was given, prints `output` and ends with `code`. */
function tool(output: unknown, code = 0): { readonly command: string; seen(): string } {
  count += 1;
  const [command, report, seen] = ['tool', 'report', 'seen'].map((name) => join(folder, `${name}-${count}`)) as [
    string,
    string,
    string,
  ];
  writeFileSync(report, typeof output === 'string' ? output : JSON.stringify(output));
  writeFileSync(
    command,
    `#!/bin/sh\n{ echo "$@"; cat requirements.txt packages.json 2>/dev/null; env; } > ${seen}\ncat ${report}\nexit ${code}\n`,
  );
  chmodSync(command, 0o755);
  return { command, seen: () => readFileSync(seen, 'utf8') };
}
const query = (feed: FeedPort, ecosystem: 'PyPI' | 'npm' = 'PyPI', versions = ['1.0']) =>
  feed.query([{ ecosystem, name: 'bad', versions }], new AbortController().signal);
const canary = {
  name: 'jinja2',
  version: '2.4.1',
  vulns: [{ id: 'PYSEC-0', fix_versions: [], aliases: [], description: '' }],
};
const found = {
  name: 'bad',
  version: '1.0',
  vulns: [{ id: 'PYSEC-1', fix_versions: ['2.0'], aliases: ['CVE-2026-1'], description: 'bad' }],
};

describe('pip-audit', () => {
  test('is given pins that we wrote and none of our variables; its report names the versions', async () => {
    process.env['GATEHOUSE_TEST_TOKEN'] = 'not-for-tools';
    const { command, seen } = tool({ dependencies: [canary, found], fixes: [] }, 1);
    expect(await query(pipAuditFeed({ command }))).toMatchObject({
      kind: 'ok',
      advisories: [
        { package: 'jinja2' },
        { id: 'PYSEC-1', aliases: ['CVE-2026-1'], package: 'bad', versions: ['1.0'], severity: 'unknown' },
      ],
    });
    expect(seen()).toContain('--no-deps --disable-pip');
    expect(seen()).toContain('jinja2==2.4.1\nbad==1.0\n');
    expect(seen()).not.toContain('not-for-tools');
    delete process.env['GATEHOUSE_TEST_TOKEN'];
  });

  test('a version that pip would read as something else is not passed on', async () => {
    const { command, seen } = tool({ dependencies: [canary, found], fixes: [] }, 1);
    await query(pipAuditFeed({ command }), 'PyPI', ['1.0', '2.0\n--index-url http://127.0.0.1:1/', '3 ; x']);
    expect(seen()).not.toMatch(/index-url|3 ;/);
  });

  test.each<[string, unknown, number, string]>([
    ['no report', '', 1, 'malformed'],
    ['a cut report', '{"dependencies": [', 1, 'malformed'],
    ['a report without the canary', { dependencies: [{ ...canary, vulns: [] }, found] }, 0, 'malformed'],
    [
      'a canary that was skipped',
      { dependencies: [{ name: 'jinja2', skip_reason: 'not found' }, found] },
      0,
      'malformed',
    ],
    ['a report about fewer packages', { dependencies: [canary] }, 0, 'malformed'],
    ['a usage error', { dependencies: [canary, found] }, 2, 'unreachable'],
  ])('%s', async (_name, output, code, kind) => {
    expect((await query(pipAuditFeed({ command: tool(output, code).command }))).kind).toBe(kind);
  });

  test('that is not installed or hangs is unreachable', async () => {
    expect((await query(pipAuditFeed({ command: join(folder, 'absent') }))).kind).toBe('unreachable');
    const hanging = join(folder, 'hanging');
    writeFileSync(hanging, '#!/bin/sh\nsleep 60\n');
    chmodSync(hanging, 0o755);
    expect((await query(pipAuditFeed({ command: hanging, timeoutMs: 300 }))).kind).toBe('unreachable');
  });
});

describe('osv-scanner', () => {
  const packageOf = (name: string, version: string, vulnerabilities: object[]) => ({
    package: { name, version, ecosystem: 'PyPI' },
    vulnerabilities,
  });
  const report = (...packages: object[]) => ({ results: [{ source: { path: 'x', type: 'lockfile' }, packages }] });
  const seen = packageOf('jinja2', '2.4.1', [{ id: 'PYSEC-0' }]);

  test('is given our list and our configuration, and its report is in the OSV format', async () => {
    const made = tool(
      report(
        seen,
        packageOf('bad', '1.0', [
          { id: 'GHSA-1', aliases: ['CVE-2026-1'], database_specific: { severity: 'MODERATE' } },
        ]),
      ),
      1,
    );
    expect(await query(osvScannerFeed({ command: made.command, databaseDir: '/nowhere' }))).toMatchObject({
      kind: 'ok',
      advisories: [{ package: 'jinja2' }, { id: 'GHSA-1', package: 'bad', versions: ['1.0'], severity: 'moderate' }],
    });
    expect(made.seen()).toContain('--config config.toml');
    expect(made.seen()).toContain('OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY=/nowhere');
    expect(made.seen()).toContain('{"name":"bad","version":"1.0","ecosystem":"PyPI"}');
  });

  test.each<[string, unknown, number, string]>([
    ['no issue at all, as with a missing database', { results: [] }, 0, 'malformed'],
    ['no package was found', '', 128, 'unreachable'],
    ['a general error', '', 127, 'unreachable'],
    ['HTML', '<html>', 0, 'malformed'],
    [
      'a package of an unknown ecosystem',
      report({ package: { name: 'x', version: '1', ecosystem: 'New' }, vulnerabilities: [] }),
      1,
      'malformed',
    ],
  ])('%s', async (_name, output, code, kind) => {
    expect((await query(osvScannerFeed({ command: tool(output, code).command }))).kind).toBe(kind);
  });
});

/** Two starts of Python with all of pip-audit: for the whole table only. */
const testWithPipAudit = process.env['GATEHOUSE_REQUIRE_TOOLS'] === '1' ? test : test.skip;

testWithPipAudit('the real pip-audit reports what a service on loopback knows', async () => {
  const record = { id: 'PYSEC-1', modified: '2026-01-01T00:00:00Z', affected: [], aliases: ['CVE-2026-1'] };
  const known = KNOWN.map((one) => ({
    ...one,
    record: { ...record, id: 'PYSEC-0', aliases: [], affected: [affected(one.name)] },
  }));
  const service = await osvDouble([
    ...known,
    { ecosystem: 'PyPI', name: 'bad', version: '1.0', record: { ...record, affected: [affected('bad')] } },
  ]);
  const feed = pipAuditFeed({ osvUrl: `${service.url}/v1/query` });
  const answer = await query(feed, 'PyPI', ['1.0', '2.0']);
  await service.close();
  expect(answer).toMatchObject({
    kind: 'ok',
    advisories: [{ package: 'jinja2' }, { package: 'bad', versions: ['1.0'] }],
  });
});

const affected = (name: string) => ({
  package: { ecosystem: 'PyPI', name },
  ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '9.0' }] }],
});
