/**
 * Which names may become a ref. Stricter than git: a name that passes can stand in an argument list, a refspec, a path
 * and a log line as it is. In a URL it is encoded (`#`, `+`), and in Markdown escaped (`#`, `@`), like any text.
 * Evidence for each rule: the planted names in test/ref-name.test.ts.
 */

/** Outcome of `validateRefName`. */
export type RefNameVerdict =
  | { readonly kind: 'valid'; readonly name: string }
  | { readonly kind: 'invalid'; readonly reason: string };

const ALLOWED = /^[A-Za-z0-9][A-Za-z0-9_./+#@-]{0,200}$/;

/** Judges a short branch name such as `feature/ABC-1-title`. Synchronous and total: any value gets an answer. */
export function validateRefName(name: unknown): RefNameVerdict {
  if (typeof name !== 'string') return invalid('a branch name is a text');
  if (!ALLOWED.test(name)) {
    return invalid(
      'a branch name is 1 to 201 ASCII letters, digits, "_", ".", "/", "-", "+", "#", "@" and starts with a letter or digit',
    );
  }
  if (name.includes('..')) return invalid('".." names a range');
  if (name.split('/').some((part) => part === '')) return invalid('an empty part between slashes');
  if (name.split('/').some((part) => part.startsWith('.'))) return invalid('a part that starts with a dot');
  if (name.split('/').some((part) => part.endsWith('.lock') || part.endsWith('.'))) {
    return invalid('a part that ends with ".lock" or a dot');
  }
  if (name === 'HEAD' || name.startsWith('refs/')) return invalid('a name that git already uses');
  if (/^[0-9a-f]{40}([0-9a-f]{24})?$/i.test(name)) return invalid('a name that reads as an object name');
  return { kind: 'valid', name };
}

/** True for a full ref name whose part after `refs/heads/` or `refs/gatehouse/` is a valid short name. */
export function isFullRef(ref: unknown): ref is string {
  if (typeof ref !== 'string') return false;
  const short = /^refs\/(?:heads|gatehouse)\/(.+)$/s.exec(ref)?.[1];
  if (short === undefined) return false;
  return ref.startsWith('refs/heads/') ? validateRefName(short).kind === 'valid' : validInside(short);
}

/** Our own refs may end in an object name: `refs/gatehouse/tested/<sha>`. */
const validInside = (short: string): boolean => validateRefName(`gatehouse/${short}`).kind === 'valid';

const invalid = (reason: string): RefNameVerdict => ({ kind: 'invalid', reason });
