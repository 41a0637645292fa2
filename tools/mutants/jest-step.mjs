/** Shows what is planted to the tests of one step. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { environment } from './scratch.mjs';

const running = new Set();
process.on('exit', () => {
  for (const { pid } of running) killGroup(pid);
});

/** `end` is `red`: a test failed; `hangs`: not over within `limitMs`; else `green`; `says` is what the tests printed. Always resolves. */
export function runJest(root, { workspace, files, title }, limitMs) {
  const child = spawn(
    process.execPath,
    [
      ...[
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        join(root, 'node_modules/jest/bin/jest.js'),
      ],
      ...[
        '-i',
        '--bail',
        ...(title === undefined ? [] : ['-t', title]),
        ...files.map((name) => `/test/${name}.test.ts`),
      ],
    ],
    { cwd: join(root, workspace), stdio: ['ignore', 'ignore', 'pipe'], env: environment(), detached: true },
  );
  running.add(child);
  let says = '';
  child.stderr.on('data', (bytes) => {
    says = (says + bytes).slice(-20_000);
  });
  return new Promise((resolve) => {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      killGroup(child.pid);
    }, limitMs);
    const end = (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ end: isLate ? 'hangs' : code === 0 ? 'green' : 'red', says });
    };
    child.on('error', () => end(1));
    child.on('close', end);
  });
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
