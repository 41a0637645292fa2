/** Shows mutants to the tests of one step in a process that lives as long as it behaves. */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { environment } from './scratch.mjs';

const program = fileURLToPath(new URL('./judge.mjs', import.meta.url));
const LOOK_MS = 250;
/** A process that computes nothing for so long waits for what never comes. */
const IDLE_MS = 20_000;
/** So many tests that noticed a mutant nearby are asked before all others. */
const ASKED_FIRST = 6;

export class InProcess {
  constructor(root, { workspace, files, title = '' }) {
    this.args = [root, workspace, title, ...files];
    this.root = root;
    this.child = null;
    this.noticed = [];
    // A mutant that never comes to its end would outlive us.
    process.on('exit', () => this.end());
  }

  /** `end` as in jest-step.mjs; `limitMs` is processor time. Without a mutant: whether the tests are green as they stand. */
  async show({ file, line, text } = { file: '', line: 0, text: '' }, limitMs = 600_000) {
    this.child ??= fork(program, this.args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], env: environment() });
    const { child } = this;
    if (child.ready === undefined) await new Promise((resolve) => child.once('message', resolve));
    child.ready = true;
    child.send({ path: file === '' ? '' : join(this.root, file), text, first: this.likely(file, line) });
    const started = processorMs(child.pid);
    const answer = await new Promise((resolve) => {
      let last = { used: started, at: Date.now() };
      const timer = setInterval(() => {
        const used = processorMs(child.pid);
        if (used > last.used) last = { used, at: Date.now() };
        if (used - started <= limitMs && Date.now() - last.at < IDLE_MS) return;
        clearInterval(timer);
        resolve({ end: 'hangs', says: '' });
      }, LOOK_MS);
      child.once('message', ({ tests, failure, failed }) => {
        clearInterval(timer);
        if (file !== '' && failed !== null) this.noticed.push({ file, line, ...failed });
        const usedMs = processorMs(child.pid) - started;
        resolve({ end: failure === null && tests > 0 ? 'green' : 'red', says: failure ?? `${tests} tests`, usedMs });
      });
      child.once('exit', () => {
        clearInterval(timer);
        resolve({ end: 'red', says: 'the process of the tests ended' });
      });
    });
    child.removeAllListeners('message').removeAllListeners('exit');
    if (answer.end === 'hangs' || child.exitCode !== null || child.signalCode !== null) this.end();
    return answer;
  }

  /** The tests that noticed mutants next to this one, the nearest first. */
  likely(file, line) {
    const near = this.noticed
      .filter((one) => one.file === file)
      .sort((one, other) => Math.abs(one.line - line) - Math.abs(other.line - line));
    const byKey = new Map(near.toReversed().map(({ at, name }) => [`${at} ${name}`, { at, name }]));
    return [...byKey.values()].toReversed().slice(0, ASKED_FIRST);
  }

  end() {
    this.child?.kill('SIGKILL');
    this.child = null;
  }
}

/** What a process of ours has computed, ms; 0 once it is gone. */
function processorMs(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ');
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return 0;
    throw error;
  }
}
