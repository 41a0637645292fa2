import { join, relative } from 'node:path';

/** Where the board is for as long as the demo stays, and what lets a person in. */
export function boardStays({ url, dataDir }: { readonly url: string; readonly dataDir: string }, cwd: string): string {
  const token = join(relative(cwd, dataDir), 'api-token');
  return `The board stays at ${url}/ until you press Ctrl-C; its token: cat ${token}`;
}
