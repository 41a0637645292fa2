/**
 * What is found in real histories, each finding listed to be judged by a person, and gitleaks' number beside it.
 *
 *   node packages/security-gate/soak/false-alarms.mjs [--gitleaks PATH] [--quiet] REPOSITORY...     git directories
 *
 * Scans every blob, commit and tag that a ref reaches; distinct secrets count, per 1,000 commits. The lines are printed as they
 * are, so the output deserves the same readers as the repository. What a person judges to be a secret is no false alarm.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Scanner } from '../src/worker/scanner.ts';

const BATCH = 4_000;
const LIMIT_BYTES = 32 * 1024 * 1024;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    gitleaks: { type: 'string', default: 'gitleaks' },
    quiet: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true || positionals.length === 0) {
  console.log(readFileSync(fileURLToPath(import.meta.url), 'utf8').split(' */')[0]);
  process.exit(values.help === true ? 0 : 2);
}

const work = mkdtempSync(join(tmpdir(), 'false-alarms-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

function git(repository, words, input = '') {
  const run = spawnSync('git', ['-C', repository, ...words], { input, maxBuffer: 4e9 });
  return run.stdout;
}

/** Objects of a `cat-file --batch`; one that is missing is left out. */
function* objectsIn(batch) {
  for (let at = 0; at < batch.length; ) {
    const end = batch.indexOf(10, at);
    const [oid, type, size] = batch.toString('latin1', at, end).split(' ');
    at = end + 1;
    if (type === 'missing') continue;
    const bytes = new Uint8Array(batch.subarray(at, at + Number(size)));
    at += Number(size) + 1;
    if (type !== 'tree' && bytes.length <= LIMIT_BYTES) yield { id: oid, bytes };
  }
}

async function scan(repository) {
  const listed = git(repository, ['rev-list', '--objects', '--all', '--missing=allow-any'])
    .toString()
    .split('\n')
    .filter(Boolean);
  const paths = new Map(listed.map((line) => [line.slice(0, 40), line.slice(41)]));
  const oids = [...paths.keys()];
  const scanner = new Scanner();
  const found = new Map();
  for (let at = 0; at < oids.length; at += BATCH) {
    const items = [...objectsIn(git(repository, ['cat-file', '--batch'], oids.slice(at, at + BATCH).join('\n')))];
    const bytes = new Map(items.map((item) => [item.id, item.bytes]));
    for (const hit of (await scanner.obey({ kind: 'scan', items })).hits) {
      const text = Buffer.from(bytes.get(hit.id)).toString('utf8').split('\n')[hit.line - 1] ?? '';
      const shown = text.slice(Math.max(0, hit.column - 80), hit.column + 80).trim();
      if (!found.has(hit.secret))
        found.set(hit.secret, `${hit.rule} ${hit.encoding} ${paths.get(hit.id)}:${hit.line} | ${shown}`);
    }
  }
  return [...found.values()];
}

function gitleaks(repository) {
  const report = join(work, 'report.json');
  const words = [
    'git',
    repository,
    '--no-banner',
    '--log-level',
    'error',
    '--report-format',
    'json',
    '--report-path',
    report,
  ];
  if (spawnSync(values.gitleaks, words).error !== undefined) return null;
  const all = JSON.parse(readFileSync(report, 'utf8'));
  return [
    ...new Map(
      all.map((one) => [one.Secret, `${one.RuleID} ${one.File}:${one.StartLine} | ${one.Match.slice(0, 120)}`]),
    ).values(),
  ];
}

for (const repository of positionals) {
  const commits = Number(git(repository, ['rev-list', '--count', '--all']));
  const per = (all) =>
    all === null ? '-' : `${all.length} (${((all.length / commits) * 1000).toFixed(2)} per 1,000 commits)`;
  const ours = await scan(repository);
  const theirs = gitleaks(repository);
  console.log(`${repository}: ${commits} commits; ours ${per(ours)}, gitleaks ${per(theirs)}`);
  if (values.quiet) continue;
  for (const line of ours) console.log(`  ours: ${line}`);
  for (const line of theirs ?? []) console.log(`  gitleaks: ${line}`);
}
