/** What an editor shows when a person points at an export or at a member of a type. */
import type { Declaration, Exported } from './declarations.ts';

/** The exports and members of a package whose hover says nothing, each with its place; empty is as it must be. */
export function silent({ own, reached }: Exported): string[] {
  return [...own, ...wrappedBy(own), ...reached].flatMap((declaration) => [
    ...(own.includes(declaration) && !says(declaration.doc) ? [tell(declaration)] : []),
    ...declaration.members.filter(({ doc, isDiscriminant }) => !isDiscriminant && !says(doc)).map(tell),
  ]);
}

/** How many hovers there are, so that a reader that went blind is noticed. */
export const hoversOf = ({ own, reached }: Exported): number =>
  own.length + [...own, ...reached].reduce((sum, { members }) => sum + members.length, 0);

/** The functions behind exports: their parameters are those that a caller writes. */
const wrappedBy = (own: readonly Declaration[]): Declaration[] =>
  own.flatMap(({ wraps }) => (wraps === null ? [] : [wraps]));

/** A link or a tag in place of the first sentence tells nothing: an editor shows the name that was linked, and not what stands there. */
function says(doc: string): boolean {
  return !doc.startsWith('{@link') && /\p{L}{2}/u.test(doc.replace(/\{@link[^}]*\}/g, '').replace(/^@\w+/gm, ''));
}

const tell = ({ name, at }: Pick<Declaration, 'name' | 'at'>): string => `${name} (${at})`;

/** Exports whose text does not begin with that of the function they wrap: one contract, said in two places, has one wording. */
export function strayed({ own }: Exported): string[] {
  const words = (doc: string): string => doc.replace(/\s+/g, ' ');
  return own.filter(({ doc, wraps }) => wraps !== null && !words(doc).startsWith(words(wraps.doc))).map(tell);
}
