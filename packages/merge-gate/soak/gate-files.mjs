/**
 * How often would real work be stopped or warned for what it changes of its own gate? `node --conditions=gatehouse:src
 * soak/gate-files.mjs GIT_DIR COMMAND [COUNT]` judges each of the last commits on the first-parent line against the one before it, and
 * prints what would have stopped it, what would have been told, and how many commits each file counts for.
 */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { compareDefinitions } from '../src/gate-definition/compare.ts';
import { openGitFiles } from '../src/gate-definition/git-files.ts';

const [gitDir = '', command = '', count = '200'] = process.argv.slice(2);
if (command === '') {
  process.stderr.write('usage: gate-files.mjs GIT_DIR COMMAND [COUNT]\n');
  process.exit(2);
}
const repo = { gitDir: resolve(gitDir) };
const log = ['log', '--first-parent', `--max-count=${count}`, '--format=%H %P'];
const commits = execFileSync('git', ['--git-dir', repo.gitDir, ...log], { encoding: 'utf8' })
  .trim()
  .split('\n');
const { signal } = new AbortController();
const totals = { commits: 0, stopped: 0, told: 0 };
const files = new Map();
for (const line of commits) {
  const [tested = '', base] = line.split(' ');
  if (base === undefined) continue;
  const opened = await openGitFiles({ repo, base, tested, timeoutMs: 60_000, signal });
  if ('kind' in opened) throw new Error(opened.reason);
  const { changes, touched } = await compareDefinitions([command], opened);
  if (opened.fault !== null) throw new Error(opened.fault.reason);
  totals.commits += 1;
  if (changes.length > 0) totals.stopped += 1;
  else if (touched.length > 0) totals.told += 1;
  for (const { path, name } of changes) console.log(`stops ${tested.slice(0, 10)} ${path} ${name}`);
  for (const path of new Set(touched.map((one) => one.path))) files.set(path, (files.get(path) ?? 0) + 1);
}
for (const [path, times] of [...files].sort(([, a], [, b]) => b - a)) console.log(`tells ${times} × ${path}`);
console.log(JSON.stringify({ ...totals, command }));
