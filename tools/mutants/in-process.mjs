/** Shows mutants to the tests of one step in a process that lives as long as it behaves. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('./judge.mjs', import.meta.url));

export class InProcess {
  constructor(root, { workspace, files, title = '' }) {
    this.args = [root, workspace, title, ...files];
    this.root = root;
    this.child = null;
    // A mutant that never comes to its end would outlive us.
    process.on('exit', () => this.end());
  }

  /** `end` as in jest-step.mjs. Without a mutant: whether the tests are green as they stand. */
  async show({ file, text } = { file: '', text: '' }, limitMs = 600_000) {
    this.child ??= fork(program, this.args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    const { child } = this;
    if (child.ready === undefined) await new Promise((resolve) => child.once('message', resolve));
    child.ready = true;
    child.send({ path: file === '' ? '' : join(this.root, file), text });
    const answer = await new Promise((resolve) => {
      const timer = setTimeout(() => resolve({ end: 'hangs', says: '' }), limitMs);
      child.once('message', ({ tests, failure }) => {
        clearTimeout(timer);
        resolve({ end: failure === null && tests > 0 ? 'green' : 'red', says: failure ?? `${tests} tests` });
      });
      child.once('exit', () => {
        clearTimeout(timer);
        resolve({ end: 'red', says: 'the process of the tests ended' });
      });
    });
    child.removeAllListeners('message').removeAllListeners('exit');
    if (answer.end === 'hangs' || child.exitCode !== null || child.signalCode !== null) this.end();
    return answer;
  }

  end() {
    this.child?.kill('SIGKILL');
    this.child = null;
  }
}
