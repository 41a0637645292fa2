/** Certificates of the merge gate that ran out of their budget. Opaque text here; bounded per repository. */
import { certificates } from '../schema/index.ts';
import type { CertificateStore } from './port/index.ts';
import type { Driver, Operations } from './sql/driver.ts';
import { cellsNamed, insertInto, NO_ROW, namesBut, tableShape } from './sql/row-shape.ts';

const CERTIFICATE = tableShape(certificates);
const STATE = cellsNamed<{ readonly state: string }>('state');
const IS_KEY =
  'repo_id = :repoId AND base = :base AND tree = :tree AND gate_digest = :gateDigest AND env_digest = :envDigest';
const KEPT = 100;
const KEEP = `${insertInto(CERTIFICATE, namesBut(CERTIFICATE, ''))}
  ON CONFLICT (repo_id, base, tree, gate_digest, env_digest) DO UPDATE SET state = :state, saved_at = :savedAt`;
const DROP_OLD = `DELETE FROM certificates WHERE repo_id = :repoId AND saved_at < (SELECT saved_at FROM certificates
  WHERE repo_id = :repoId ORDER BY saved_at DESC LIMIT 1 OFFSET ${KEPT - 1})`;

export function certificateStore({ row, change, write }: Driver): Operations<CertificateStore> {
  const saved = row(STATE, `SELECT state FROM certificates WHERE ${IS_KEY}`);
  const keep = change(CERTIFICATE, KEEP);
  const forget = change(NO_ROW, `DELETE FROM certificates WHERE ${IS_KEY}`);
  const dropOld = change(NO_ROW, DROP_OLD);
  return {
    *savedCertificate(key) {
      return (yield* saved({ ...key }))?.state ?? null;
    },
    saveCertificate: (key, state, atMs) =>
      write(function* save() {
        if (state === null) {
          yield* forget({ ...key });
          return;
        }
        yield* keep({ ...key, state, savedAt: atMs });
        yield* dropOld({ repoId: key.repoId });
      }),
  };
}
