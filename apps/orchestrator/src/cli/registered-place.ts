/** What the name of a registered repository stands for, where a command takes a path, an address or such a name. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { isMeantAsAddress } from '../forges/address.ts';
import { type Answer, type Terminal, usage } from './answer.ts';
import type { Api } from './api-client.ts';

export interface RegisteredPlace {
  readonly kind: 'registered';
  /** Its address, or its path. */
  readonly repo: string;
  readonly main: string | undefined;
  readonly policy: string | undefined;
  readonly credential: string | undefined;
}

/** `place`: it is a path or an address as it stands. */
export type Registered =
  | RegisteredPlace
  | { readonly kind: 'place' }
  | { readonly kind: 'refused'; readonly answer: Answer };

/** The service is asked only for what is neither a path nor an address. A name that is registered goes before a directory of that name. */
export async function registeredPlace(
  repo: string,
  { terminal, api }: { readonly terminal: Terminal; readonly api: () => Promise<Api> },
): Promise<Registered> {
  if (isMeantAsAddress(repo) || /[/.]/.test(repo)) return { kind: 'place' };
  const isThere = existsSync(resolve(terminal.cwd, repo));
  const listed = await (await api()).get('/repos');
  if (listed.kind === 'refused') return isThere ? { kind: 'place' } : listed;
  const rows = Array.isArray(listed.body) ? (listed.body as Partial<Record<string, unknown>>[]) : [];
  const row = rows.find(({ id }) => id === repo);
  if (row === undefined && isThere) return { kind: 'place' };
  if (row === undefined) {
    const unknown = `--repo ${repo}: there is no such directory, and no repository is registered as that`;
    return { kind: 'refused', answer: usage(unknown, 'gatehouse repo ls') };
  }
  const text = (name: string): string | undefined => (typeof row[name] === 'string' ? row[name] : undefined);
  return {
    kind: 'registered',
    repo: text('url') ?? repo,
    main: text('main'),
    policy: text('policy_path'),
    credential: text('credential'),
  };
}
