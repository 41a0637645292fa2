/**
 * How much of what is known to be a secret is found: our rules beside gitleaks, secretlint and detect-secrets, where installed.
 *
 *   node packages/security-gate/soak/recall.mjs [--seed TEXT] [--seeds N] [--gitleaks PATH] [--detect-secrets PATH] [--missed]
 *
 * Samples are made at run time: every shape of test/provider-shapes.ts in six forms of writing, passwords in the places and tokens
 * behind the codes of test/places.ts; N [3] of each, each in a file of its own. A sample counts as found when anything is
 * found in its file. Takes about two minutes with gitleaks and N = 3. Ends with status 1 below 98 % of the shapes or 90 % of the rest.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { lintSource } from '@secretlint/core';
import { rules as preset } from '@secretlint/secretlint-rule-preset-recommend';
import { Scanner } from '../src/worker/scanner.ts';
import { githubToken, noise } from '../test/fake-secrets.ts';
import { CODES, PLACES } from '../test/places.ts';
import { FORMS, PROVIDER_SHAPES, secretOf } from '../test/provider-shapes.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: 'recall' },
    seeds: { type: 'string', default: '3' },
    gitleaks: { type: 'string', default: 'gitleaks' },
    'detect-secrets': { type: 'string', default: 'detect-secrets' },
    missed: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true) {
  console.log(readFileSync(fileURLToPath(import.meta.url), 'utf8').split(' */')[0]);
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'recall-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const samples = Array.from({ length: Number(values.seeds) }, (_, n) => `${values.seed} ${n}`).flatMap(samplesOf);
for (const { file, bytes } of samples) writeFileSync(join(folder, file), bytes);

function samplesOf(seed, round) {
  const all = [];
  const add = (group, name, text) =>
    all.push({ group, name, file: `s${round}-${all.length}.txt`, bytes: Buffer.from(text) });
  for (const [shape, template, name = 'service_value'] of PROVIDER_SHAPES)
    for (const [form, write] of Object.entries(FORMS))
      add(`shapes, ${form}`, shape, write(name, secretOf(template, `${seed} ${shape}`)));
  const passwords = [`c0rrect-H0rse_b4${noise(seed, 4)}`, `Tr${noise(seed, 9)}7x`, noise(seed, 20)];
  for (const [place, write] of Object.entries(PLACES))
    for (const password of passwords) add('places of passwords', place, write(password));
  for (const [code, write] of Object.entries(CODES)) add('codes around a token', code, write(githubToken(seed)));
  return all;
}

const lines = (text) => text.split('\n').filter((line) => line !== '');
const nameOf = (path) => path.split('/').at(-1);

async function ours() {
  const reply = await new Scanner().obey({
    kind: 'scan',
    items: samples.map(({ file, bytes }) => ({ id: file, bytes })),
  });
  return new Set(reply.hits.map(({ id }) => id));
}

async function secretlint() {
  const rules = preset.map((rule) => ({
    id: rule.meta.id,
    rule,
    options: rule.meta.id.endsWith('-aws') ? { enableIDScanRule: true } : {},
  }));
  const seen = new Set();
  for (const { file, bytes } of samples) {
    const source = { filePath: file, content: bytes.toString('utf8'), ext: '.txt', contentType: 'text' };
    const { messages } = await lintSource({ source, options: { config: { rules }, noPhysicFilePath: true } });
    if (messages.length > 0) seen.add(file);
  }
  return seen;
}

function gitleaks() {
  const report = join(folder, '..', `${nameOf(folder)}.json`);
  const words = [
    'dir',
    folder,
    '--no-banner',
    '--max-decode-depth',
    '3',
    '--max-archive-depth',
    '2',
    '--log-level',
    'error',
    '--report-format',
    'json',
    '--report-path',
    report,
  ];
  const run = spawnSync(values.gitleaks, words, { encoding: 'utf8' });
  if (run.error !== undefined) return null;
  const seen = JSON.parse(readFileSync(report, 'utf8')).map(({ File }) => nameOf(File.split('!')[0]));
  rmSync(report);
  return new Set(seen);
}

function detectSecrets() {
  const run = spawnSync(values['detect-secrets'], ['scan', '--all-files', '.'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  return run.error === undefined ? new Set(Object.keys(JSON.parse(run.stdout).results).map(nameOf)) : null;
}

const contenders = {
  ours: await ours(),
  gitleaks: gitleaks(),
  secretlint: await secretlint(),
  'detect-secrets': detectSecrets(),
};
const groups = [...Map.groupBy(samples, ({ group }) => group)];
const share = (all, seen) =>
  seen === null ? '-' : `${((100 * all.filter(({ file }) => seen.has(file)).length) / all.length).toFixed(1)} %`;
console.log(`| samples | number | ${Object.keys(contenders).join(' | ')} |\n|---|---|${'---|'.repeat(4)}`);
const shapes = samples.filter(({ group }) => group.startsWith('shapes'));
for (const [group, all] of [...groups, [`${PROVIDER_SHAPES.length} shapes, all forms`, shapes]])
  console.log(
    `| ${group} | ${all.length} | ${Object.values(contenders)
      .map((seen) => share(all, seen))
      .join(' | ')} |`,
  );

const missed = samples.filter(({ file }) => !contenders.ours.has(file));
const names = new Set(missed.map(({ group, name }) => `${group}: ${name}`));
if (values.missed) for (const name of names) console.log(`missed: ${name}`);
const theirs = samples.filter(({ file }) => !contenders.ours.has(file) && contenders.gitleaks?.has(file));
console.log(
  lines([...new Set(theirs.map(({ group, name }) => `found by gitleaks alone: ${group}: ${name}`))].join('\n')).join(
    '\n',
  ),
);
const part = (all) => all.filter(({ file }) => contenders.ours.has(file)).length / all.length;
const rest = groups.filter(([group]) => !group.startsWith('shapes'));
if (part(shapes) < 0.98 || rest.some(([, all]) => part(all) < 0.9)) process.exitCode = 1;
