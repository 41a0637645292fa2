/** What writing and reading an artefact can answer. Only `written` and `read` open anything. */

/** A machine value: text, a safe integer, or a truth value. Never null, never a list, never a fraction. */
export type Scalar = string | number | boolean;

/** What a reader expects under a key; a list is an enum compared in exact case. */
export type KeyKind = 'string' | 'integer' | 'boolean' | readonly string[];

/** The exact set of keys a reader asks for, each with what it must hold. */
export type Keys = { readonly [key: string]: KeyKind };

/** The machine values a reader gets for the keys it asked for. */
export type FrontOf<K extends Keys> = {
  readonly [Key in keyof K]: K[Key] extends 'string'
    ? string
    : K[Key] extends 'integer'
      ? number
      : K[Key] extends 'boolean'
        ? boolean
        : K[Key] extends readonly (infer Member)[]
          ? Member
          : never;
};

/** The document said exactly what the reader asked for. `digest` is the SHA-256 of all its bytes, in hex. */
export interface Read<K extends Keys = Keys> {
  readonly kind: 'read';
  /** The values of the keys that were asked for, typed by what was asked. */
  readonly front: FrontOf<K>;
  /** For people; nothing may be decided from it. */
  readonly body: string;
  /** SHA-256 of all bytes of the document, in hex. */
  readonly digest: string;
}

/** There is something, and it is not a verdict. The caller fails closed. */
export interface Malformed {
  readonly kind: 'malformed';
  /** The first rule of the spelling that the document breaks. */
  readonly reason: string;
  /** A key that was asked for and is not there. */
  readonly missingKey?: string;
  /** A key that was asked for and holds something else. */
  readonly otherwiseKey?: string;
}

/** Nothing stands under that name. */
export interface Missing {
  readonly kind: 'missing';
}

/** The file system refused; `code` is its own (`ENOSPC`, `EACCES`, …), or `EREADBACK` when it kept other bytes. */
export interface IoFailed {
  readonly kind: 'io-failed';
  /** Error code of the system, for example `ENOSPC`; `EREADBACK` when other bytes came back. */
  readonly code: string;
  /** What the file system said, in one line. */
  readonly reason: string;
}

/** The document stands on disk, synced, and was read back byte for byte. */
export interface Written {
  readonly kind: 'written';
  /** Where the document stands: `dir` and `name`, joined. */
  readonly path: string;
  /** SHA-256 of all bytes of the document, in hex. */
  readonly digest: string;
}

/** The request itself is at fault, or something already stands under that name; nothing was changed. */
export interface RefusedWrite {
  readonly kind: 'refused';
  /** What is wrong with the request, or what stands in the way. */
  readonly reason: string;
}

/** What reading a document in memory can answer. Only `read` is a verdict. */
export type ParseAnswer<K extends Keys = Keys> = Read<K> | Malformed;
/** What reading a file can answer. Only `read` is a verdict; for anything else the caller fails closed. */
export type ReadAnswer<K extends Keys = Keys> = ParseAnswer<K> | Missing | IoFailed;
/** What writing can answer. Only `written` left the document behind. */
export type WriteAnswer = Written | RefusedWrite | IoFailed;

/**
 * `canonical`: byte for byte what `writeArtefact` writes, with exactly the keys asked for (verdicts of gates).
 * `authored`: any strict YAML a person or an agent wrote; keys that were not asked for are ignored.
 */
export type Form = 'canonical' | 'authored';
