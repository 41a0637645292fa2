/**
 * `GET /queue` with 100 waiting jobs beside a Hono app that says hello, in requests a second over 8 connections that are kept open, each
 * server in a process of its own.
 *
 *   npm --prefix tools/bench run queue [-- --jobs N] [--requests N] [--rounds N] [--seed N]     N = 100, 400 and 10
 *
 * `unchanged` asks with the tag of the answer before, and gets 304; `after a commit` commits something before each request, so that
 * nothing is remembered: a single connection, as the next commit waits for the answer.
 */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { interleave, median, printGoals, printTable, seedOrder } from '../ratio-table.mjs';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '100' },
    requests: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '10' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});
if (values.help === true) {
  const [head] = readFileSync(fileURLToPath(import.meta.url), 'utf8').split(' */');
  console.log(head.replace(/^\/\*\*\n|^ \* ?/gm, ''));
  process.exit(0);
}
if (values.seed !== undefined) seedOrder(Number(values.seed));
const [requests, rounds] = [values.requests, values.rounds].map(Number);
const CONNECTIONS = 8;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

async function start(kind) {
  const child = fork(fileURLToPath(new URL('./serve-queue.mjs', import.meta.url)), [kind, values.jobs]);
  const place = await new Promise((told) => child.once('message', told));
  const commit = () =>
    new Promise((done) => {
      child.once('message', done);
      child.send('commit');
    });
  return { ...place, commit, close: () => child.disconnect() };
}

const ask = ({ url, token }, headers = {}) =>
  new Promise((told, failed) => {
    const of = { agent, headers: { authorization: `Bearer ${token}`, ...headers } };
    const sent = request(`${url}/queue?limit=1000`, of, (answer) => {
      let bytes = 0;
      answer.on('data', (piece) => {
        bytes += piece.length;
      });
      answer.on('end', () => told({ status: answer.statusCode, etag: answer.headers.etag, bytes }));
    });
    sent.on('error', failed);
    sent.end();
  });

const statuses = { asked: new Map(), unchanged: new Map() };
/** Requests a second. */
async function perSecond(place, name, headersOf = () => ({})) {
  let left = requests;
  const from = performance.now();
  const line = async () => {
    let last;
    while (left > 0) {
      left -= 1;
      last = await ask(place, headersOf(last));
      const seen = statuses[name];
      seen?.set(last.status, (seen.get(last.status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, line));
  return requests / ((performance.now() - from) / 1000);
}

async function afterCommits(place) {
  const few = Math.ceil(requests / 20);
  let busyMs = 0;
  for (let at = 0; at < few; at += 1) {
    await place.commit();
    const from = performance.now();
    await ask(place);
    busyMs += performance.now() - from;
  }
  return few / (busyMs / 1000);
}

const [ours, hello] = [await start('ours'), await start('hello')];
const { bytes } = await ask(ours);
const samples = await interleave(rounds, {
  hello: () => perSecond(hello, 'hello'),
  asked: () => perSecond(ours, 'asked'),
  unchanged: () => perSecond(ours, 'unchanged', (last) => (last === undefined ? {} : { 'if-none-match': last.etag })),
  afterCommit: () => afterCommits(ours),
});
for (const { close } of [ours, hello]) close();
agent.destroy();
const told = (seen) => [...seen].map(([status, count]) => `${count} of ${status}`).join(', ');
printTable(
  `requests a second, median of ${rounds} rounds; the answer has ${Math.round(bytes / 1024)} KiB`,
  ['what', 'a second', 'of hello', 'answers'],
  [
    ['Hono hello', median(samples.hello), 1, ''],
    [
      `GET /queue, ${values.jobs} jobs`,
      median(samples.asked),
      median(samples.asked) / median(samples.hello),
      told(statuses.asked),
    ],
    [
      'the same, unchanged',
      median(samples.unchanged),
      median(samples.unchanged) / median(samples.hello),
      told(statuses.unchanged),
    ],
    [
      'the same, after a commit',
      median(samples.afterCommit),
      median(samples.afterCommit) / median(samples.hello),
      'one connection',
    ],
  ],
);
const goal = { reference: median(samples.hello), against: 'Hono hello', unit: '/s', atLeast: 0.5 };
const missed = printGoals([
  { ...goal, what: `GET /queue, ${values.jobs} jobs`, ours: median(samples.asked), blind: 'an answer after a commit' },
  { ...goal, what: 'the same, unchanged', ours: median(samples.unchanged), blind: 'an answer after a commit' },
]);
process.exitCode = missed === 0 ? 0 : 1;
