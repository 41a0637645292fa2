/** Browsers that were let in with a token (docs/adr/0025). */

export interface Session {
  readonly id: number;
  /** sha256 of what the browser presents, hex. */
  readonly idHash: string;
  readonly tokenName: string;
  /** What the token allowed when it was shown. */
  readonly scope: 'read' | 'operate' | 'admin';
  /** Digest of the token's whole row: another token, or another scope, under the same name ends the session. */
  readonly tokenDigest: string;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
}

export interface SessionStore {
  /** Drops those that have expired on the way. */
  addSession(session: Omit<Session, 'id'>): Promise<number>;
  findSession(idHash: string): Promise<Session | null>;
  /** Notes that it was used; one that is gone stays gone. */
  touchSession(id: number, at: { atMs: number; expiresAt: number }): Promise<void>;
  /** Newest first; those that have expired are left out. */
  listSessions(nowMs: number): Promise<Session[]>;
  /** False: there was no such one. */
  endSession(id: number): Promise<boolean>;
}
