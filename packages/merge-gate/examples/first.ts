/** A merge queue of some forty lines without a service, which moves main: `node first.ts REPOSITORY-URL BRANCH 'TEST COMMAND'`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchMirror, openMirror } from '@gatehouse/git';
import { checkBranchMergeable, fileLease, mergeCheckVerdict, releaseMergeLease } from '@gatehouse/merge-gate';

const [url, branch, command] = process.argv.slice(2);
if (url === undefined || branch === undefined || command === undefined) {
  console.error(
    "usage: node first.ts REPOSITORY-URL BRANCH 'TEST COMMAND' (lands the branch on main where it is green)",
  );
  process.exit(2);
}
const home = mkdtempSync(join(tmpdir(), 'first-'));

const opened = await openMirror({ dir: join(home, 'mirror.git'), url });
if (opened.kind !== 'opened') throw new Error(JSON.stringify(opened));
const fetched = await fetchMirror({ repo: opened.repo, url });
if (fetched.kind !== 'fetched') throw new Error(JSON.stringify(fetched));
const { main: base = '', [branch]: head = '' } = fetched.heads;

const lease = fileLease(join(home, 'leases'));
const verdict = await checkBranchMergeable(
  {
    repo: url,
    holder: `first.ts/${process.pid}`,
    git: opened.repo,
    base,
    head,
    slotDir: join(home, 'slots', 'one'),
    policy: { command, timeoutMs: 900_000, minTests: 1, flaky: 'pass', env: [] },
    watch: { base: 'refs/heads/main', head: `refs/heads/${branch}`, url },
  },
  { lease },
);

const { status, reason, findings } = mergeCheckVerdict(verdict, { base, head });
console.log([`${status}: ${reason}`, ...findings.map(({ message }) => `- ${message}`)].join('\n'));
if (verdict.kind === 'mergeable') {
  // Landing is fast-forward only and yours to do; git refuses it when main has moved since.
  const from = ['--git-dir', opened.repo.gitDir, 'push', '--quiet', '--end-of-options', url];
  execFileSync('git', [...from, `${verdict.tested}:refs/heads/main`]);
  await releaseMergeLease(lease, verdict.proof);
  console.log(`landed: main is ${verdict.tested}`);
}
