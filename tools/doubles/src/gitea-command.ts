/** The double of Gitea as a program, for who has no forge at hand: serves one repository until it is told to end. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startGitea } from './gitea/gitea.ts';

const HELP = `Usage: npm run gitea --prefix tools/doubles          in a built checkout

A double of Gitea on loopback with one repository, org/app, and one open pull request in it. Prints the lines that
\`gatehouse serve\` needs in its shell, and what to type in place of what people click. It is not Gitea: it has the API and
git, and no pages. Ctrl-C ends it, and nothing of it stays.
`;

/** A main with a suite of one line, and the branch of the pull request, as git reads them. */
const HISTORY = `commit refs/heads/main
committer Dev <dev@mail.example> 1700000000 +0000
data <<.
A greeting
.
M 644 inline greeting
data <<.
hello
.
M 644 inline check.sh
data <<.
grep hello greeting
.
M 644 inline gatehouse.yaml
data <<.
version: 1
test: { command: sh check.sh, timeout: 60s }
.
commit refs/heads/politely
committer Dev <dev@mail.example> 1700000060 +0000
data <<.
Greet who has no name
.
from refs/heads/main
M 644 inline greeting
data <<.
hello, you
.
`;

if (parseArgs({ options: { help: { type: 'boolean', default: false } } }).values.help) process.stdout.write(HELP);
else await play();

async function play(): Promise<void> {
  const path = mkdtempSync(join(tmpdir(), 'gitea-double-'));
  process.on('exit', () => rmSync(path, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(0));
  process.stdout.on('error', () => process.exit(3));
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', path]);
  execFileSync('git', ['-C', path, 'fast-import', '--quiet'], { input: HISTORY });
  const gitea = await startGitea({ path });
  const number = await gitea.open({ by: 'dev', branch: 'politely', title: 'Greet who has no name' });
  const call = `curl -sS -H 'authorization: token ${gitea.token('dev')}' -H 'content-type: application/json'`;
  const below = `${gitea.url}/api/v1/repos/org/app`;
  process.stdout.write(`export ORCH_GITEA_URL=${gitea.url}
export ORCH_GITEA_TOKEN=${gitea.token('queue')}
export ORCH_FORGE_COMMANDERS=dev

The repository: gatehouse repo add ${gitea.url}/org/app
The label, made and put on pull request ${number}:
  ${call} ${below}/labels -d '{"name":"gatehouse","color":"#2f6f4e"}'
  ${call} ${below}/issues/${number}/labels -d '{"labels":["gatehouse"]}'
Its comments:
  ${call} ${below}/issues/${number}/comments
`);
}
