/** Would this branch still apply on main? `node examples/first.ts <url or absolute path> <branch> <empty directory>` */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fetchMirror, openMirror, rebaseOnto } from '@gatehouse/git';

export async function catchUp(url: string, branch: string, directory: string): Promise<string> {
  const opened = await openMirror({ dir: join(directory, 'mirror'), url });
  if (opened.kind !== 'opened') return `no mirror: ${opened.kind}`;
  const { repo, main } = opened;

  const fetched = await fetchMirror({ repo, url });
  if (fetched.kind !== 'fetched') return `no fetch: ${fetched.kind}`;
  const [base, head] = [fetched.heads[main], fetched.heads[branch]];
  if (base === undefined || head === undefined) return `${branch} or ${main} is not there`;

  const committer = { name: 'Gatehouse', email: 'gatehouse@localhost' };
  const answer = await rebaseOnto({ repo, dir: join(directory, 'slot'), base, head, mode: 'rebase', committer });
  switch (answer.kind) {
    case 'current':
      return `${branch} holds ${main} already`;
    case 'caught-up':
      return `${branch} ${answer.how} onto ${main}: ${answer.commits} commits`;
    case 'conflicted':
      return `${branch} conflicts with ${main} in ${answer.paths.join(', ')}`;
    case 'unrelated':
      return `${branch} and ${main} have no commit in common`;
    case 'git-failed':
      return `git could not answer (${answer.trouble}): ${answer.stderr}`;
    case 'crashed':
      return `a bug: ${answer.error.message}`;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [url = '', branch = '', directory = ''] = process.argv.slice(2);
  console.log(await catchUp(url, branch, directory));
}
