// Reports of any size with known totals, the same for the same seed: sources of 30 to 900 measurable lines, of which four in five ran.
import { closeSync, openSync, writeSync } from 'node:fs';

function draws(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return { next, from: (low, high) => low + Math.floor(next() * (high - low)) };
}

function source(number, { next, from }) {
  const lines = [];
  let line = from(1, 12);
  for (let left = from(30, 900); left > 0; left -= 1) {
    line += next() < 0.6 ? 1 : from(2, 6);
    lines.push([line, next() < 0.78 ? from(1, next() < 0.7 ? 10 : 100_000) : 0]);
  }
  return { name: `packages/mod${number % 97}/src/feature${number % 13}/component_${number}.ts`, lines };
}

/** Writes through a buffer; `size` is what was written so far. */
function writer(path) {
  const file = openSync(path, 'w');
  let parts = [];
  let kept = 0;
  const flush = () => {
    writeSync(file, parts.join(''));
    parts = [];
    kept = 0;
  };
  const out = {
    size: 0,
    write(text) {
      parts.push(text);
      kept += text.length;
      out.size += text.length;
      if (kept > 2 ** 20) flush();
    },
    end() {
      flush();
      closeSync(file);
    },
  };
  return out;
}

/** With functions, branches and summaries, as the tools write them. */
function lcov(out, bytes, random) {
  let [covered, total] = [0, 0];
  for (let number = 0; out.size < bytes; number += 1) {
    const { name, lines } = source(number, random);
    const heads = lines.filter((_, at) => at % 25 === 0).map(([line], at) => `FN:${line},function_number_${at}\n`);
    const branches = lines
      .filter((_, at) => at % 6 === 0)
      .map(([line, hits]) => `BRDA:${line},0,0,${hits || '-'}\nBRDA:${line},0,1,-\n`);
    const ran = lines.filter(([, hits]) => hits > 0).length;
    const data = lines.map(([line, hits]) => `DA:${line},${hits}\n`);
    out.write(
      `TN:\nSF:${name}\n${heads.join('')}${data.join('')}LF:${lines.length}\nLH:${ran}\n${branches.join('')}end_of_record\n`,
    );
    covered += ran;
    total += lines.length;
  }
  return { covered, total };
}

function cobertura(out, bytes, random) {
  let [covered, total] = [0, 0];
  const line = ([number, hits]) =>
    `\t\t\t\t\t\t<line number="${number}" hits="${hits}"${number % 9 === 0 ? ` branch="true" condition-coverage="50% (1/2)" missing-branches="${number + 1}"` : ''}/>\n`;
  out.write(
    '<?xml version="1.0" ?>\n<coverage version="7.2" line-rate="0.5">\n\t<sources>\n\t\t<source>/w</source>\n\t</sources>\n\t<packages>\n',
  );
  for (let number = 0; out.size < bytes; number += 1) {
    const { name, lines } = source(number, random);
    const methods =
      number % 4 === 0
        ? `<methods><method name="m"><lines>\n${lines.slice(0, 20).map(line).join('')}</lines></method></methods>`
        : '<methods/>';
    out.write(
      `\t\t<package name="mod${number}"><classes>\n<class name="c" filename="${name}" line-rate="0.7">\n${methods}<lines>\n${lines.map(line).join('')}</lines></class>\n</classes></package>\n`,
    );
    covered += lines.filter(([, hits]) => hits > 0).length;
    total += lines.length;
  }
  out.write('\t</packages>\n</coverage>\n');
  return { covered, total };
}

/** Newer versions repeat the lists per function and per class. */
function coveragePy(out, bytes, random) {
  let [covered, total] = [0, 0];
  const body = (executed, missing) =>
    `{"executed_lines": [${executed.join(', ')}], "summary": {"covered_lines": ${executed.length}, "num_statements": ${executed.length + missing.length}, "percent_covered_display": "80"}, "missing_lines": [${missing.join(', ')}], "excluded_lines": []`;
  out.write('{"meta": {"format": 3, "version": "7.6.1"}, "files": {');
  for (let number = 0; out.size < bytes; number += 1) {
    const { name, lines } = source(number, random);
    const executed = lines.filter(([, hits]) => hits > 0).map(([line]) => line);
    const missing = lines.filter(([, hits]) => hits === 0).map(([line]) => line);
    const functions = [];
    for (let at = 0; at < executed.length; at += 40)
      functions.push(`"fn_${at}": ${body(executed.slice(at, at + 40), missing.slice(at / 4, at / 4 + 10))}}`);
    out.write(
      `${number === 0 ? '' : ', '}"${name}": ${body(executed, missing)}, "functions": {${functions.join(', ')}}, "classes": {"": ${body(executed, missing)}}}}`,
    );
    covered += executed.length;
    total += lines.length;
  }
  out.write('}, "totals": {}}');
  return { covered, total };
}

/** Every block three times, as from three test binaries. The metric is lines, so the total is that of the lines of blocks. */
function go(out, bytes, random) {
  const { next, from } = random;
  const blocks = [];
  let size = 0;
  let [covered, total] = [0, 0];
  for (let number = 0; size < bytes / 3; number += 1) {
    let start = from(5, 20);
    for (let left = from(20, 300); left > 0; left -= 1) {
      const end = start + from(0, 7);
      const text = `example.org/acme/project/internal/mod${number % 97}/file_${number}.go:${start}.${from(2, 40)},${end}.${from(2, 60)} ${from(1, 6)} `;
      const hits = [0, 0, 0].map(() => (next() < 0.3 ? from(1, 10) : 0));
      blocks.push([text, hits]);
      size += text.length + 2;
      total += end - start + 1;
      if (hits.some((count) => count > 0)) covered += end - start + 1;
      start = end + from(1, 4);
    }
  }
  out.write('mode: atomic\n');
  for (const run of [0, 1, 2]) for (const [text, hits] of blocks) out.write(`${text}${hits[run]}\n`);
  return { covered, total };
}

const KINDS = { lcov, cobertura, coveragePy, go };

/** Writes a report of about so many bytes and answers its true totals. */
export function writeReport(kind, path, { bytes, seed }) {
  const out = writer(path);
  const truth = KINDS[kind](out, bytes, draws(seed));
  out.end();
  return { ...truth, size: out.size };
}
