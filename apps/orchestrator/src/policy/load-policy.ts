/** Loads the trusted gate definition of a base commit: the operator's file, the base's `gatehouse.yaml`, the default. */
import { type GitRepo, listDirectory, readBlob } from '@gatehouse/git';
import { readTextFile } from '../platform/files.ts';
import type { Logger } from '../platform/logger.ts';
import type { Settings } from '../settings.ts';
import { detectDefault } from './detect-default.ts';
import { type PolicyFile, parsePolicyFile } from './policy-file.ts';
import { type GatePolicy, resolvePolicy } from './resolve-policy.ts';

export interface PolicyRequest {
  readonly git: GitRepo;
  readonly base: string;
  /** Path of the operator's file for this repository; empty: none. */
  readonly operatorFile: string;
  readonly settings: Settings;
  readonly signal?: AbortSignal;
}

export type PolicyAnswer =
  | { readonly kind: 'policy'; readonly policy: GatePolicy }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

const MANIFEST_LIMIT = 1024 * 1024;
/** Commits, of all repositories. */
const REMEMBERED = 100;

/** Loads the definition anew. */
export const loadPolicy = (request: PolicyRequest): Promise<PolicyAnswer> => load(request, readBase);

/** As it would be with this `gatehouse.yaml` on the base, in place of the one that is there or of none. */
export const loadProposed = ({
  text,
  ...request
}: Omit<PolicyRequest, 'operatorFile'> & { readonly text: string }): Promise<PolicyAnswer> =>
  load({ ...request, operatorFile: '' }, async (asked) => {
    const files = await readBase(asked);
    return files.kind === 'files' ? { ...files, definition: text } : files;
  });

/** `loadPolicy` for a service: every check of a task asks for the same commit of main, whose files never change. */
export function rememberingPolicies(log: Pick<Logger, 'warn'>): (request: PolicyRequest) => Promise<PolicyAnswer> {
  const known = new Map<string, BaseFiles>();
  const tell = tellingOnce(log);
  return async (request) => {
    const answer = await load(request, async (asked) => {
      const before = known.get(asked.base);
      if (before !== undefined) return before;
      const read = await readBase(asked);
      if (read.kind !== 'files') return read;
      known.set(asked.base, read);
      const [oldest] = known.keys();
      if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
      return read;
    });
    tell(request, answer);
    return answer;
  };
}

/** Says what is wrong with a definition when it is first met, and again when it was right meanwhile. */
function tellingOnce(log: Pick<Logger, 'warn'>): (request: PolicyRequest, answer: PolicyAnswer) => void {
  const told = new Map<string, string>();
  return ({ operatorFile, base }, answer) => {
    const place = `${operatorFile} ${base}`;
    const why = answer.kind === 'invalid' ? answer.problems.join('; ') : null;
    if (why === told.get(place)) return;
    told.delete(place);
    if (why === null) return;
    told.set(place, why);
    const [oldest] = told.keys();
    if (told.size > REMEMBERED && oldest !== undefined) told.delete(oldest);
    log.warn('how a change is judged cannot be read', { why, base });
  };
}

async function load(
  request: PolicyRequest,
  read: (request: PolicyRequest) => Promise<BaseFiles | Unreadable>,
): Promise<PolicyAnswer> {
  const operator = await operatorPolicy(request.operatorFile);
  if (operator.kind !== 'policy') return operator;
  const files = await read(request);
  if (files.kind !== 'files') return files;
  const base = basePolicy(request.base, files.definition);
  if (base.kind !== 'policy') return base;
  const detected = detectDefault(files.root, files.manifest);
  const sources = { operator: operator.policy, base: base.policy, detected };
  return { kind: 'policy', policy: resolvePolicy(sources, request.settings) };
}

type Unreadable = Extract<PolicyAnswer, { kind: 'unreadable' }>;
type PolicyPart =
  | { readonly kind: 'policy'; readonly policy: PolicyFile | null }
  | Exclude<PolicyAnswer, { kind: 'policy' }>;

/** What of a commit decides how a change is judged. */
interface BaseFiles {
  readonly kind: 'files';
  /** `gatehouse.yaml`; null: there is none. */
  readonly definition: string | null;
  /** Names at the root. */
  readonly root: ReadonlySet<string>;
  /** `package.json`; null: there is none. */
  readonly manifest: string | null;
}

async function operatorPolicy(path: string): Promise<PolicyPart> {
  if (path === '') return { kind: 'policy', policy: null };
  const file = await readTextFile(path, 256 * 1024);
  if (file.kind !== 'read') return { kind: 'unreadable', reason: `the operator's policy file ${path}: ${file.reason}` };
  return parsePolicyFile(file.text, path);
}

function basePolicy(base: string, definition: string | null): PolicyPart {
  if (definition === null) return { kind: 'policy', policy: null };
  return parsePolicyFile(definition, `gatehouse.yaml at ${base.slice(0, 12)}`, 'repository');
}

async function readBase(request: PolicyRequest): Promise<BaseFiles | Unreadable> {
  const tree = await listDirectory({ repo: request.git, commit: request.base, dir: '', ...withSignal(request) });
  if (tree.kind !== 'listed') return { kind: 'unreadable', reason: `the base tree cannot be listed: ${tree.kind}` };
  const root = new Set(tree.entries.flatMap(({ type, path }) => (type === 'tree' ? [] : [path])));
  const read = async (path: string) => (root.has(path) ? text(request, path) : ({ kind: 'text', text: null } as const));
  const definition = await read('gatehouse.yaml');
  if (definition.kind === 'unreadable') return definition;
  const manifest = await read('package.json');
  if (manifest.kind === 'unreadable') return manifest;
  return { kind: 'files', definition: definition.text, root, manifest: manifest.text };
}

async function text(request: PolicyRequest, path: string) {
  const { git, base } = request;
  const blob = await readBlob({ repo: git, commit: base, path, maxBytes: MANIFEST_LIMIT, ...withSignal(request) });
  switch (blob.kind) {
    case 'found':
      return { kind: 'text' as const, text: new TextDecoder().decode(blob.bytes) };
    case 'absent':
      return { kind: 'text' as const, text: null };
    case 'too-large':
      return { kind: 'unreadable' as const, reason: `${path} is larger than 1 MiB` };
    case 'git-failed':
      return { kind: 'unreadable' as const, reason: `${path} cannot be read: git ${blob.trouble}` };
    case 'crashed':
      return { kind: 'unreadable' as const, reason: `${path} cannot be read: ${blob.op} crashed` };
  }
}

const withSignal = (request: PolicyRequest) => (request.signal === undefined ? {} : { signal: request.signal });
