/** Outcomes are values: where code may throw and where it may catch. Why: docs/adr/0001-outcomes-are-values.md. */
import { type Token, tokensOf } from '../tokens.ts';
import { filesMatching, type Guard, type RepoFile, readNothing, type Violation } from '../tree.ts';

/** The store's port rejects with `StoreError`; a transaction ends in a rollback only when something is thrown. */
const MAY_THROW = /^packages\/verdict\/src\/invariant\.ts$|^apps\/orchestrator\/src\/store\/sqlite\//;
const MAY_CATCH =
  /^packages\/verdict\/src\/crashed\.ts$|^(packages|apps)\/[^/]+\/src\/adapters\/|^apps\/orchestrator\/src\/((platform|forges|notifiers|trackers|cli|store\/sqlite)\/|main\.ts$)/;

export const raising: Guard = {
  name: 'throw stands only in invariant, catch only in neverRaise and adapters',
  rules: ['throw', 'catch'],
  check(tree) {
    const files = filesMatching(tree, /^(packages|apps)\/[^/]+\/src\/.*\.[cm]?[jt]sx?$/);
    if (files.length === 0) return readNothing('source of a package');
    return files.flatMap(checkFile);
  },
};

function checkFile(file: RepoFile): Violation[] {
  const { code } = tokensOf(file);
  return code.flatMap((token, at): Violation[] => {
    const place = { path: file.path, line: token.line };
    if (throws(code, at) && !MAY_THROW.test(file.path) && !(MAY_CATCH.test(file.path) && rethrows(code, at)))
      return [
        { rule: 'throw', ...place, message: 'throw stands only in invariant; answer a named kind, or call invariant' },
      ];
    if (catches(code, at) && !MAY_CATCH.test(file.path))
      return [
        {
          rule: 'catch',
          ...place,
          message: 'catch stands only in adapters and neverRaise; move the call into src/adapters, let the rest travel',
        },
      ];
    return [];
  });
}

const isMember = (code: readonly Token[], at: number): boolean => ['.', '?.', '#'].includes(code[at - 1]?.text ?? '');
const isKey = (code: readonly Token[], at: number): boolean => [':', '?', ','].includes(code[at + 1]?.text ?? '');

function throws(code: readonly Token[], at: number): boolean {
  const token = code[at];
  if (token?.kind !== 'word') return false;
  if (token.text === 'reject') return code[at - 2]?.text === 'Promise' && isMember(code, at);
  return token.text === 'throw' && !isMember(code, at) && !isKey(code, at);
}

/**
 * `throw error;` inside `catch (error) { … }`, for a code the adapter cannot name, and `throw run.error;`, for a crash
 * that reached it as a value: both pass on what another function raised.
 */
function rethrows(code: readonly Token[], at: number): boolean {
  const name = code[at + 1];
  const passed = code.slice(at + 2, at + 5).map(({ text }) => text);
  if (name?.kind === 'word' && passed.join('') === '.error;') return true;
  if (name?.kind !== 'word' || code[at + 2]?.text !== ';') return false;
  let depth = 0;
  for (let back = at - 1; back >= 0; back -= 1) {
    const text = code[back]?.kind === 'punct' ? code[back]?.text : '';
    if (text === '}') depth += 1;
    if (text !== '{') continue;
    if (depth > 0) depth -= 1;
    else if (code[back - 1]?.text === ')' && code[back - 2]?.text === name.text && code[back - 4]?.text === 'catch')
      return true;
  }
  return false;
}

function catches(code: readonly Token[], at: number): boolean {
  const token = code[at];
  if (token?.kind !== 'word') return false;
  const next = code[at + 1]?.text;
  if (token.text === 'catch')
    return isMember(code, at) ? next === '(' : code[at - 1]?.text === '}' && (next === '(' || next === '{');
  return token.text === 'then' && isMember(code, at) && next === '(' && hasSecondArgument(code, at + 2);
}

/** `.then(ok, failed)` handles a rejection as `.catch(failed)` does. */
function hasSecondArgument(code: readonly Token[], start: number): boolean {
  let depth = 0;
  for (let at = start; at < code.length; at += 1) {
    const token = code[at];
    if (token?.kind !== 'punct') continue;
    if ('([{'.includes(token.text)) depth += 1;
    if (')]}'.includes(token.text)) depth -= 1;
    if (depth < 0) return false;
    if (depth === 0 && token.text === ',' && code[at + 1]?.text !== ')') return true;
  }
  return false;
}
