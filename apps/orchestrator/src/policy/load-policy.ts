/** Loads the trusted gate definition of a base commit: the operator's file, the base's `gatehouse.yaml`, the default. */
import { type GitRepo, listTree, readBlob } from '@gatehouse/git';
import { readTextFile } from '../platform/files.ts';
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

export async function loadPolicy(request: PolicyRequest): Promise<PolicyAnswer> {
  const operator = await operatorPolicy(request.operatorFile);
  if (operator.kind !== 'policy') return operator;
  const base = await basePolicy(request);
  if (base.kind !== 'policy') return base;
  const detected = await detect(request);
  if (detected.kind !== 'detected') return detected;
  const sources = { operator: operator.policy, base: base.policy, detected: detected.found };
  return { kind: 'policy', policy: resolvePolicy(sources, request.settings) };
}

type PolicyPart =
  | { readonly kind: 'policy'; readonly policy: PolicyFile | null }
  | Exclude<PolicyAnswer, { kind: 'policy' }>;

async function operatorPolicy(path: string): Promise<PolicyPart> {
  if (path === '') return { kind: 'policy', policy: null };
  const file = await readTextFile(path, 256 * 1024);
  if (file.kind !== 'read') return { kind: 'unreadable', reason: `the operator's policy file ${path}: ${file.reason}` };
  return parsePolicyFile(file.text, path);
}

async function basePolicy(request: PolicyRequest): Promise<PolicyPart> {
  const blob = await text(request, 'gatehouse.yaml');
  if (blob.kind === 'unreadable') return blob;
  if (blob.text === null) return { kind: 'policy', policy: null };
  return parsePolicyFile(blob.text, `gatehouse.yaml at ${request.base.slice(0, 12)}`, 'repository');
}

async function detect(request: PolicyRequest) {
  const tree = await listTree({ repo: request.git, commit: request.base, ...withSignal(request) });
  if (tree.kind !== 'listed')
    return { kind: 'unreadable' as const, reason: `the base tree cannot be listed: ${tree.kind}` };
  const paths = new Set(tree.entries.filter((entry) => !entry.path.includes('/')).map((entry) => entry.path));
  const manifest = paths.has('package.json')
    ? await text(request, 'package.json')
    : { kind: 'text' as const, text: null };
  if (manifest.kind === 'unreadable') return manifest;
  return { kind: 'detected' as const, found: detectDefault(paths, manifest.text) };
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
