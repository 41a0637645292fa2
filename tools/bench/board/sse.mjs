/**
 * How soon 200 clients know what was committed: from the commit of an event until the last byte of its message has reached a client, and
 * the same from one write to all streams of a bare Hono server. Each server is a process of its own, and takes its turns.
 *
 *   npm --prefix tools/bench run sse [-- --clients N] [--events N] [--rounds N] [--seed N]     N = 200, 20 and 8
 *
 * `ours` reads the log of a store on disk for each event and asks for the sessions that are open; half of its clients are told only
 * what changed. Prints the median, the 99th percentile and their ratio; the time of the commit itself stands beside it.
 */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { interleave, median, percentile, printGoals, printTable, seedOrder } from '../ratio-table.mjs';

const { values } = parseArgs({
  options: {
    clients: { type: 'string', default: '200' },
    events: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '8' },
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
const [clients, events, rounds] = [values.clients, values.events, values.rounds].map(Number);
const now = () => process.hrtime.bigint();

/** A client that notes when each message was there as a whole. */
function follow({ url, token }, path, arrived) {
  const { hostname, port } = new URL(url);
  return new Promise((opened, failed) => {
    let text = '';
    const socket = connect(Number(port), hostname, () => {
      const auth = token === '' ? '' : `authorization: Bearer ${token}\r\n`;
      socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\n${auth}\r\n`);
    });
    socket.on('error', failed);
    socket.on('data', (piece) => {
      const at = now();
      text += piece.toString('latin1');
      if (text.startsWith('HTTP/1.1 200')) opened(socket);
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const id = /^id: (\d+)$/m.exec(block)?.[1];
        if (id !== undefined) arrived(Number(id), at);
      }
    });
  });
}

async function start(kind) {
  const child = fork(fileURLToPath(new URL('./serve-events.mjs', import.meta.url)), [kind]);
  const answers = new Map();
  const place = await new Promise((told) => child.once('message', told));
  child.on('message', (answer) => answers.get(answer.id)?.(answer));
  const moments = new Map();
  const waiting = new Map();
  const arrived = (id, at) => {
    moments.set(id, [...(moments.get(id) ?? []), at]);
    if (moments.get(id).length === clients) waiting.get(id)?.();
  };
  const sockets = [];
  const half = kind === 'ours' ? '?as=changes' : '';
  for (let at = 0; at < clients; at += 1)
    sockets.push(await follow(place, `/events${at % 2 === 0 ? half : ''}`, arrived));
  let orders = 0;
  const order = async () => {
    orders += 1;
    const id = orders;
    const answer = new Promise((told) => answers.set(id, told));
    child.send(id);
    const { told, began, committed } = await answer;
    if ((moments.get(told)?.length ?? 0) < clients) await new Promise((all) => waiting.set(told, all));
    const since = (from) => moments.get(told).map((at) => Number(at - BigInt(from)) / 1e6);
    return { reached: since(committed), commitMs: Number(BigInt(committed) - BigInt(began)) / 1e6 };
  };
  const turn = async () => {
    const seen = [];
    for (let at = 0; at < events; at += 1) seen.push(await order());
    return seen;
  };
  return {
    turn,
    close: () => {
      for (const socket of sockets) socket.destroy();
      child.disconnect();
    },
  };
}

const contenders = { ours: await start('ours'), bare: await start('bare') };
const samples = await interleave(rounds, { ours: contenders.ours.turn, bare: contenders.bare.turn });
for (const { close } of Object.values(contenders)) close();
const reached = (name) => samples[name].flat().flatMap((event) => event.reached);
const row = (name) => [median(reached(name)), percentile(reached(name), 0.99)];
const [mine, theirs] = [row('ours'), row('bare')];
printTable(
  `${clients} clients, ${events * rounds} events: ms from the commit until a client has the message`,
  ['server', 'median', 'p99', 'the commit itself, median'],
  [
    ['gatehouse, store on disk', ...mine, median(samples.ours.flat().map(({ commitMs }) => commitMs))],
    ['bare Hono SSE', ...theirs, 0],
  ],
);
const missed = printGoals([
  {
    what: 'commit to client, p99',
    ours: mine[1],
    reference: theirs[1],
    against: 'bare Hono SSE',
    unit: 'ms',
    atMost: 2,
    blind: 'a network; clients that render',
  },
]);
process.exitCode = missed === 0 ? 0 : 1;
