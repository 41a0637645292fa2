/** A git host over ssh: Debian's own sshd on loopback, with one host key and one key that it takes. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

export interface SshHost {
  /** `ssh://USER@127.0.0.1:PORT`, without a slash at its end; a path of this machine goes behind it. */
  readonly url: string;
  /** Path of the private key that it takes. */
  readonly key: string;
  /** Path of a private key that it does not take. */
  readonly strangersKey: string;
  /** Its line for a file of known hosts. */
  readonly knownHost: string;
  /** The line that a host of another key would have at its place. */
  readonly otherHost: string;
  close(): Promise<void>;
}

/** Serves until `close`. Throws without openssh's server and client. */
export async function sshHost(): Promise<SshHost> {
  const folder = mkdtempSync(join(tmpdir(), 'double-ssh-host-'));
  const [hostKey, otherKey, key, strangersKey] = ['host', 'other', 'client', 'stranger'].map((name) => {
    const path = join(folder, name);
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', path]);
    return path;
  }) as [string, string, string, string];
  // sshd of root demands this directory, which an init would have made.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const port = await freePort();
  const config = join(folder, 'sshd_config');
  writeFileSync(
    config,
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${hostKey}`,
      `AuthorizedKeysFile ${key}.pub`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'LogLevel ERROR',
      '',
    ].join('\n'),
  );
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  await answering(child, port);
  const lineOf = (file: string): string => {
    const [kind, body] = readFileSync(`${file}.pub`, 'utf8').split(' ');
    return `[127.0.0.1]:${port} ${kind} ${body}\n`;
  };
  return {
    url: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    key,
    strangersKey,
    knownHost: lineOf(hostKey),
    otherHost: lineOf(otherKey),
    close: () =>
      new Promise((closed) => {
        child.once('exit', () => {
          rmSync(folder, { recursive: true, force: true });
          closed();
        });
        child.kill('SIGTERM');
      }),
  };
}

function freePort(): Promise<number> {
  return new Promise((free) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => free(port));
    });
  });
}

/** Resolves when the port takes a connection; rejects with what sshd said when it ends before. */
function answering(child: ChildProcess, port: number): Promise<void> {
  return new Promise((ready, failed) => {
    let said = '';
    let isOver = false;
    child.stderr?.on('data', (bytes: Buffer) => {
      said += bytes.toString('utf8');
    });
    child.once('error', failed);
    child.once('exit', () => {
      isOver = true;
      failed(new Error(`sshd ended: ${said}`));
    });
    const knock = (): void => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        ready();
      });
      socket.once('error', () => {
        if (!isOver) setTimeout(knock, 20);
      });
    };
    knock();
  });
}
