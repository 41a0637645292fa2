/**
 * Sessions of browsers (docs/adr/0025): a token is shown once and is in no cookie. What the browser keeps is random, and only its
 * hash is stored.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Session, SessionStore } from '../store/port/index.ts';
import { allows, digestOfRow, identify, type Scope, type TokenRow } from './tokens.ts';

const HOUR_MS = 3_600_000;
/** Longest life, and longest time without use. */
const [LIFE_MS, IDLE_MS] = [7 * 24 * HOUR_MS, 24 * HOUR_MS];
/** A use is noted at most so often: reading a page is no write. */
const NOTED_EVERY_MS = 60_000;

/** A request that came with a session. */
export interface OpenSession {
  readonly id: number;
  readonly name: string;
  readonly scope: Scope;
  /** What its forms must carry. */
  readonly formToken: string;
}

export interface Sessions {
  /** What the browser is to keep; null: the token is not known. */
  open(token: string): Promise<string | null>;
  /** Null: unknown, expired, ended, or its token is not what it was. */
  find(presented: string): Promise<OpenSession | null>;
  /** Ids of all that are open now. */
  openIds(): Promise<ReadonlySet<number>>;
  /** Newest first; those of an admin see all, others those of the same token. */
  list(caller: Caller): Promise<readonly Session[]>;
  /** False: there is none that the caller may end. */
  end(id: number, caller: Caller): Promise<boolean>;
}

interface Caller {
  readonly name: string;
  readonly scope: Scope;
}

interface SessionDeps {
  readonly store: SessionStore;
  readonly tokens: readonly TokenRow[];
  readonly now: () => number;
}

export function createSessions({ store, tokens, now }: SessionDeps): Sessions {
  const holds = new Map(tokens.map((row) => [digestOfRow(row), row]));
  const isAlive = (session: Session): boolean => session.expiresAt > now() && holds.has(session.tokenDigest);
  const visible = async (caller: Caller): Promise<readonly Session[]> =>
    (await store.listSessions(now())).filter(
      (session) => isAlive(session) && (allows(caller.scope, 'admin') || session.tokenName === caller.name),
    );
  return {
    async open(token) {
      const row = identify(tokens, token);
      if (row === null) return null;
      const presented = randomBytes(32).toString('base64url');
      const atMs = now();
      await store.addSession({
        idHash: hashOf(presented),
        tokenName: row.name,
        scope: row.scope,
        tokenDigest: digestOfRow(row),
        createdAt: atMs,
        lastUsedAt: atMs,
        expiresAt: atMs + IDLE_MS,
      });
      return presented;
    },
    async find(presented) {
      const session = await store.findSession(hashOf(presented));
      if (session === null) return null;
      if (!isAlive(session)) {
        await store.endSession(session.id);
        return null;
      }
      if (now() - session.lastUsedAt >= NOTED_EVERY_MS)
        await store.touchSession(session.id, {
          atMs: now(),
          expiresAt: Math.min(session.createdAt + LIFE_MS, now() + IDLE_MS),
        });
      const { id, tokenName: name, scope } = session;
      return { id, name, scope, formToken: formTokenOf(presented) };
    },
    openIds: async () => new Set((await store.listSessions(now())).filter(isAlive).map(({ id }) => id)),
    list: visible,
    async end(id, caller) {
      const isTheirs = (await visible(caller)).some((session) => session.id === id);
      return isTheirs && (await store.endSession(id));
    },
  };
}

const hashOf = (presented: string): string => createHash('sha256').update(presented).digest('hex');

const formTokenOf = (presented: string): string =>
  createHmac('sha256', presented).update('a form of the board').digest('base64url');

/** Compares in constant time. */
export function isFormToken({ formToken }: Pick<OpenSession, 'formToken'>, presented: string): boolean {
  const [known, given] = [formToken, presented].map((text) => createHash('sha256').update(text).digest());
  return known !== undefined && given !== undefined && timingSafeEqual(known, given);
}
