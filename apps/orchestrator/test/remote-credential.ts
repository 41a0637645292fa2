/** A forge of plain git with a credential, and the authority that signed the double's certificate. */
import { afterAll } from '@jest/globals';
import { gitForge } from '../src/forges/git.ts';
import type { Forge } from '../src/forges/port.ts';
import type { CredentialValues } from '../src/platform/credentials.ts';

const NONE: CredentialValues = { token: '', sshKey: '', webhookSecret: '' };

/** Served with the credential `work` of these values. */
export const withCredential = (url: string, values: Partial<CredentialValues>): Forge =>
  gitForge({ forge: 'git', url, credential: 'work', credentials: new Map([['work', { ...NONE, ...values }]]) });

const before = process.env['NODE_EXTRA_CA_CERTS'];

/** As an operator would start the service; undone when the test file ends. Empty: nobody is trusted beside the machine's own. */
export function trust(certificate: string): void {
  process.env['NODE_EXTRA_CA_CERTS'] = certificate;
}
afterAll(() => {
  if (before === undefined) delete process.env['NODE_EXTRA_CA_CERTS'];
  else process.env['NODE_EXTRA_CA_CERTS'] = before;
});
