// Everything that the document of the API allows, and much that it does not, by schemathesis on a whole service over HTTP.
//   node soak/fuzz-api.mjs [--help] [--seed 1] [--examples 100] [--phases examples,coverage,fuzzing,stateful] [--python python3]
// Installs schemathesis 4.32.5 from PyPI into a folder of the temporary directory where it is not there yet; needs python3 with
// venv, and a build. Each request comes from an address of its own, as wrong tokens make one wait; of a stream of events the
// beginning is read. Ends with 1 when an answer is no answer of the document, or the service logged that a request failed. About
// two minutes on two busy cores; the report stands in the folder that it names.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseSettings, startService } from '../dist/testing.js';

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    examples: { type: 'string', default: '100' },
    phases: { type: 'string', default: 'examples,coverage,fuzzing,stateful' },
    python: { type: 'string', default: 'python3' },
  },
});
if (values.help) {
  const head = readFileSync(new URL(import.meta.url), 'utf8').split('\n');
  process.stdout.write(
    `${head
      .filter((line) => line.startsWith('//'))
      .map((line) => line.slice(3))
      .join('\n')}\n`,
  );
  process.exit(0);
}

const VERSION = '4.32.5';
const venv = join(tmpdir(), `gatehouse-schemathesis-${VERSION}`);
const tool = join(venv, 'bin', 'schemathesis');
if (!existsSync(tool)) {
  execFileSync(values.python, ['-m', 'venv', venv], { stdio: 'inherit' });
  execFileSync(join(venv, 'bin', 'pip'), ['install', '--quiet', `schemathesis==${VERSION}`], { stdio: 'inherit' });
}

const folder = mkdtempSync(join(tmpdir(), 'fuzz-api-'));
const git = (...args) =>
  execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.invalid', '-C', folder, ...args]);
git('init', '-q', '-b', 'main', 'work');
writeFileSync(join(folder, 'work', 'gatehouse.yaml'), 'version: 1\ntest: { command: "true" }\n');
git('-C', 'work', 'add', '.');
git('-C', 'work', 'commit', '-q', '-m', 'the beginning');
for (const branch of ['feature/a', 'feature/b']) {
  git('-C', 'work', 'checkout', '-q', '-b', branch, 'main');
  git('-C', 'work', 'commit', '-q', '--allow-empty', '-m', branch);
}
git('clone', '-q', '--bare', 'work', 'forge.git');

const failed = [];
const log = {
  info: () => {},
  warn: () => {},
  error: (message, fields) => void failed.push(`${message} ${JSON.stringify(fields ?? {})}`),
};
const { settings } = parseSettings({
  ORCH_DATA_DIR: join(folder, 'data'),
  ORCH_PORT: '0',
  ORCH_ISOLATION: 'none',
  ORCH_GITHUB_WEBHOOK_SECRET: 'of the fuzz',
});
const service = await startService(settings, log);
if (service.kind !== 'running') throw new Error(service.problem);
const token = readFileSync(service.tokenPath, 'utf8').trim();
const post = async (path, body) => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${service.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
};
await post('/repos', { id: 'app', path: join(folder, 'forge.git') });
for (const branch of ['feature/a', 'feature/b']) await post('/tasks', { repo: 'app', branch });

/** Passes on what came, from another address of the loopback each time. */
let count = 0;
const relay = createServer((incoming, answer) => {
  count += 1;
  const localAddress = `127.${1 + ((count >> 16) & 63)}.${(count >> 8) & 255}.${1 + (count % 250)}`;
  const { port } = new URL(service.url);
  const asked = request(
    { port, host: '127.0.0.1', localAddress, agent: false, method: incoming.method, path: incoming.url },
    (told) => {
      answer.writeHead(told.statusCode ?? 500, told.rawHeaders);
      if (!/event-stream/.test(told.headers['content-type'] ?? '')) return told.pipe(answer);
      told.once('data', (piece) => {
        answer.end(piece);
        told.destroy();
      });
      return answer;
    },
  );
  asked.on('error', () => answer.destroy());
  for (const name of new Set(incoming.rawHeaders.filter((_, at) => at % 2 === 0)))
    if (!/^connection$/i.test(name)) asked.setHeader(name, incoming.headersDistinct[name.toLowerCase()] ?? '');
  incoming.pipe(asked);
});
await new Promise((resolve) => relay.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${relay.address().port}`;

const report = join(folder, 'report.txt');
const run = spawn(
  tool,
  ['run', `${url}/openapi.json`, '--checks', 'all', '--continue-on-failure', '--no-color']
    .concat(['--header', `Authorization: Bearer ${token}`, '--request-timeout', '20'])
    .concat(['--phases', values.phases, '--max-examples', values.examples, '--seed', values.seed]),
  { cwd: folder, env: { ...process.env, COLUMNS: '200' }, stdio: ['ignore', 'pipe', 'inherit'] },
);
let said = '';
run.stdout.on('data', (piece) => {
  said += piece;
});
const status = await new Promise((resolve) => run.once('close', resolve));
writeFileSync(report, said);
relay.close();
relay.closeAllConnections();
await service.stop();

process.stdout.write(`${said.slice(said.lastIndexOf('= SUMMARY =')).replace(/^.*\n/, '')}\n`);
for (const one of failed.slice(0, 20)) process.stdout.write(`the service logged: ${one}\n`);
process.stdout.write(`${count} requests, ${failed.length} errors in the log of the service; ${report}\n`);
process.exitCode = status === 0 && failed.length === 0 ? 0 : 1;
