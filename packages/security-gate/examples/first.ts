/** A branch adds a token and deletes it again; the gate still finds it, without ever showing it. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { computeSecurityVerdict, scanSecrets } from '@gatehouse/security-gate';

const dir = await mkdtemp(join(tmpdir(), 'security-example-'));
const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
    cwd: dir,
    encoding: 'utf8',
  }).trim();
const commit = async (text: string): Promise<string> => {
  await writeFile(join(dir, 'settings.ini'), text);
  git('add', '-A');
  git('commit', '-q', '-m', 'work');
  return git('rev-parse', 'HEAD');
};

git('init', '-q', '-b', 'main');
const base = await commit('port = 80\n');
await commit(`port = 80\ntoken = ${['gh', 'p_', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('')}\n`);
const head = await commit('port = 80\n');

const scan = await scanSecrets({ git: { gitDir: join(dir, '.git') }, base, head });
const policy = { depAuditEnabled: false, depFailClosed: false };
const verdict = computeSecurityVerdict({
  scan,
  audit: null,
  policy,
  commits: { base, head },
  nonce: '1',
  configDigest: '1',
});
console.log(`${verdict.status}: ${verdict.check.reason}`);
for (const { rule, path, line } of verdict.check.findings) console.log(`${rule} ${path}:${line}`);

await rm(dir, { recursive: true });
