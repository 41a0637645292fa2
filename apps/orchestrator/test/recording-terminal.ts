/** The command line in this process with a terminal that remembers, and the built command in a process of its own. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from '../src/cli/program.ts';

export interface Said {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
  readonly outBytes: Buffer;
}

/** Runs the words in this process. */
export async function cli(
  words: readonly string[],
  cwd = '/',
  signal: AbortSignal = new AbortController().signal,
): Promise<Said> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const exit = await runCli(words, {
    out: (said) => out.push(Buffer.from(said as string)),
    err: (said) => err.push(Buffer.from(said as string)),
    cwd,
    signal,
    interactive: false,
  });
  const outBytes = Buffer.concat(out);
  return { exit, out: outBytes.toString('utf8'), err: Buffer.concat(err).toString('utf8'), outBytes };
}

/** The one object that stands alone on stdout. */
export function onlyJson(said: Said): unknown {
  const lines = said.out.split('\n');
  if (lines.length !== 2 || lines[1] !== '') throw new Error(`not one line on stdout: ${JSON.stringify(said)}`);
  return JSON.parse(lines[0] ?? '') as unknown;
}

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** A place for a command to run in: its working directory, home and temporary directory are empty and its own. */
export class Room {
  readonly cwd: string;
  readonly home: string;
  readonly temp: string;
  /** Of the process that runs here, and what it has said so far. */
  pid: number | null = null;
  heard = '';

  constructor(folder: string) {
    this.cwd = join(folder, 'cwd');
    this.home = join(folder, 'home');
    this.temp = join(folder, 'tmp');
    for (const path of [this.cwd, this.home, this.temp]) mkdirSync(path, { recursive: true });
  }

  /** Every file below the three places. */
  listing(): string[] {
    return [this.cwd, this.home, this.temp]
      .flatMap((place) => readdirSync(place, { recursive: true, encoding: 'utf8' }).map((name) => join(place, name)))
      .sort();
  }

  /** Runs the built command in a process of its own. */
  run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Said> {
    const child = spawn(process.execPath, [MAIN, ...words], {
      cwd: this.cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: this.home, TMPDIR: this.temp, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    this.pid = child.pid ?? null;
    child.stdout.on('data', (piece: Buffer) => {
      out.push(piece);
      this.heard += piece.toString('utf8');
    });
    child.stderr.on('data', (piece: Buffer) => err.push(piece));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit) => {
        const outBytes = Buffer.concat(out);
        resolve({ exit, out: outBytes.toString('utf8'), err: Buffer.concat(err).toString('utf8'), outBytes });
      });
    });
  }
}
