/** Requests are checked once, here; after that their types hold. */
import type { Form, Keys } from './outcome.ts';

/** What may be given to `writeArtefact`. */
export interface WriteRequest {
  /** The store's directory; made (0700) when it is absent. Never a directory a branch can write to. */
  readonly dir: string;
  /** A plain file name ending in `.md`. */
  readonly name: string;
  /** The machine verdict, in the order it will be written. */
  readonly front: { readonly [key: string]: string | number | boolean };
  /** For people. */
  readonly body: string;
  /** `create` (default) refuses whatever already stands there; `replace` takes its place in one step. */
  readonly mode?: 'create' | 'replace';
}

/** What may be given to `readArtefact`. */
export interface ReadRequest<K extends Keys = Keys> {
  /** The caller's own store; links in this path are followed. */
  readonly dir: string;
  /** File name within `dir`, without a slash; a link of that name is not followed. */
  readonly name: string;
  /** The keys asked for and what each must hold. */
  readonly keys: K;
  /** Default 1 MiB. */
  readonly maxBytes?: number;
  /** Default `canonical`. */
  readonly form?: Form;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.md$/;

/** Why (dir, name) names no artefact, or null. */
export function nameFault(dir: unknown, name: unknown): string | null {
  if (typeof dir !== 'string' || dir === '' || dir.includes('\0')) return 'dir is not a path';
  if (typeof name !== 'string' || !NAME.test(name)) return 'name is not a plain file name ending in .md';
  return null;
}

/** Why `keys` asks for nothing that can be read, or null. */
export function keysFault(keys: unknown): string | null {
  if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) return 'keys is not a map of expectations';
  const wanted: [string, unknown][] = Object.entries(keys);
  if (wanted.length === 0) return 'no key was asked for';
  const odd = wanted.find(([, kind]) => !isKeyKind(kind));
  return odd === undefined ? null : `the expectation for ${odd[0].slice(0, 64)} is unknown`;
}

const isKeyKind = (kind: unknown): boolean =>
  kind === 'string' ||
  kind === 'integer' ||
  kind === 'boolean' ||
  (Array.isArray(kind) && kind.length > 0 && kind.every((member) => typeof member === 'string'));
