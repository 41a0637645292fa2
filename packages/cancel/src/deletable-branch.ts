/** Which branch a clean-up may delete: a plain name that is no landing branch, at a head that is on record. */
import type { StopFacts } from './ports.ts';

/** Never deleted anywhere, whatever a ledger says. */
const ALWAYS = ['main', 'master'];
const OBJECT_NAME = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** The same branch in its other spellings: fully qualified, or on a remote that ignores case. */
const plain = (name: string): string =>
  name
    .normalize('NFC')
    .toLowerCase()
    .replace(/^(?:refs\/)?heads\//, '');

/** Null: it may be deleted at `head`. Else why it stays. */
export function whyKept({ branch, head, main, protectedNames }: StopFacts): string | null {
  const name = plain(branch);
  if (name === '') return 'no branch is on record';
  if ([...ALWAYS, main].some((kept) => plain(kept) === name)) return `${branch} is landed on`;
  const rule = protectedNames.find((kept) => matches(name, plain(kept)));
  if (rule !== undefined) return `${branch} is protected by ${rule}`;
  return whyUnknown(head);
}

/** Null: `head` names a commit. */
export const whyUnknown = (head: string | null): string | null =>
  head !== null && OBJECT_NAME.test(head) ? null : 'no head is on record';

/** `*` in a rule stands for any text. Linear: the parts between the stars are searched from left to right. */
function matches(name: string, rule: string): boolean {
  const [first = '', ...rest] = rule.split('*');
  if (rest.length === 0) return name === rule;
  const last = rest.pop() ?? '';
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found === -1 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
