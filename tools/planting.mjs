/**
 * Proves that something notices: plants one fault at a time in the built code, lets a script try it, and puts every file
 * back on every way out. A fault is `{ name, patches: [{ file, text, by }], reported }`; its text must stand in its file once.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Tried first: with nothing planted nothing may be reported. */
const SOUND = { name: 'nothing is broken', patches: [], reported: null };

const pristine = new Map();
let child = null;
let stopped = false;

/**
 * The options of the command line; `usage` is what `--help` prints. A word that is not understood ends the script with
 * status 2, because half an hour of work would otherwise begin by mistake.
 */
export function readOptions(usage, names) {
  const options = Object.fromEntries([
    ...names.map((name) => [name, { type: 'string' }]),
    ['help', { type: 'boolean' }],
  ]);
  const { values, problem } = parsed(options);
  if (problem !== undefined) console.error(problem);
  if (problem !== undefined || values.help === true) {
    console.log(usage);
    process.exit(problem === undefined ? 0 : 2);
  }
  return values;
}

function parsed(options) {
  try {
    return parseArgs({ options, strict: true });
  } catch (error) {
    if (!String(error.code).startsWith('ERR_PARSE_ARGS')) throw error;
    return { values: {}, problem: error.message };
  }
}

/** Null: there is no such file. */
export function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Tries all faults, or those whose name contains `only`, and sets the exit status: 0 each was noticed, 1 one was not, 3
 * nothing could be planted, 130 stopped. `tryOne(fault)` says on one line what came of it and answers whether that is
 * what it should be; `obstacles()` names what else keeps the faults from being planted.
 */
export async function plantEach({ faults, tryOne, only = '', obstacles = () => [] }) {
  const chosen = faults.filter(({ name }) => name.includes(only));
  const problems = [...obstacles(), ...chosen.flatMap(misfits)];
  if (chosen.length === 0) problems.push(`nothing to plant is called ${only}`);
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exit(3);
  process.on('exit', restore);
  // The first signal ends what runs and lets the clean-up happen; the second one only puts the files back.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      if (stopped) process.exit(130);
      stopped = true;
      child?.kill('SIGTERM');
    });
  const planted = async (fault) => {
    for (const one of fault.patches ?? []) patch(one);
    try {
      const started = Date.now();
      const { ok, says } = await tryOne(fault);
      console.log(`${ok ? 'ok ' : 'NOT'}  ${fault.name} (${Math.round((Date.now() - started) / 1000)} s): ${says}`);
      return ok;
    } finally {
      restore();
    }
  };
  const isSound = only !== '' || (await planted(SOUND));
  let found = 0;
  for (const fault of isSound ? chosen : []) if (!stopped && (await planted(fault))) found += 1;
  console.log(`${chosen.length} planted, ${found} found`);
  process.exitCode = stopped ? 130 : found === chosen.length ? 0 : 1;
}

/** Runs a built program of ours, as `tools/demo`; answers how it ended and the object it printed. Always resolves. */
export function runBuilt(workspace, args, { limitMs, ...options }) {
  const main = join(root, workspace, 'dist/main.js');
  return new Promise((resolve) => {
    let stdout = '';
    child = spawn(process.execPath, [main, ...args, '--json'], options);
    const timer = setTimeout(() => child?.kill('SIGTERM'), limitMs);
    child.stdout.on('data', (bytes) => {
      stdout += bytes;
    });
    child.on('error', (error) => resolve({ code: null, answer: { problem: error.message } }));
    child.on('close', (code) => {
      clearTimeout(timer);
      child = null;
      resolve({ code, answer: answerIn(stdout) });
    });
  });
}

function answerIn(stdout) {
  try {
    return JSON.parse(stdout);
  } catch (error) {
    return { problem: `stdout is no JSON: ${error.message}` };
  }
}

/** One line for each patch of a fault whose text does not stand in its built file exactly once. */
export function misfits({ name, patches = [] }) {
  return patches.flatMap(({ file, text }) => {
    const times = (textOf(join(root, file)) ?? '').split(text).length - 1;
    return times === 1 ? [] : [`"${name}" is not planted: ${file} holds its text ${times} times`];
  });
}

function patch({ file, text, by }) {
  const path = join(root, file);
  const before = readFileSync(path, 'utf8');
  if (!pristine.has(path)) pristine.set(path, before);
  writeFileSync(
    path,
    before.replace(text, () => by),
  );
}

function restore() {
  for (const [file, text] of pristine) writeFileSync(file, text);
  pristine.clear();
}
