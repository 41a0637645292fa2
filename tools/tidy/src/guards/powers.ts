/** A few powers belong to named files: the environment, starting processes, minting a lease, running text as code. */
import { type ImportUse, importsOf } from '../imports.ts';
import { type Token, tokensOf } from '../tokens.ts';
import { filesMatching, type Guard, type RepoFile, readNothing, type Violation } from '../tree.ts';

interface Power {
  readonly rule: string;
  /** Files the power is watched in. */
  readonly within: RegExp;
  readonly allowed: RegExp | null;
  readonly used: (code: readonly Token[], at: number) => boolean;
  readonly imported?: (use: ImportUse) => boolean;
  readonly message: string;
}

const SHIPPED = /^(packages|apps)\/[^/]+\/src\//;
const ALL_CODE = /^(packages|apps|tools)\//;
const text = (code: readonly Token[], at: number): string => code[at]?.text ?? '';
const isMember = (code: readonly Token[], at: number): boolean => ['.', '?.'].includes(text(code, at - 1));

const POWERS: readonly Power[] = [
  {
    rule: 'environment',
    within: SHIPPED,
    // What a terminal is like is asked before the table of settings is loaded. The starter of a process hands the allow-listed names down to it; proc-group does that in one file, git for its own names in another.
    allowed:
      /^apps\/orchestrator\/src\/(platform\/process-environment|cli\/look)\.ts$|^packages\/(proc-group\/src\/adapters\/parent-environment|git\/src\/adapters\/(landing-child|authorities))\.ts$/,
    used: readsEnvironment,
    imported: ({ specifier, names }) => /^(node:)?process$/.test(specifier ?? '') && names.includes('env'),
    message:
      'the environment is read only by apps/orchestrator/src/platform/process-environment.ts, for settings.ts; take the value as an argument',
  },
  {
    rule: 'start-process',
    within: SHIPPED,
    // Landing moves main in a child that no group kill touches, so that one file of git starts it itself.
    allowed: /^packages\/proc-group\/src\/|^packages\/git\/src\/adapters\/landing-child\.ts$/,
    used: () => false,
    imported: ({ specifier }) => /^(node:)?(child_process|cluster)$/.test(specifier ?? ''),
    message: 'processes are started only by proc-group (and the detached landing child of git); call runInGroup',
  },
  {
    rule: 'run-command',
    within: SHIPPED,
    // What is left is no command on a commit: git itself, and the user's own for --fetch, cp on a cache, a probe of the machine's
    // tools, programs of the command line, an agent's own script.
    allowed:
      /^packages\/(proc-group\/src\/|gate-run\/src\/(run-step|adapters\/(system-tool|try-isolation))\.ts$|git\/src\/adapters\/git-call\.ts$|merge-gate\/src\/digest\.ts$|security-gate\/src\/adapters\/(advisory-tool|gitleaks-engine)\.ts$)|^apps\/orchestrator\/src\/(cli\/(run-command|private-tool|checkout\/own-git)|platform\/processes|agents\/scripted\/agent)\.ts$/,
    used: () => false,
    imported: ({ specifier, names }) => specifier === '@gatehouse/proc-group' && names.includes('runInGroup'),
    message: 'a command on a commit is run by runOnCommit of gate-run, so that every rule holds for it (ADR 0011)',
  },
  {
    rule: 'mint-lease',
    within: SHIPPED,
    allowed: /^packages\/merge-gate\/src\/(.*\/)?[^/]*lease[^/]*\.ts$|^apps\/orchestrator\/src\/store\//,
    used: (code, at) =>
      text(code, at) === 'LeaseProof' &&
      (text(code, at - 1) === 'new' || text(code, at - 1) === 'extends' || text(code, at + 1) === 'as'),
    message: 'only a lease implementation mints a LeaseProof; take one as an argument',
  },
  {
    rule: 'text-as-code',
    within: ALL_CODE,
    allowed: null,
    used: (code, at) =>
      (text(code, at) === 'eval' && text(code, at + 1) === '(' && !isMember(code, at)) ||
      (text(code, at) === 'Function' && text(code, at + 1) === '(' && !isMember(code, at)),
    message: 'text is never run as code; write the code',
  },
  {
    rule: 'module-mock',
    within: ALL_CODE,
    allowed: null,
    used: (code, at) =>
      /^(mock|doMock|unstable_mockModule|setMock|createMockFromModule)$/.test(text(code, at)) &&
      text(code, at - 2) === 'jest' &&
      isMember(code, at),
    message: 'our own modules are never mocked; fake a port, or use the real thing',
  },
  {
    rule: 'focused-test',
    within: /^(packages|apps|tools)\/[^/]+\/test\//,
    allowed: null,
    used: (code, at) =>
      (text(code, at) === 'only' && isMember(code, at) && /^(test|it|describe|each)$/.test(text(code, at - 2))) ||
      (/^(fit|fdescribe)$/.test(text(code, at)) && text(code, at + 1) === '(' && !isMember(code, at)),
    message: 'a focused test silences its neighbours; remove the focus',
  },
];

export const powers: Guard = {
  name: 'powers stay in the files named for them',
  rules: POWERS.map(({ rule }) => rule),
  check(tree) {
    const files = filesMatching(tree, /\.[cm]?[jt]sx?$/).filter((file) => ALL_CODE.test(file.path));
    if (files.length === 0) return readNothing('code file');
    return files.flatMap((file) => POWERS.flatMap((power) => uses(file, power)));
  },
};

function uses(file: RepoFile, { rule, within, allowed, used, imported, message }: Power): Violation[] {
  if (!within.test(file.path) || allowed?.test(file.path)) return [];
  const { code } = tokensOf(file);
  const lines = [
    ...code.filter((token, at) => token.kind === 'word' && used(code, at)).map((token) => token.line),
    ...importsOf(file)
      .filter((use) => imported?.(use) ?? false)
      .map((use) => use.line),
  ];
  return lines.map((line) => ({ rule, path: file.path, line, message }));
}

/** `process.env`, `process['env']` and `{ env } = process`. */
function readsEnvironment(code: readonly Token[], at: number): boolean {
  if (text(code, at) !== 'process') return false;
  const after = text(code, at + 1);
  if (after === '.' || after === '?.' || after === '[')
    return [at + 2, at + 3].some((next) => text(code, next) === 'env');
  if (text(code, at - 1) !== '=' || text(code, at - 2) !== '}') return false;
  const from = code.slice(0, at - 2).findLastIndex((token) => token.text === '{');
  return code.slice(from, at).some((token) => token.text === 'env');
}
