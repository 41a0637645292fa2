import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Terminal } from '../src/cli/answer.ts';
import { runPrivateTool } from '../src/cli/private-tool.ts';
import { scratchFolder } from './scratch-forge.ts';

/** A terminal that remembers; `onOut` is called with everything that was said so far. */
function listening(signal: AbortSignal, onOut: (said: string) => void = () => {}) {
  const said = { out: '', err: '' };
  const terminal: Terminal = {
    out: (piece) => {
      said.out += Buffer.from(piece as string).toString();
      onOut(said.out);
    },
    err: (piece) => {
      said.err += Buffer.from(piece as string).toString();
    },
    cwd: scratchFolder(),
    interactive: false,
    signal,
  };
  return { said, terminal };
}

function written(program: string): string {
  const path = join(scratchFolder(), 'main.mjs');
  writeFileSync(path, program);
  return path;
}

test('a tool that is not there is named, with where it comes from', async () => {
  const { terminal } = listening(new AbortController().signal);
  const request = { title: 'the demo', program: join(terminal.cwd, 'main.js'), args: [], terminal };
  expect(await runPrivateTool(request)).toMatchObject({
    exit: 3,
    problem: `the demo is not built (${request.program}); it comes with a checkout of the repository: npm run build`,
  });
});

test('a tool has our words, streams, working directory and environment, and its exit status is ours', async () => {
  const program = written(`
    console.log(JSON.stringify([process.argv.slice(2), process.cwd(), process.env.PATH]));
    console.error('progress');
    process.exitCode = 7;
  `);
  const { said, terminal } = listening(new AbortController().signal);
  const answer = await runPrivateTool({ title: 'a tool', program, args: ['--once', 'a b'], terminal });
  expect(answer).toEqual({ exit: 7 });
  expect(JSON.parse(said.out)).toEqual([['--once', 'a b'], terminal.cwd, process.env['PATH']]);
  expect(said.err).toBe('progress\n');
});

test('a tool that receives a signal reports itself how it ended', async () => {
  const program = written(`
    setInterval(() => {}, 1000);
    process.on('SIGTERM', () => process.exit(130));
    console.log('ready');
  `);
  const stopping = new AbortController();
  const { terminal } = listening(stopping.signal, () => stopping.abort());
  expect(await runPrivateTool({ title: 'a tool', program, args: [], terminal })).toEqual({ exit: 130 });
});
