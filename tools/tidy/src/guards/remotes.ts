/** A remote is reached through the forge port alone: its url and its credential go nowhere else. */
import { importsOf } from '../imports.ts';
import { type Token, tokensOf } from '../tokens.ts';
import { filesMatching, type Guard, type RepoFile, readNothing, type Violation } from '../tree.ts';

const SERVICE = /^apps\/orchestrator\/src\//;
/** Those who reach a remote. */
const FORGES = /^apps\/orchestrator\/src\/forges\//;
/** Those who keep a repository's url, or show it to a person. */
const KEEP_OR_SHOW = /^apps\/orchestrator\/src\/(forges|store|schema|http|cli|demo)\//;
const REACHES_A_REMOTE = new Set([
  'openMirror',
  'fetchMirror',
  'refreshMirror',
  'pushBranch',
  'deleteBranch',
  'landByPush',
  'whereMainIs',
  'remoteBranch',
  'pushCandidate',
  'deleteCandidate',
]);

export const remotes: Guard = {
  name: 'a remote is reached through the forge port alone',
  rules: ['raw-remote', 'raw-url'],
  check(tree) {
    const files = filesMatching(tree, SERVICE).filter(({ path }) => /\.tsx?$/.test(path));
    if (files.length === 0) return readNothing('file of the service');
    return files.flatMap((file) => [...reaching(file), ...reading(file)]);
  },
};

function reaching(file: RepoFile): Violation[] {
  if (FORGES.test(file.path)) return [];
  return importsOf(file)
    .filter(
      ({ specifier, names }) => specifier === '@gatehouse/git' && names.some((name) => REACHES_A_REMOTE.has(name)),
    )
    .map(({ line }) => ({
      rule: 'raw-remote',
      path: file.path,
      line,
      message: 'git reaches a remote beside the forge port; ask context.forgeOf(repo)',
    }));
}

/** `repo.url`, `repository?.url` and `{ url } = repo`. */
function reading(file: RepoFile): Violation[] {
  if (KEEP_OR_SHOW.test(file.path)) return [];
  const { code } = tokensOf(file);
  return code
    .filter((token, at) => token.kind === 'word' && token.text === 'url' && isOfRepository(code, at))
    .map(({ line }) => ({
      rule: 'raw-url',
      path: file.path,
      line,
      message: "a repository's url is read beside the forge port; ask context.forgeOf(repo), or name it by its id",
    }));
}

const OWNER = /^repo(sitory)?$/i;

function isOfRepository(code: readonly Token[], at: number): boolean {
  const before = code[at - 1]?.text ?? '';
  if (before === '.' || before === '?.') return OWNER.test(code[at - 2]?.text ?? '');
  const close = code.findIndex(({ text }, index) => index > at && text === '}');
  return code[close + 1]?.text === '=' && OWNER.test(code[close + 2]?.text ?? '');
}
