/**
 * Git over http: `git http-backend` as CGI over a bare repository. A pre-receive hook refuses what a protected branch
 * refuses, in the recorded words; who pushes is decided before, by the API's own tokens.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BareRepository } from './bare-repository.ts';
import type { Answer, Received } from './serve.ts';

/** A branch that not everybody may move. */
export interface ProtectedBranch {
  readonly branch: string;
  readonly mayPush: boolean;
}

export interface GitRequest {
  readonly repository: BareRepository;
  readonly received: Received;
  /** Path below the repository: `/info/refs`, `/git-upload-pack`, `/git-receive-pack`. */
  readonly inside: string;
  readonly user: string;
  readonly protection: readonly ProtectedBranch[];
}

/** In the words that were recorded from Gitea. */
const HOOK = `#!/bin/sh
refuse() { echo "error: $1" >&2; exit 1; }
while read -r old new ref; do
  for rule in $DOUBLE_PROTECTED; do
    branch=\${rule#*:}
    [ "$ref" = "refs/heads/$branch" ] || continue
    case $new in *[!0]*) ;; *) refuse "branch $branch is the default branch and cannot be deleted" ;; esac
    case $rule in no:*) refuse "Not allowed to push to protected branch $branch" ;; esac
    case $old in *[!0]*) git merge-base --is-ancestor "$old" "$new" ||
      refuse "branch $branch is protected from force push" ;; esac
  done
done
`;

let hooksFolder: string | null = null;
function hooks(): string {
  if (hooksFolder !== null) return hooksFolder;
  const folder = mkdtempSync(join(tmpdir(), 'double-hooks-'));
  writeFileSync(join(folder, 'pre-receive'), HOOK);
  chmodSync(join(folder, 'pre-receive'), 0o755);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  hooksFolder = folder;
  return folder;
}

export async function answerGit({ repository, received, inside, user, protection }: GitRequest): Promise<Answer> {
  const header = (name: string): string => received.headers[name] ?? '';
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: '/nonexistent',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'core.hooksPath',
      GIT_CONFIG_VALUE_0: hooks(),
      GIT_CONFIG_KEY_1: 'receive.autogc',
      GIT_CONFIG_VALUE_1: 'false',
      GIT_PROJECT_ROOT: repository.path,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: header('git-protocol'),
      PATH_INFO: inside,
      QUERY_STRING: received.query.toString(),
      REQUEST_METHOD: received.method,
      REMOTE_USER: user,
      REMOTE_ADDR: '127.0.0.1',
      CONTENT_TYPE: header('content-type'),
      CONTENT_LENGTH: String(received.body.length),
      HTTP_CONTENT_ENCODING: header('content-encoding'),
      DOUBLE_PROTECTED: protection.map(({ branch, mayPush }) => `${mayPush ? 'yes' : 'no'}:${branch}`).join(' '),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(received.body);
  const parts: Buffer[] = [];
  for await (const part of child.stdout) parts.push(part as Buffer);
  return readCgi(Buffer.concat(parts));
}

function readCgi(output: Buffer): Answer {
  const end = output.indexOf('\r\n\r\n');
  if (end < 0) return { status: 500, headers: {}, body: Buffer.alloc(0) };
  const headers: Record<string, string> = {};
  for (const line of output.subarray(0, end).toString('latin1').split('\r\n')) {
    const at = line.indexOf(':');
    headers[line.slice(0, at).toLowerCase()] = line.slice(at + 1).trim();
  }
  const { status = '200', ...rest } = headers;
  return { status: Number.parseInt(status, 10), headers: rest, body: output.subarray(end + 4) };
}
