/** Bearer tokens and what they may do. Only digests are kept in memory; comparison takes the same time for every token. */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { readTextFile, writeTextFile } from '../platform/files.ts';

/** In growing order: reading, acting on tasks, changing what is trusted. */
export const SCOPES = ['read', 'operate', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export interface TokenRow {
  readonly name: string;
  readonly scope: Scope;
  readonly sha256: Buffer;
}

export interface Tokens {
  readonly kind: 'tokens';
  readonly rows: readonly TokenRow[];
  /** Where the service put the token that it made; null: the settings brought some. */
  readonly madeAt: string | null;
  /** Where a token is that the service made before, and that the settings make void; null: there is none. */
  readonly voided: string | null;
}
export type TokensAnswer = Tokens | { readonly kind: 'invalid'; readonly problem: string };

const digest = (token: string): Buffer => hash('sha256', token, 'buffer');

/** Where the tokens come from. */
export interface TokenSettings {
  readonly server: { readonly apiToken: string; readonly apiTokensFile: string };
  readonly storage: { readonly dataDir: string };
}

/** Collects the tokens of the settings; with none, makes one in `<data dir>/api-token` (0600) and says where. */
export async function loadTokens(settings: TokenSettings): Promise<TokensAnswer> {
  const rows: TokenRow[] = [];
  if (settings.server.apiToken !== '') {
    if (settings.server.apiToken.length < 16)
      return { kind: 'invalid', problem: 'ORCH_API_TOKEN is shorter than 16 characters; use `openssl rand -hex 24`' };
    rows.push({ name: 'ORCH_API_TOKEN', scope: 'admin', sha256: digest(settings.server.apiToken) });
  }
  if (settings.server.apiTokensFile !== '') {
    const file = await readTextFile(settings.server.apiTokensFile, 1024 * 1024);
    if (file.kind !== 'read')
      return { kind: 'invalid', problem: `ORCH_API_TOKENS_FILE ${settings.server.apiTokensFile}: ${file.reason}` };
    for (const [index, line] of file.text.split('\n').entries()) {
      if (line.trim() === '' || line.startsWith('#')) continue;
      const row = parseRow(line);
      if (typeof row === 'string')
        return { kind: 'invalid', problem: `${settings.server.apiTokensFile}:${index + 1}: ${row}` };
      rows.push(row);
    }
  }
  const own = join(settings.storage.dataDir, 'api-token');
  if (rows.length === 0) return ownToken(own);
  const kept = await readTextFile(own, 4096);
  const isVoid = kept.kind === 'read' && identify(rows, kept.text.trim()) === null;
  return { kind: 'tokens', rows, madeAt: null, voided: isVoid ? own : null };
}

/** With the command that makes the last word. */
const SHAPE = '`name scope sha256`, the last as `printf %s "$TOKEN" | sha256sum` prints it';

function parseRow(line: string): TokenRow | string {
  const [name = '', scope = '', hash = '', ...rest] = line.trim().split(/\s+/);
  const known = SCOPES.find((candidate) => candidate === scope);
  if (hash === '' || rest.length > 0) return `expected ${SHAPE}`;
  if (known === undefined) return `expected ${SHAPE}; ${JSON.stringify(scope)} is no scope: ${SCOPES.join(', ')}`;
  if (!/^[0-9a-f]{64}$/i.test(hash)) return `expected ${SHAPE}; the last word is no sha256, which is 64 digits`;
  return { name, scope: known, sha256: Buffer.from(hash, 'hex') };
}

async function ownToken(path: string): Promise<TokensAnswer> {
  const kept = await readTextFile(path, 4096);
  const usable = kept.kind === 'read' && kept.text.trim().length >= 16;
  const token = usable ? kept.text.trim() : randomBytes(24).toString('hex');
  if (!usable) {
    const written = await writeTextFile(path, `${token}\n`);
    if (written.kind !== 'written')
      return { kind: 'invalid', problem: `the API token cannot be kept at ${path}: ${written.reason}` };
  }
  return {
    kind: 'tokens',
    rows: [{ name: 'api-token', scope: 'admin', sha256: digest(token) }],
    madeAt: path,
    voided: null,
  };
}

/** The row a presented token belongs to, or null. Compares against every row whatever the outcome. */
export function identify(rows: readonly TokenRow[], presented: string): TokenRow | null {
  const given = digest(presented);
  let found: TokenRow | null = null;
  for (const row of rows) if (timingSafeEqual(row.sha256, given)) found = row;
  return found;
}

/**
 * Tells whose token comes over a connection. One that it showed before and was right is compared with what it shows now, in constant
 * time, too: that costs a tenth of a digest, and nobody else's connection is asked that way.
 */
export function recognizer(rows: readonly TokenRow[]): (presented: string, connection?: object) => TokenRow | null {
  const shown = new WeakMap<object, { readonly token: Buffer; readonly row: TokenRow }>();
  return (presented, connection) => {
    const token = Buffer.from(presented);
    const last = connection === undefined ? undefined : shown.get(connection);
    if (last?.token.length === token.length && timingSafeEqual(last.token, token)) return last.row;
    const row = identify(rows, presented);
    if (row !== null && connection !== undefined) shown.set(connection, { token, row });
    return row;
  };
}

/** Names this very row for a session: another token, another name or another scope gives another digest. */
export const digestOfRow = ({ name, scope, sha256 }: TokenRow): string =>
  digest([name, scope, sha256.toString('hex')].join('\n')).toString('hex');

/** Whether a scope includes another. */
export const allows = (held: Scope, needed: Scope): boolean => SCOPES.indexOf(held) >= SCOPES.indexOf(needed);
