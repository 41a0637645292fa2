/**
 * A git host without an API: bare repositories over https, with a certificate that nobody signed but itself. It asks for a
 * password and keeps what it was sent, and a test may answer in its place.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bareRepository } from './bare-repository.ts';
import { Faults } from './faults.ts';
import { answerGit } from './git-http.ts';
import { type Answer, type Received, serve, type TlsIdentity } from './serve.ts';

export interface GitHost {
  /** Address of the repository. */
  readonly url: string;
  /** Path of its certificate, as PEM; there is none without tls. */
  readonly certificate: string;
  /** Every request so far. */
  readonly received: readonly Received[];
  /** Answers in its place; null: it answers itself. Set to null to end that. */
  inItsPlace: ((received: Received) => Answer | null) | null;
  close(): Promise<void>;
}

export interface GitHostPlan {
  /** The bare repository. */
  readonly path: string;
  /** What it takes as `Authorization`; null: anybody reads and pushes. */
  readonly authorization: string | null;
  /** False: plain http. [true] */
  readonly tls?: boolean;
}

/** Serves until `close`. Throws without openssl. */
export async function gitHost({ path, authorization, tls = true }: GitHostPlan): Promise<GitHost> {
  const folder = mkdtempSync(join(tmpdir(), 'double-git-host-'));
  const identity = tls ? selfSigned() : undefined;
  const certificate = join(folder, 'certificate.pem');
  if (identity !== undefined) writeFileSync(certificate, identity.cert);
  const repository = bareRepository(path);
  const received: Received[] = [];
  const answer = async (request: Received): Promise<Answer> => {
    received.push(request);
    const instead = host.inItsPlace?.(request) ?? null;
    if (instead !== null) return instead;
    if (authorization !== null && request.headers['authorization'] !== authorization) return UNAUTHORIZED;
    const inside = request.path.replace(/^\/team\/work\.git/, '');
    return answerGit({ repository, received: request, inside, user: 'git', protection: [] });
  };
  const served = await serve({ faults: new Faults(), answer }, identity);
  const host: GitHost = {
    url: `${served.url}/team/work.git`,
    certificate,
    received,
    inItsPlace: null,
    close: async () => {
      await served.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return host;
}

const UNAUTHORIZED: Answer = {
  status: 401,
  headers: { 'www-authenticate': 'Basic realm="git"', 'content-type': 'text/plain' },
  body: Buffer.from('who are you?\n'),
};

let made: TlsIdentity | null = null;
/** One for the whole process: what a host shows is not what a test is about. */
function selfSigned(): TlsIdentity {
  if (made !== null) return made;
  const folder = mkdtempSync(join(tmpdir(), 'double-git-host-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
  const name = ['-subj', '/CN=a git host in a test', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const out = ['-days', '2', '-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', ...curve, ...name, ...out], { stdio: 'pipe' });
  made = { key: readFileSync(key, 'utf8'), cert: readFileSync(certificate, 'utf8') };
  rmSync(folder, { recursive: true, force: true });
  return made;
}
