/** One service in a process of its own, started again and again on the same data directory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const main = join(root, 'apps', 'orchestrator', 'dist', 'main.js');
const START_LIMIT_MS = 120_000;

/** A git that is slow where main moves, so that random instants fall inside the critical window too. */
export function slowGit(dir, seconds) {
  const bin = join(dir, 'bin');
  mkdirSync(bin, { recursive: true });
  const real = (process.env.PATH ?? '').split(delimiter).filter((part) => part !== '');
  const script = [
    '#!/bin/sh',
    `case " $* " in *" update-ref "*"refs/heads/main"*) sleep ${seconds};; esac`,
    `PATH='${real.join(delimiter)}' exec git "$@"`,
    '',
  ].join('\n');
  writeFileSync(join(bin, 'git'), script);
  chmodSync(join(bin, 'git'), 0o755);
  return `${bin}${delimiter}${process.env.PATH ?? ''}`;
}

export class Service {
  constructor(dataDir, path) {
    this.dataDir = dataDir;
    this.path = path;
    this.child = null;
    this.url = '';
    this.log = '';
    /** Where in the log the service went on after a freeze. */
    this.resumedAt = 0;
  }

  async start() {
    const env = {
      PATH: this.path,
      HOME: process.env.HOME ?? '/nonexistent',
      ORCH_DATA_DIR: this.dataDir,
      ORCH_PORT: '0',
      ORCH_POLL_S: '0.5',
      ORCH_MERGE_INFRA_RETRY_MAX: '1',
      ORCH_MERGE_INFRA_BACKOFF_S: '0.5',
      ORCH_STOP_GRACE_S: '1',
    };
    const child = spawn(process.execPath, [main, 'serve'], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    this.url = '';
    child.stderr.on('data', (bytes) => {
      this.log += bytes;
    });
    let said = '';
    child.stdout.on('data', (bytes) => {
      said += bytes;
      this.url = /listens on (\S+)/.exec(said)?.[1] ?? '';
    });
    const deadline = Date.now() + START_LIMIT_MS;
    while (this.url === '') {
      if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline)
        throw new Error(`the service did not start: ${said}${this.log.slice(-2000)}`);
      await pause(20);
    }
  }

  /** Ends it with SIGKILL and waits for its exit. */
  async kill() {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  /** Stops it with SIGSTOP; returns when the kernel says that all of its threads stand. */
  freeze() {
    this.child.kill('SIGSTOP');
    while (!/^State:\s+T/m.test(readFileSync(`/proc/${this.child.pid}/status`, 'utf8')));
  }

  resume() {
    this.resumedAt = this.log.length;
    this.child.kill('SIGCONT');
  }

  /** Ends what is left of it, without a wait. */
  end() {
    if (this.child !== null && this.child.exitCode === null && this.child.signalCode === null)
      this.child.kill('SIGKILL');
  }

  async stop() {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const [code] = await gone;
    return code;
  }

  /** The parsed answer, or null when the service went away meanwhile. */
  async ask(path, body) {
    const token = readFileSync(join(this.dataDir, 'api-token'), 'utf8').trim();
    try {
      const answer = await fetch(`${this.url}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: await answer.json() };
    } catch {
      return null;
    }
  }
}
