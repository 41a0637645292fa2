/** Measure main, remember it, and see a change that adds untested code fail with the lines it has to cover. */
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CoveragePolicy,
  commandHash,
  computeCoverageVerdict,
  coverageCheckVerdict,
  fileBaseline,
  measureCoverage,
  ratchetBaseline,
} from '@gatehouse/coverage-gate';
import { diffLines } from '@gatehouse/git';
import { LeaseProof } from '@gatehouse/verdict';

const root = await mkdtemp(join(tmpdir(), 'coverage-example-'));
const work = join(root, 'work');
const git = { gitDir: join(work, '.git') };
await mkdir(work);
await mkdir(join(work, 'src'));
const run = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
    cwd: work,
    encoding: 'utf8',
  });
run('init', '-q');

async function commit(files: Readonly<Record<string, string>>): Promise<string> {
  for (const [path, text] of Object.entries(files)) await writeFile(join(work, path), text);
  run('add', '-A');
  run('commit', '-q', '-m', 'a change');
  return run('rev-parse', 'HEAD').trim();
}

const policy: CoveragePolicy = {
  command: '"$NODE" --test --experimental-test-coverage --test-reporter=lcov --test-reporter-destination=lcov.info',
  report: 'lcov.info',
  mode: 'both',
  minPpm: 500_000,
  epsilonPpm: 1000,
  timeoutMs: 60_000,
  failClosed: true,
  patch: { minPpm: 800_000, policy: 'block' },
  env: [],
  setEnv: { NODE: process.execPath },
};

const sign = 'export function sign(n) {\n  return n < 0 ? -1 : 1;\n}\n';
const base = await commit({
  'src/sign.mjs': sign,
  'sign.test.mjs': "import { sign } from './src/sign.mjs';\nif (sign(2) !== 1) throw new Error('wrong');\n",
});
const head = await commit({ 'src/sign.mjs': `${sign}export function half(n) {\n  return n / 2;\n}\n` });
const slotDir = join(root, 'slot');

const landed = await measureCoverage({ git, slotDir, commit: base, policy });
if (landed.kind === 'measured') {
  const store = fileBaseline(join(root, 'baseline'));
  const proof = new LeaseProof('example', 'first', 1);
  const { measured, evidence } = landed;
  const landing = { tree: evidence.tree, commit: base, measured, commandHash: commandHash(policy) };
  console.log((await ratchetBaseline({ store, proof, landed: landing })).kind);

  const measurement = await measureCoverage({ git, slotDir, commit: head, policy });
  const diff = await diffLines({ repo: git, base, head });
  const patch = diff.kind === 'diffed' ? diff.files : null;
  const baseline = await store.read();
  const verdict = computeCoverageVerdict({ policy, measurement, baseline, patch, commits: { base, head } });
  const check = coverageCheckVerdict(verdict);
  console.log(`${check.status}: ${check.reason}`);
  for (const { path, line } of check.findings) if (path !== undefined) console.log(`cover ${path} from line ${line}`);
}

await rm(root, { recursive: true });
