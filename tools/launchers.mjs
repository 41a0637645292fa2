// Who stands above this process because of npm: `npm run` starts a shell, which starts us. Plain JavaScript, any Node >= 18.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const MANAGER = /(?:^|\/)(?:npm|npx|pnpm|pnpx|yarn|corepack|bun)(?:-cli)?(?:\.[cm]?js)?(?:\s|$)/;
const SCRIPT_SHELL = /^(?:\S*\/)?(?:ba|da|z|k|a)?sh\s+-c\s/;
const MOST = 16;

/** Null when there is no such process, or it has ended and waits for its parent to notice. */
function describe(pid) {
  try {
    if (process.platform !== 'linux') {
      const options = ['-p', String(pid), '-o', 'ppid=,lstart=,command='];
      const [parent, ...rest] = execFileSync('ps', options, { encoding: 'utf8', stdio: 'pipe' }).trim().split(/\s+/);
      return { parent: Number(parent), start: rest.slice(0, 5).join(' '), words: rest.slice(5).join(' ') };
    }
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1).split(' ');
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ');
    return /^[ZX]/.test(fields[0]) ? null : { parent: Number(fields[1]), start: fields[19], words };
  } catch {
    return null;
  }
}

/**
 * The processes from our parent up to the outermost package manager: none of them is wanted any more once one is gone. Empty
 * without a package manager: whoever starts us from a shell may close it (nohup, setsid, a supervisor).
 */
export function launchersAbove() {
  const above = [];
  let kept = 0;
  for (let pid = process.ppid; pid > 1 && above.length < MOST; ) {
    const found = describe(pid);
    if (found === null) break;
    const manages = MANAGER.test(found.words.split(' ').slice(0, 2).join(' '));
    if (!manages && !SCRIPT_SHELL.test(found.words)) break;
    above.push({ pid, start: found.start });
    if (manages) kept = above.length;
    pid = found.parent;
  }
  return above.slice(0, kept);
}

/** True once one of them has ended. */
export const isOneGone = (launchers) => launchers.some(({ pid, start }) => describe(pid)?.start !== start);
