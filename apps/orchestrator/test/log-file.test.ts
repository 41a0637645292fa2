/** The log file of a service: complete, bounded, and never a reason to stop. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openLogFile } from '../src/platform/log-file.ts';

describe('a log file', () => {
  let folder: string;
  let elsewhere: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-log-'));
    elsewhere = [];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const path = () => join(folder, 'gatehouse.log');
  const opened = (maxBytes: number, keep = 2) => {
    const answer = openLogFile({ path: path(), maxBytes, keep, otherwise: (line) => elsewhere.push(line) });
    if (answer.kind !== 'open') throw new Error(answer.reason);
    return answer.log;
  };
  const linesOf = (name: string) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);

  test('is moved aside when the next line would not fit, and the oldest goes', () => {
    const log = opened(20);
    for (let n = 1; n <= 7; n += 1) log.write(`line ${n} ${'x'.repeat(3)}`);
    log.close();
    expect(linesOf('gatehouse.log')).toEqual(['line 7 xxx']);
    expect([linesOf('gatehouse.log.1'), linesOf('gatehouse.log.2')]).toEqual([['line 6 xxx'], ['line 5 xxx']]);
    expect(existsSync(`${path()}.3`)).toBe(false);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
  });

  test('goes on where an earlier service ended, and takes a line that is longer than a file may be', () => {
    const first = opened(100);
    first.write('before');
    first.close();
    const second = opened(100);
    second.write('ü'.repeat(200));
    second.write('after');
    second.close();
    expect(linesOf('gatehouse.log.2')).toEqual(['before']);
    expect(linesOf('gatehouse.log.1')).toEqual(['ü'.repeat(200)]);
    expect(linesOf('gatehouse.log')).toEqual(['after']);
  });

  test('that somebody moved away or removed is begun anew at its name', () => {
    const log = opened(1000);
    log.write('one');
    renameSync(path(), join(folder, 'moved'));
    log.write('two');
    rmSync(path());
    log.write('three');
    log.close();
    expect(linesOf('moved')).toEqual(['one']);
    expect(linesOf('gatehouse.log')).toEqual(['three']);
  });

  test('that the disk refuses loses no line: each goes elsewhere until it takes them again', () => {
    const log = opened(1000);
    rmSync(folder, { recursive: true });
    log.write('one');
    expect(elsewhere).toEqual(['one']);
    expect(openLogFile({ path: path(), maxBytes: 1, keep: 1, otherwise: () => {} })).toMatchObject({ kind: 'closed' });
    log.close();
  });
});

const MAIN = join(import.meta.dirname, '..', 'dist', 'main.js');

test('a service that cannot write its log does not start, and names the next step', () => {
  const env = { PATH: process.env['PATH'], ORCH_LOG_FILE: '/nowhere/gatehouse.log', ORCH_DATA_DIR: tmpdir() };
  const said = spawnSync(process.execPath, [MAIN, 'serve'], { env, encoding: 'utf8' });
  expect(said.status).toBe(3);
  expect(said.stderr).toMatch(
    /the log cannot be written: ENOENT.*set ORCH_LOG_FILE to a file in a folder you can write/,
  );
});
