/** Addresses of commits and pull requests at a forge that shows them; null where none does. Pure. */
import type { Repository } from '../../store/port/index.ts';

type Place = Pick<Repository, 'forge' | 'url'>;

const PULL: Readonly<Record<string, string>> = { github: 'pull', gitea: 'pulls' };

function pageOf({ forge, url }: Place): string | null {
  if (PULL[forge] === undefined || !/^https?:\/\//i.test(url) || !URL.canParse(url)) return null;
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, '').replace(/\.git$/, '')}`;
}

export function commitLink(place: Place, sha: string): string | null {
  const page = pageOf(place);
  return page === null ? null : `${page}/commit/${sha}`;
}

export function pullRequestLink(place: Place, number: number): string | null {
  const page = pageOf(place);
  return page === null ? null : `${page}/${PULL[place.forge]}/${number}`;
}
