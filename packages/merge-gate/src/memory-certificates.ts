/** Certificates to be continued, inside one process: for tests, and for embedders that never run two. */
import type { CertificateKey, CertificatePort } from './ports.ts';

/** What the memory of certificates may hold. */
export interface MemoryCertificatesOptions {
  /** Certificates remembered at once over all repositories; the oldest are forgotten first. Default 100. */
  readonly maxKeys?: number;
}

/** A memory that lasts as long as the returned value. It never fails. */
export function memoryCertificates({ maxKeys = 100 }: MemoryCertificatesOptions = {}): CertificatePort {
  const saved = new Map<string, string>();
  return {
    load: async (key) => {
      const state = saved.get(placeOf(key));
      return state === undefined ? null : JSON.parse(state);
    },
    save: async (key, state) => {
      saved.delete(placeOf(key));
      if (state !== null) saved.set(placeOf(key), JSON.stringify(state));
      const [oldest] = saved.keys();
      if (saved.size > maxKeys && oldest !== undefined) saved.delete(oldest);
    },
  };
}

const placeOf = ({ repo, base, tree, gateDigest, envDigest }: CertificateKey): string =>
  JSON.stringify([repo, base, tree, gateDigest, envDigest]);
