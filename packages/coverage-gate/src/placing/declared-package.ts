/**
 * Kotlin, Scala and Groovy name a file by its package, and let it stand in any folder (Kotlin leaves the common root out). What
 * the file itself declares is then the only proof that it is meant.
 */

const EXTENSION = /\.(kts?|scala|groovy)$/;
const CLAUSE = /^[ \t]*package[ \t]+([\p{L}\p{N}_$.`]+)/gmu;
const MAX_CHARS = 65_536;

/** Whether a file of this name may stand in another folder than that of its package. */
export const mayStandAnywhere = (path: string): boolean => EXTENSION.test(path);

/** The package that a source declares, as a path of folders; empty for none. Scala's clauses add up. */
export function declaredPackage(text: string, path: string): string {
  const found = [...withoutComments(text.slice(0, MAX_CHARS)).matchAll(CLAUSE)].map(([, name = '']) => name);
  const names = path.endsWith('.scala') ? found : found.slice(0, 1);
  return names.join('.').replaceAll('`', '').replaceAll('.', '/');
}

/** One pass: a comment that does not end takes the rest. */
function withoutComments(text: string): string {
  const kept: string[] = [];
  for (let at = 0; at < text.length; ) {
    const open = text.indexOf('/*', at);
    if (open < 0) {
      kept.push(text.slice(at));
      break;
    }
    kept.push(text.slice(at, open));
    const close = text.indexOf('*/', open + 2);
    at = close < 0 ? text.length : close + 2;
  }
  return kept.join(' ');
}
