/** Records the git calls that the package makes, and makes the very same ones again without the package. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A stand-in for git that writes down what it was asked, then lets the real one answer. */
export class Recorder {
  #log;

  constructor(directory) {
    this.#log = join(directory, 'calls');
    this.gitPath = join(directory, 'recording-git');
    const lines = [
      '#!/bin/sh',
      `call="${this.#log}/$(date +%s%N)-$$"`,
      'mkdir "$call"',
      'printf "%s\\0" "$@" > "$call/args"',
      'env -0 > "$call/env"',
      'pwd > "$call/cwd"',
      'cat > "$call/stdin"',
      'exec git "$@" < "$call/stdin"',
      '',
    ];
    writeFileSync(this.gitPath, lines.join('\n'), { mode: 0o755 });
  }

  /** The calls that `body` made, in order. */
  async during(body) {
    rmSync(this.#log, { recursive: true, force: true });
    mkdirSync(this.#log);
    await body(this.gitPath);
    const read = (name, file) => readFileSync(join(this.#log, name, file));
    return readdirSync(this.#log)
      .sort()
      .map((name) => ({
        args: read(name, 'args').toString().split('\0').slice(0, -1),
        env: Object.fromEntries(
          read(name, 'env')
            .toString()
            .split('\0')
            .filter((line) => line.includes('='))
            .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
        ),
        cwd: read(name, 'cwd').toString().trimEnd(),
        stdin: read(name, 'stdin'),
      }));
  }
}

/** Makes recorded calls one after the other and keeps what they say, as any caller must. */
export async function makeCalls(calls) {
  for (const call of calls) await makeCall(call);
}

function makeCall({ args, env, cwd, stdin }) {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
    const said = [];
    const complaints = [];
    child.on('error', reject);
    child.stdin.on('error', () => undefined);
    child.stdin.end(stdin);
    child.stdout.on('data', (bytes) => said.push(bytes));
    child.stderr.on('data', (bytes) => complaints.push(bytes));
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(said));
      else reject(new Error(`git ${args.join(' ')}: exit ${code}: ${Buffer.concat(complaints)}`));
    });
  });
}
