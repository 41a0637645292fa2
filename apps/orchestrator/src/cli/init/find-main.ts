/** The branch that changes land on, as far as a checkout says: a name that was given, else main or master, here or at the remote. */
import { type Checkout, nameInCheckout } from '@gatehouse/git';
import { MAIN_NAMES } from '../checkout/choose-names.ts';

export interface FoundMain {
  readonly name: string;
  readonly sha: string;
}

export async function findMain(
  checkout: Checkout,
  given: string | undefined,
  signal: AbortSignal,
): Promise<FoundMain | null> {
  const names = given === undefined ? MAIN_NAMES : [given];
  for (const name of names) {
    const found = await nameInCheckout({ repo: checkout, name, signal });
    if (found.kind === 'found') return { name, sha: found.sha };
  }
  const { head } = checkout;
  return given === undefined && head !== null ? { name: head.branch ?? 'HEAD', sha: head.sha } : null;
}
