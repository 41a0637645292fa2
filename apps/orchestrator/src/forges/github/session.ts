/** What is remembered of one credential at one GitHub between calls: nothing of it is stored, and nothing outlives the settings. */
import type { Credentials } from '../../platform/credentials.ts';

export interface Session {
  /** Of an App's installation; used for less than its hour. */
  installation: { readonly token: string; readonly untilMs: number } | null;
  /** Login of who the credential speaks for. */
  login: string | null;
  /** GitHub asked for no call before this time. */
  quietUntilMs: number;
  /** Where commits that are to land were brought to. One that is not here was prepared by a process that has ended. */
  readonly prepared: Map<string, 'branches' | 'candidate'>;
}

const SESSIONS = new WeakMap<Credentials, Map<string, Session>>();

/** The session of these credentials under this key. */
export function sessionOf(credentials: Credentials, key: string): Session {
  const known = SESSIONS.get(credentials) ?? new Map<string, Session>();
  SESSIONS.set(credentials, known);
  const session = known.get(key) ?? { installation: null, login: null, quietUntilMs: 0, prepared: new Map() };
  known.set(key, session);
  return session;
}
