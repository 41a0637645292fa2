/** Every error names a command to type. What is typed wrong, and what a service refuses, in one table. */

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EXIT, print } from '../src/cli/answer.ts';
import { everyCommand, pathOf } from '../src/cli/commands/help.ts';
import { buildProgram } from '../src/cli/program.ts';
import { cli, Room } from './recording-terminal.ts';
import { scratchFolder } from './scratch-forge.ts';

const quiet = { out: () => {}, err: () => {}, cwd: '/', signal: new AbortController().signal, interactive: false };
const program = buildProgram({ terminal: quiet, answer: { exit: 2 }, json: false, command: '', color: 'auto' });
const paths = everyCommand(program).map(pathOf);

/** The commands that a text tells to type. */
const named = (text: string): string[] =>
  [...text.matchAll(/\bgatehouse ((?:[a-z][a-z-]*)(?: [a-z][a-z-]*)*|--help)/g)].flatMap(([, words = '']) => {
    const path =
      words === '--help'
        ? ''
        : paths.filter((one) => `${words} `.startsWith(`${one} `)).sort((a, b) => b.length - a.length)[0];
    return path === undefined ? [] : [path];
  });

/** What a service answers, by the status in the path of `--url`. */
const refusing = createServer((request, response) => {
  const status = Number(/^\/(\d+)/.exec(request.url ?? '')?.[1] ?? 500);
  const detail =
    { 401: 'a bearer token is needed', 429: 'this token is not known', 404: 'no task is called "t-9"; see GET /tasks' }[
      status
    ] ?? 'not now';
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ detail }));
});
let service = '';
const folder = scratchFolder();
beforeAll(async () => {
  await new Promise<void>((listening) => refusing.listen(0, '127.0.0.1', listening));
  service = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`;
  writeFileSync(join(folder, 'empty.info'), 'SF:a.js\nend_of_record\n');
});
afterAll(() => new Promise<void>((closed) => void refusing.close(() => closed())));

const MISTAKES: readonly (readonly [words: string, next: RegExp])[] = [
  ['sreve', /Did you mean serve\?[\s\S]*gatehouse --help/],
  ['stop t-1', /Did you mean gatehouse task stop\?/],
  ['ls', /gatehouse repo ls or gatehouse task ls or gatehouse notify ls/],
  ['task ad', /Did you mean add\?[\s\S]*gatehouse task --help/],
  ['task add', /--repo[\s\S]*next: gatehouse task add --help/],
  ['queue --jsn', /Did you mean --json\?[\s\S]*next: gatehouse queue --help/],
  ['help tokne', /gatehouse help token/],
  ['completion tcsh', /bash, zsh, fish[\s\S]*next: gatehouse completion --help/],
  ['gate securty --repo . --branch x', /did you mean security\?[\s\S]*next: gatehouse gate --help/],
  ['gate all --repo nowhere --branch x', /no such directory[\s\S]*next: gatehouse gate --help/],
  ['gate all --repo . --branch x --config https://a.example/b.yaml', /https:.*[\s\S]*next: gatehouse gate --help/],
  ['coverage read https://ci.example/lcov.info', /is an address[\s\S]*next: gatehouse coverage read --help/],
  ['coverage read no.info', /no\.info[\s\S]*next: gatehouse coverage read --help/],
  ['coverage read empty.info', /measures no line[\s\S]*next: gatehouse coverage read --help/],
  ['run --timeout soon -- true', /write 90s[\s\S]*next: gatehouse run --help/],
  ['run', /gatehouse run --timeout/],
  ['simulate --lifetimes 0', /next: gatehouse simulate --help/],
  ['restore no-such-copy', /next: gatehouse doctor/],
  [
    'repo add web --path https://a.example/x/y.git',
    /is an address[\s\S]*next: gatehouse repo add https:\S+ --name web/,
  ],
  ['repo add web --path git@a.example:x/y.git', /is an address[\s\S]*next: gatehouse repo add git@\S+ --name web/],
  ['repo add https://a.example/x --policy https://a.example/p', /is an address[\s\S]*next: gatehouse repo add --help/],
  ['repo add web', /is no address[\s\S]*next: gatehouse repo add web --path/],
  ['logs t-9 --url SERVICE/404', /see gatehouse task ls/],
  ['logs twelve --url SERVICE/404', /see gatehouse task ls/],
  ['baseline set --repo a --covered x --total 1 --reason y', /next: gatehouse baseline show/],
  ['notify resend', /gatehouse notify ls/],
  ['queue --url http://127.0.0.1:1', /no service answers.*gatehouse serve.*--url or ORCH_PORT/],
  ['queue --url SERVICE/401', /--token, set GATEHOUSE_TOKEN or ORCH_API_TOKEN, or set ORCH_DATA_DIR/],
  ['queue --url SERVICE/429', /not known.*--token, set GATEHOUSE_TOKEN or ORCH_API_TOKEN, or set ORCH_DATA_DIR/],
  ['queue --url SERVICE/403', /next: gatehouse help token/],
  ['task show t-9 --url SERVICE/404', /see gatehouse task ls/],
  ['task retry t-9 --url SERVICE/409', /next: gatehouse task show t-9/],
  ['task add --repo a --branch b --url SERVICE/404', /gatehouse task ls|next: gatehouse repo ls/],
  ['repo thaw a --url SERVICE/409', /next: gatehouse repo ls/],
  ['logs 4 --url SERVICE/409', /next: gatehouse queue/],
  ['queue --url SERVICE/500', /next: gatehouse doctor/],
];

test.each(MISTAKES)('%s', async (words, next) => {
  const said = await cli(words.replace('SERVICE', service).split(' '), folder);
  expect([said.exit, said.out]).toEqual([words.startsWith('run') ? 125 : expect.any(Number), '']);
  expect([EXIT.usage, EXIT.error, 125]).toContain(said.exit);
  expect(said.err).toMatch(next);
  expect(named(said.err).length).toBeGreaterThan(0);
});

test('a setting that is none leads to the list of settings', async () => {
  const said = await new Room(scratchFolder()).run(['queue'], { ORCH_PORT: 'eighty' });
  expect(said).toMatchObject({ exit: 2, err: expect.stringContaining('next: gatehouse doctor --print-env') });
});

describe('by construction', () => {
  test('whatever a command says went wrong, a command stands below it that there is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...paths),
        fc.constantFrom(EXIT.usage, EXIT.error),
        fc.string(),
        (command, exit, problem) => {
          const said: string[] = [];
          const terminal = { ...quiet, err: (text: string | Uint8Array) => void said.push(String(text)) };
          print({ exit, problem }, terminal, { asJson: false, command });
          expect(named(said.join('')).length).toBeGreaterThan(0);
        },
      ),
    );
  });
});
