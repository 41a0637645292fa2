/**
 * Runs the `sh` blocks of a page in order, in one shell and one directory, and prints what a person would have seen: docs that are
 * shown are docs that were run. The service that a page starts is ended with it.
 */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Printed when the page is over: the control character for the end of a transmission. */
const OVER = '\u0004';
const HELP = `Usage: node tools/docs/capture.mjs [--page FILE] [--in DIR] [--out FILE] [--put WORDS=VALUE ...] [--last COMMAND]

Runs every \`\`\`sh block of a page, stops at the first command that fails, and prints a transcript.

  --page FILE  Markdown to run [docs/quick-start-self-hosted.md]
  --in DIR     where its commands run [a new directory, removed afterwards]
  --put WORDS=VALUE
               runs VALUE where the page has these words, which only a reader can fill in; the transcript shows the words
  --last COMMAND
               runs after those of the page, without a trace: what waits for something that the service has still to do
  --out FILE   where the transcript goes [standard output]; docs/first-landing.txt is made this way

Needs a built checkout, bash, git and npm. Exit status: that of the page's commands.
`;

const { values } = parseArgs({
  options: {
    page: { type: 'string', default: join(ROOT, 'docs/quick-start-self-hosted.md') },
    in: { type: 'string' },
    out: { type: 'string' },
    put: { type: 'string', multiple: true, default: [] },
    last: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else process.exitCode = await capture(values);

async function capture({ page, in: given, out, put, last }) {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-docs-')));
  const dir = given ?? join(scratch, 'try');
  try {
    const text = readFileSync(page, 'utf8');
    const filled = put.map((one) => [one.slice(0, one.lastIndexOf('=')), one.slice(one.lastIndexOf('=') + 1)]);
    const absent = filled.find(([words]) => !text.includes(words));
    if (absent !== undefined) throw new Error(`the page does not say ${absent[0]}`);
    const fill = (statement) => filled.reduce((all, [words, value]) => all.replaceAll(words, value), statement);
    const script = scriptOf(statementsOf(text), { dir, fill, last });
    const port = await freePort();
    const { status, said } = await run(script, environmentIn(scratch, port));
    // What a service says when it is ended with the page is no part of it.
    const shown = said
      .slice(0, said.lastIndexOf(OVER))
      .replaceAll(dir, '/srv/try')
      .replaceAll(scratch, '/srv')
      .replaceAll(`127.0.0.1:${port}`, '127.0.0.1:8787');
    if (out === undefined) process.stdout.write(shown);
    else writeFileSync(out, shown);
    return status;
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Each whole command of the page's `sh` blocks: a line, with the lines that a backslash or a here-document adds. */
function statementsOf(page) {
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block.trimEnd());
  return blocks.flatMap((block) => {
    const statements = [];
    let end = null;
    for (const line of block.split('\n')) {
      const goesOn = end !== null || statements.at(-1)?.endsWith('\\');
      if (goesOn) statements.push(`${statements.pop()}\n${line}`);
      else if (line.trim() !== '') statements.push(line);
      if (end !== null) end = line === end ? null : end;
      else end = /<<'?(\w+)'?/.exec(line)?.[1] ?? null;
    }
    return statements;
  });
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function scriptOf(statements, { dir, fill, last = ':' }) {
  if (statements.length === 0) throw new Error('the page has no block of sh');
  const shown = statements.flatMap((statement) => [`printf '%s\\n' ${quoted(`$ ${statement}`)}`, fill(statement)]);
  const end = `trap 'status=$?; set +e; printf "\\004"; kill $(jobs -p) 2>/dev/null; wait; exit $status' EXIT`;
  return ['set -e', end, `mkdir -p ${quoted(dir)}`, `cd ${quoted(dir)}`, ...shown, last, ''].join('\n');
}

/** `gatehouse` on PATH is the built command of this checkout; git knows an author and nothing of this machine. */
function environmentIn(scratch, port) {
  const program = join(scratch, 'gatehouse');
  writeFileSync(
    program,
    `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'apps/orchestrator/dist/main.js')}" "$@"\n`,
  );
  chmodSync(program, 0o755);
  const config = join(scratch, 'gitconfig');
  writeFileSync(config, '[user]\n\tname = Ann\n\temail = ann@mail.example\n[advice]\n\tdetachedHead = false\n');
  return {
    PATH: `${scratch}:${process.env.PATH}`,
    HOME: scratch,
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_GLOBAL: config,
    GIT_CONFIG_NOSYSTEM: '1',
    ORCH_PORT: String(port),
    ORCH_POLL_S: '1',
  };
}

function freePort() {
  const { promise, resolve } = Promise.withResolvers();
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
  return promise;
}

function run(script, env) {
  const { promise, resolve, reject } = Promise.withResolvers();
  // One pipe for both streams keeps their order.
  const child = spawn('bash', ['-c', 'exec bash -s 2>&1'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const pieces = [];
  child.stdout.on('data', (piece) => pieces.push(piece));
  child.on('error', reject);
  child.on('close', (status) => resolve({ status: status ?? 3, said: Buffer.concat(pieces).toString('utf8') }));
  child.stdin.end(script);
  return promise;
}
