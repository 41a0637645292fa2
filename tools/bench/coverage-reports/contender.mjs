// One reader on one report in a process of its own: prints its CPU milliseconds, the peak of its memory in MiB, and its totals.
import { closeSync, createReadStream, openSync, readFileSync, readSync } from 'node:fs';

const [name, path] = process.argv.slice(2);

const CHUNK = 2 ** 20;

/** Every byte is looked at once: what no reader in JavaScript can go below. */
function byteLoop() {
  const file = openSync(path, 'r');
  const buffer = Buffer.allocUnsafe(CHUNK);
  let newlines = 0;
  for (let count = readSync(file, buffer); count > 0; count = readSync(file, buffer))
    for (let at = 0; at < count; at += 1) if (buffer[at] === 10) newlines += 1;
  closeSync(file);
  return { newlines };
}

async function ours() {
  const { readReport } = await import('../../../packages/coverage-gate/dist/index.js');
  // What reads is loaded by the first call.
  await readReport({ bytes: new Uint8Array(0), name: 'nothing' });
  const start = process.cpuUsage();
  const report = await readReport(path);
  if (report.kind !== 'read') throw new Error(report.reason);
  return { covered: report.covered, total: report.total, since: start };
}

/** Without what reading a file costs, and without its hash: what the bytes themselves take. */
async function scan() {
  const dist = '../../../packages/coverage-gate/dist/readers';
  const { DEFAULT_LIMITS, ReportLines, countLines } = await import(`${dist}/report-lines.js`);
  const { FORMATS } = await import(`${dist}/report-formats.js`);
  const { detectFormat } = await import(`${dist}/detect-format.js`);
  const all = readFileSync(path);
  const lines = new ReportLines(DEFAULT_LIMITS);
  const reader = FORMATS[detectFormat(all)].reader(lines);
  const start = process.cpuUsage();
  if (reader.kind === 'asks') reader.read({ bytes: all, end: all.length, more: () => false });
  for (let at = 0; reader.kind === 'is-fed' && at < all.length; ) {
    const part = all.subarray(at, at + CHUNK);
    const isLast = at + part.length === all.length;
    at += reader.feed(part, part.length, isLast);
    if (isLast) break;
  }
  let [covered, total] = [0, 0];
  for (const set of lines.files.values()) {
    const counts = countLines(set);
    [covered, total] = [covered + counts.covered, total + counts.total];
  }
  return { covered, total, since: start };
}

/** As the gate reads it: it also asks for git's name of the bytes, by which a committed copy is known, and reads long JSON in a thread. */
async function gate() {
  const dist = '../../../packages/coverage-gate/dist';
  const { readSourceAside } = await import(`${dist}/read-report.js`);
  const { openReport } = await import(`${dist}/adapters/report-source.js`);
  const start = process.cpuUsage();
  const { source } = await openReport(path);
  const { covered, total } = await readSourceAside(source, { gitHash: 'sha1' });
  return { covered, total, since: start };
}

const called = (parse) => new Promise((done, fail) => parse((error, value) => (error ? fail(error) : done(value))));

function sum(files) {
  let [covered, total] = [0, 0];
  for (const { lines } of files)
    for (const { hit } of lines.details) {
      total += 1;
      if (hit > 0) covered += 1;
    }
  return { covered, total };
}

async function saxes() {
  const { SaxesParser } = await import('saxes');
  const parser = new SaxesParser();
  const files = new Map();
  let current = null;
  let aside = 0;
  parser.on('opentag', ({ name: tag, attributes }) => {
    if (tag === 'methods') aside += 1;
    else if (tag === 'class') {
      current = files.get(attributes.filename) ?? new Map();
      files.set(attributes.filename, current);
    } else if (tag === 'line' && aside === 0) current.set(attributes.number, attributes.hits > 0);
  });
  parser.on('closetag', ({ name: tag }) => {
    if (tag === 'methods') aside -= 1;
  });
  for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: CHUNK })) parser.write(chunk);
  parser.close();
  let [covered, total] = [0, 0];
  for (const lines of files.values())
    for (const ran of lines.values()) [covered, total] = [covered + (ran ? 1 : 0), total + 1];
  return { covered, total };
}

const CONTENDERS = {
  'byte loop': byteLoop,
  ours,
  'ours, the bytes alone': scan,
  'ours, in the gate': gate,
  'lcov-parse': async () => {
    const { default: parse } = await import('lcov-parse');
    return sum(await called((done) => parse(path, done)));
  },
  saxes,
  'JSON.parse': () => {
    JSON.parse(readFileSync(path, 'utf8'));
    return {};
  },
  'golang-cover-parse': async () => {
    const { default: parse } = await import('golang-cover-parse');
    return sum(await called((done) => parse.parseFile(path, done)));
  },
};

// Loading is not reading: ours says when it starts, and the others load next to nothing.
const before = process.cpuUsage();
const { since = before, ...answer } = await CONTENDERS[name]();
const { user, system } = process.cpuUsage(since);
console.log(JSON.stringify({ ms: (user + system) / 1000, mib: process.resourceUsage().maxRSS / 1024, ...answer }));
