/** `gatehouse init`: a first `gatehouse.yaml` from what the repository's own files say, tried on main before anybody relies on it. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { borrowCheckout, type Checkout, type GitRepo, listDirectory, readBlob, readCheckout } from '@gatehouse/git';
import { invariant } from '@gatehouse/verdict';
import { describeGitFailure } from '../../platform/describe-git-failure.ts';
import { writeTextFile } from '../../platform/files.ts';
import { temporaryDirectory } from '../../platform/temporary-directory.ts';
import { parsePolicyFile } from '../../policy/policy-file.ts';
import type { Settings } from '../../settings.ts';
import { type Answer, EXIT, failure, type Terminal, usage } from '../answer.ts';
import { workTreeOf } from '../checkout/uncommitted.ts';
import { detectStack, READ_FILES, type RootFiles, type Stack } from './detect-stack.ts';
import { type FoundMain, findMain } from './find-main.ts';
import { policyText } from './policy-text.ts';
import { type CoverageProof, type PolicyProof, provePolicy } from './prove-policy.ts';

export interface InitOptions {
  readonly repo: string;
  readonly base?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  /** False: main is not tried. [true] */
  readonly proof?: boolean;
}

const FILE = 'gatehouse.yaml';

export async function initCommand(options: InitOptions, settings: Settings, terminal: Terminal): Promise<Answer> {
  const { signal } = terminal;
  const path = resolve(terminal.cwd, options.repo);
  const checkout = await readCheckout({ path, signal });
  if (checkout.kind === 'refused') return usage(`${options.repo}: ${checkout.reason}; run it inside a clone`);
  if (checkout.kind === 'git-failed') return failure(describeGitFailure(checkout));
  if (checkout.kind === 'crashed') return failure(checkout.error.message);
  const root = workTreeOf(path);
  if (root === null && options.dryRun !== true)
    return usage('a bare repository has no work tree to write to; pass --dry-run to see the file');
  if (root !== null && existsSync(join(root, FILE)) && options.force !== true && options.dryRun !== true)
    return usage(`${join(root, FILE)} is there already; --force replaces it, --dry-run shows what would be written`);
  const main = await findMain(checkout, options.base, signal);
  if (main === null)
    return usage(
      options.base === undefined
        ? 'nothing is committed yet: commit first, the gate judges commits'
        : `there is no branch ${JSON.stringify(options.base)}; name the one that changes land on with --base`,
    );
  const directory = await temporaryDirectory('gatehouse-init-');
  if (directory.kind !== 'made') return failure(`no temporary directory can be made: ${directory.reason}`);
  const answer = await initIn({ options, settings, terminal, checkout, main, root, directory: directory.path });
  await directory.remove();
  return answer;
}

interface InitScene {
  readonly options: InitOptions;
  readonly settings: Settings;
  readonly terminal: Terminal;
  readonly checkout: Checkout;
  readonly main: FoundMain;
  readonly root: string | null;
  readonly directory: string;
}

async function initIn(scene: InitScene): Promise<Answer> {
  const { options, terminal, checkout, main, root, directory } = scene;
  const at = { sha: main.sha };
  const mirror = await borrowCheckout({
    dir: join(directory, 'mirror.git'),
    checkout,
    main: { name: 'main', ...at },
    branch: { name: 'gatehouse-init', ...at },
    signal: terminal.signal,
  });
  if (mirror.kind !== 'borrowed')
    return failure(
      mirror.kind === 'git-failed' ? describeGitFailure(mirror) : `${main.name} cannot be read: ${mirror.kind}`,
    );
  const files = await rootFiles(mirror.repo, main.sha, terminal.signal);
  const found = detectStack(files);
  if (found.kind === 'unknown')
    return failure(
      [
        `no file at the root of ${main.name} says how it is tested`,
        ...found.seen,
        `write ${FILE} with two lines, \`version: 1\` and \`test: { command: YOUR TEST COMMAND }\`, and run \`gatehouse gate merge\``,
      ].join('; '),
    );
  const { stack } = found;
  terminal.err(`gatehouse: ${stack.because}: ${stack.name}, tested by \`${stack.command}\`\n`);
  const proof = await prove(scene, { git: mirror.repo, stack });
  const text = policyText(stack, { tests: proof.tests, coverage: triedCoverage(main, proof) });
  invariant(parsePolicyFile(text, FILE, 'repository').kind === 'policy', 'what init writes is a policy');
  const path = root === null ? null : join(root, FILE);
  if (path !== null && options.dryRun !== true) {
    const written = await writeTextFile(path, text, 0o644);
    if (written.kind === 'unwritable') return failure(`${path} cannot be written: ${written.reason}`);
  }
  return answerOf(scene, { stack, proof, text, path });
}

function prove(
  { options, settings, terminal, main, directory }: InitScene,
  { git, stack }: { readonly git: GitRepo; readonly stack: Stack },
): Promise<PolicyProof> {
  if (options.proof === false)
    return Promise.resolve({
      status: 'skipped',
      reason: 'main was not tried',
      tests: null,
      durationMs: 0,
      output: null,
      coverage: null,
    });
  terminal.progress?.step({ what: `trying it on ${main.name} at ${main.sha.slice(0, 12)}` });
  return provePolicy({
    ...{ git, base: main.sha, text: policyText(stack, { tests: null }), directory, settings },
    measuring: stack.coverage === undefined ? null : policyText(stack, { tests: null }, true),
    signal: terminal.signal,
    onRun: (run) => terminal.err(`gatehouse: ${run.purpose} run: ${run.outcome} after ${seconds(run.durationMs)}\n`),
  });
}

const EXIT_OF_PROOF: Readonly<Record<PolicyProof['status'], number>> = {
  green: EXIT.pass,
  skipped: EXIT.pass,
  red: EXIT.fail,
  none: EXIT.fail,
  trouble: EXIT.error,
};

interface Made {
  readonly stack: Stack;
  readonly proof: PolicyProof;
  readonly text: string;
  readonly path: string | null;
}

function answerOf({ options, main }: InitScene, { stack, proof, text, path }: Made): Answer {
  const isWritten = path !== null && options.dryRun !== true;
  const unsure = [
    ...stack.unsure,
    ...(proof.status === 'green' && proof.tests === null
      ? ['how many tests ran: the output names no number, so min_tests cannot be held']
      : []),
  ];
  const next = nextOf(proof, { path, isWritten });
  const { coverage } = proof;
  const json = {
    path,
    written: isWritten,
    stack: stack.name,
    because: stack.because,
    setup: stack.setup,
    command: stack.command,
    proof: {
      status: proof.status,
      reason: proof.reason,
      tests: proof.tests,
      duration_ms: proof.durationMs,
      ...(proof.output === null ? {} : { output: proof.output }),
      ...(coverage === null ? {} : { coverage: { measured: coverage.isMeasured, reason: coverage.reason } }),
    },
    unsure,
    next,
    text,
  };
  const words = [
    ...(isWritten ? [`${path} is written, for ${stack.name}`] : [text]),
    proofInWords(main, proof),
    ...outputInWords(proof.output),
    ...(coverage === null ? [] : [coverageInWords(main, coverage), ...outputInWords(coverage.output)]),
    ...(unsure.length === 0 ? [] : ['not known, look at it:', ...unsure.map((one) => `  ? ${one}`)]),
    'next:',
    ...next.map((command) => `  ${command}`),
  ];
  return { exit: EXIT_OF_PROOF[proof.status], json, text: words.join('\n') };
}

const outputInWords = (output: PolicyProof['output']): readonly string[] => [
  ...(output?.lines ?? []).map((line) => `  | ${line}`),
  ...(output?.likely ? [`  > ${output.likely}`] : []),
];

const coverageInWords = ({ name }: FoundMain, { isMeasured, reason }: CoverageProof): string =>
  isMeasured
    ? `coverage can be measured on ${name} as the file offers it: take the # away to switch it on`
    : `coverage cannot be measured on ${name} as the file offers it: ${reason}`;

function triedCoverage({ name }: FoundMain, { coverage }: PolicyProof): string | null {
  if (coverage === null) return null;
  return coverage.isMeasured
    ? `Tried on ${name}: this measures.`
    : `Tried on ${name}: this does not measure yet. Mend it before you switch it on.`;
}

function nextOf(
  { status }: PolicyProof,
  { path, isWritten }: Pick<Made, 'path'> & { readonly isWritten: boolean },
): readonly string[] {
  if (!isWritten) return [path !== null && existsSync(path) ? 'gatehouse init --force' : 'gatehouse init'];
  if (status === 'red' || status === 'none' || status === 'trouble')
    return [`edit ${FILE}, then: gatehouse gate merge --branch HEAD --config ${FILE} --allow-gate-change`];
  return [`git add ${FILE} && git commit -m "gatehouse.yaml: how a change is judged"`, 'gatehouse gate all'];
}

function proofInWords({ name, sha }: FoundMain, { status, reason, tests, durationMs }: PolicyProof): string {
  const count = tests === null ? '' : `, ${tests} test${tests === 1 ? '' : 's'}`;
  const at = `${name} at ${sha.slice(0, 12)}`;
  return status === 'skipped'
    ? reason
    : `${at} under it: ${status === 'green' ? 'green' : `${status}, ${reason}`}${count}, ${seconds(durationMs)}`;
}

const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;

const MANIFEST_LIMIT = 1024 * 1024;

async function rootFiles(repo: GitRepo, commit: string, signal: AbortSignal): Promise<RootFiles> {
  const listed = await listDirectory({ repo, commit, dir: '', signal });
  const names = new Set(
    listed.kind === 'listed' ? listed.entries.map(({ path, type }) => (type === 'tree' ? `${path}/` : path)) : [],
  );
  const texts = new Map<string, string>();
  for (const path of READ_FILES.filter((name) => names.has(name))) {
    const blob = await readBlob({ repo, commit, path, maxBytes: MANIFEST_LIMIT, signal });
    if (blob.kind === 'found') texts.set(path, new TextDecoder().decode(blob.bytes));
  }
  return { names, text: (name) => texts.get(name) ?? null };
}
