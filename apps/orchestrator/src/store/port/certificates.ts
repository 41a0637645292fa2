/** Certificates that ran out of their budget, for the next ask of the same question. */
import type { ResultKey } from './results.ts';

export interface CertificateKey extends ResultKey {
  readonly repoId: string;
  /** The commit of main that the branch is compared with. */
  readonly base: string;
}

export interface CertificateStore {
  /** JSON as it was saved; null: nothing was. */
  savedCertificate(key: CertificateKey): Promise<string | null>;
  /** At most 100 are kept per repository, the newest. Null forgets what was saved. */
  saveCertificate(key: CertificateKey, state: string | null, atMs: number): Promise<void>;
}
