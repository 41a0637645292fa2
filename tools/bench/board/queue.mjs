/**
 * `GET /queue` with 100 waiting jobs beside a Hono app that says hello, in requests a second over 8 connections that are kept open, each
 * server in a process of its own.
 *
 *   npm --prefix tools/bench run queue [-- --jobs N] [--requests N] [--rounds N] [--seed N] [--beside DIR]     N = 100, 400 and 10
 *
 * `--beside` measures the built service of another checkout, too, in the same run.
 *
 * `unchanged` asks with the tag of the answer before, and gets 304; `after a commit` commits something before each request, so that
 * nothing is remembered: a single connection, as the next commit waits for the answer. The client is Node's and costs more than a server
 * does, the more so the longer the answer is: the CPU is that of the server's own thread for each request.
 */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { interleave, median, printGoals, printTable, seedOrder } from '../ratio-table.mjs';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '100' },
    requests: { type: 'string', default: '400' },
    rounds: { type: 'string', default: '10' },
    seed: { type: 'string' },
    beside: { type: 'string' },
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

async function start(kind, ...checkout) {
  const child = fork(fileURLToPath(new URL('./serve-queue.mjs', import.meta.url)), [kind, values.jobs, ...checkout]);
  const place = await new Promise((told) => child.once('message', told));
  const say = (word) =>
    new Promise((done) => {
      child.once('message', done);
      child.send(word);
    });
  return { ...place, commit: () => say('commit'), cpuUs: () => say('cpu'), close: () => child.disconnect() };
}

const ask = ({ url, token, path = '/queue?limit=1000' }, headers = {}) =>
  new Promise((told, failed) => {
    const of = { agent, headers: { authorization: `Bearer ${token}`, ...headers } };
    const sent = request(`${url}${path}`, of, (answer) => {
      let bytes = 0;
      answer.on('data', (piece) => {
        bytes += piece.length;
      });
      answer.on('end', () => told({ status: answer.statusCode, etag: answer.headers.etag, bytes }));
    });
    sent.on('error', failed);
    sent.end();
  });

const statuses = {};
/** Requests a second, and the server's CPU for each. */
async function perSecond(place, name, headersOf = () => ({})) {
  statuses[name] ??= new Map();
  const seen = statuses[name];
  let left = requests;
  const cpuFrom = await place.cpuUs();
  const from = performance.now();
  const line = async () => {
    let last;
    while (left > 0) {
      left -= 1;
      last = await ask(place, headersOf(last));
      seen.set(last.status, (seen.get(last.status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, line));
  const aSecond = requests / ((performance.now() - from) / 1000);
  return { aSecond, cpuUs: ((await place.cpuUs()) - cpuFrom) / requests };
}

async function afterCommits(place) {
  const few = Math.ceil(requests / 20);
  let [busyMs, cpuUs] = [0, 0];
  for (let at = 0; at < few; at += 1) {
    await place.commit();
    const cpuFrom = await place.cpuUs();
    const from = performance.now();
    await ask(place);
    busyMs += performance.now() - from;
    cpuUs += (await place.cpuUs()) - cpuFrom;
  }
  return { aSecond: few / (busyMs / 1000), cpuUs: cpuUs / few };
}

const withTag = (last) => (last === undefined ? {} : { 'if-none-match': last.etag });
const contendersOf = (place, name) => ({
  [`${name} asked`]: () => perSecond(place, `${name} asked`),
  [`${name} unchanged`]: () => perSecond(place, `${name} unchanged`, withTag),
  [`${name} after a commit`]: () => afterCommits(place),
});

const [ours, hello] = [await start('ours'), await start('hello')];
const beside = values.beside === undefined ? null : await start('ours', resolve(values.beside));
const { bytes } = await ask(ours);
const samples = await interleave(rounds, {
  hello: () => perSecond(hello, 'hello'),
  bytes: () => perSecond({ ...hello, path: `/bytes/${bytes}` }, 'bytes'),
  ...contendersOf(ours, 'ours'),
  ...(beside === null ? {} : contendersOf(beside, 'beside')),
});
for (const one of [ours, hello, beside]) one?.close();
agent.destroy();
const told = (name) => [...statuses[name]].map(([status, count]) => `${count} of ${status}`).join(', ');
const medians = (name) => ({
  aSecond: median(samples[name].map(({ aSecond }) => aSecond)),
  cpuUs: median(samples[name].map(({ cpuUs }) => cpuUs)),
});
const of = medians('hello');
const line = (what, { aSecond, cpuUs }, answers) => [
  what,
  aSecond,
  aSecond / of.aSecond,
  Math.round(cpuUs),
  cpuUs / of.cpuUs,
  answers,
];
const linesOf = (name, where) => [
  line(`GET /queue, ${values.jobs} jobs${where}`, medians(`${name} asked`), told(`${name} asked`)),
  line(`the same, unchanged${where}`, medians(`${name} unchanged`), told(`${name} unchanged`)),
  line(`the same, after a commit${where}`, medians(`${name} after a commit`), 'one connection'),
];
printTable(
  `requests a second, median of ${rounds} rounds; the answer has ${Math.round(bytes / 1024)} KiB`,
  ['what', 'a second', 'of hello', 'CPU in µs', 'of hello', 'answers'],
  [
    line('Hono hello', of, ''),
    line('Hono, as many bytes as the answer has', medians('bytes'), ''),
    ...linesOf('ours', ''),
    ...(beside === null ? [] : linesOf('beside', `, ${values.beside}`)),
  ],
);
const goal = {
  reference: of.aSecond,
  against: 'Hono hello',
  unit: '/s',
  atLeast: 0.5,
  blind: 'an answer after a commit',
};
const missed = printGoals([
  { ...goal, what: `GET /queue, ${values.jobs} jobs`, ours: medians('ours asked').aSecond },
  { ...goal, what: 'the same, unchanged', ours: medians('ours unchanged').aSecond },
]);
process.exitCode = missed === 0 ? 0 : 1;
