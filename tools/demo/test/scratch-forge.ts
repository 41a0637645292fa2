/** Scratch directories, and a bare repository as another person would push to it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

const made: string[] = [];
afterAll(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true, maxRetries: 5 });
});

/** A fresh directory, removed when the test file ends. */
export function scratchFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'demo-test-'));
  made.push(path);
  return path;
}

const ENV = { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1' };
const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;

export interface Push {
  readonly branch: string;
  readonly message: string;
}

/** A bare repository. */
export class Forge {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static at(path: string): Forge {
    return new Forge(path);
  }

  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.path, env: ENV, encoding: 'utf8' }).trim();
  }

  /** One commit on top of the branch, with these files changed. */
  push({ branch, message }: Push, files: Readonly<Record<string, string>>): void {
    const changes = Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`);
    const head = `commit refs/heads/${branch}\ncommitter A. Author <author@example.invalid> 1790009999 +0000\n`;
    const input = `${head}${data(message)}from ${this.head(branch)}\n${changes.join('')}`;
    execFileSync('git', ['fast-import', '--quiet', '--force'], { cwd: this.path, env: ENV, input });
  }

  head(branch: string): string {
    return this.git('rev-parse', '--verify', `refs/heads/${branch}`);
  }

  deleteBranch(branch: string): void {
    this.git('update-ref', '-d', `refs/heads/${branch}`);
  }
}
