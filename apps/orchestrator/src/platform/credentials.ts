/**
 * Credentials for the outside, by name. A repository keeps the name; the values stay in this process, and go to git in its
 * environment or to an API in a header.
 */
import type { Environment } from './process-environment.ts';

/** The values of one credential; an empty text is not set. */
export interface CredentialValues {
  readonly token: string;
  /** Path of a private key for git over ssh. */
  readonly sshKey: string;
  readonly webhookSecret: string;
  /** Path of a file of host keys that ssh takes as known, besides those of the user. */
  readonly knownHosts?: string;
}
/** By name in lower case. `gitea` and `github` are those of their own settings. */
export type Credentials = ReadonlyMap<string, CredentialValues>;

const CREDENTIAL = /^ORCH_CREDENTIAL_([A-Z0-9_]+?)(_SSH_KEY|_KNOWN_HOSTS|_WEBHOOK_SECRET)?$/;
const VALUE_OF: Readonly<Record<string, keyof CredentialValues>> = {
  _SSH_KEY: 'sshKey',
  _KNOWN_HOSTS: 'knownHosts',
  _WEBHOOK_SECRET: 'webhookSecret',
};
const NO_VALUES: CredentialValues = { token: '', sshKey: '', webhookSecret: '' };

/** Whether a variable of the environment holds a part of a credential of its own name. */
export const isCredential = (variable: string): boolean => CREDENTIAL.test(variable);

/** Every credential that the environment has a part of. */
export function readCredentials(environment: Environment): Credentials {
  const found = new Map<string, CredentialValues>();
  for (const forge of ['gitea', 'github']) {
    const token = environment[`ORCH_${forge.toUpperCase()}_TOKEN`] ?? '';
    const webhookSecret = environment[`ORCH_${forge.toUpperCase()}_WEBHOOK_SECRET`] ?? '';
    if (token !== '' || webhookSecret !== '') found.set(forge, { ...NO_VALUES, token, webhookSecret });
  }
  for (const [variable, value = ''] of Object.entries(environment)) {
    const [, name, suffix = ''] = CREDENTIAL.exec(variable) ?? [];
    if (name === undefined || value === '') continue;
    const key = name.toLowerCase();
    found.set(key, { ...(found.get(key) ?? NO_VALUES), [VALUE_OF[suffix] ?? 'token']: value.trim() });
  }
  return found;
}
