/** The workspaces of the tree and their manifests, read leniently: a broken manifest is data for a guard to report. */
import { filesMatching, type RepoFile, type RepoTree } from './tree.ts';

export interface Workspace {
  /** For example `packages/git`. */
  readonly dir: string;
  readonly group: 'packages' | 'apps' | 'tools';
  /** The manifest's `name`, or the empty string. */
  readonly name: string;
  readonly file: RepoFile;
  readonly manifest: Manifest;
}

export type Manifest = Readonly<Record<string, unknown>>;

export const DEPENDENCY_FIELDS = [
  'dependencies',
  'optionalDependencies',
  'peerDependencies',
  'devDependencies',
] as const;

/** As in pnpm-workspace.yaml: tools/bench has a lockfile of its own and is none. */
const WORKSPACE = /^(?!tools\/bench\/)(packages|apps|tools)\/[^/]+\/package\.json$/;

export function workspacesOf(tree: RepoTree): Workspace[] {
  return filesMatching(tree, WORKSPACE).map((file) => {
    const manifest = manifestOf(file) ?? {};
    const dir = file.path.slice(0, file.path.lastIndexOf('/'));
    const name = typeof manifest['name'] === 'string' ? manifest['name'] : '';
    return { dir, group: dir.slice(0, dir.indexOf('/')) as Workspace['group'], name, file, manifest };
  });
}

/** The object in a package.json; null when it is not one. */
export function manifestOf(file: RepoFile): Manifest | null {
  try {
    const value: unknown = JSON.parse(file.text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

/** A field of a manifest as name → text; entries that are not text are left out. */
export function textField(manifest: Manifest, field: string): ReadonlyMap<string, string> {
  const value = manifest[field];
  if (!isRecord(value)) return new Map();
  return new Map(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** The code files of a workspace; nothing generated is tracked, so nothing generated is here. */
export function codeOf(tree: RepoTree, workspace: Workspace): RepoFile[] {
  return filesMatching(tree, /\.[cm]?[jt]sx?$/).filter((file) => file.path.startsWith(`${workspace.dir}/`));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
