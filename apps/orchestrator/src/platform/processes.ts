/** Which processes of this machine carry a word on their command line. */
import { readdir, readFile } from 'node:fs/promises';
import { outputText, runInGroup } from '@gatehouse/proc-group';

/** `pid command` of every live process naming `word`, this one left out; null when this machine does not say. */
export async function processesNaming(word: string): Promise<readonly string[] | null> {
  const rows = (await fromProc()) ?? (await fromPs());
  if (rows === null) return null;
  return rows
    .filter(([pid, command]) => pid !== process.pid && command.includes(word))
    .map(([pid, command]) => `${pid} ${command.slice(0, 120)}`);
}

type ProcessRow = readonly [pid: number, command: string];

async function fromProc(): Promise<readonly ProcessRow[] | null> {
  const names = await readdir('/proc').catch(() => null);
  if (names === null) return null;
  const rows: ProcessRow[] = [];
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (command !== '') rows.push([Number(name), command.replaceAll('\0', ' ').trim()]);
  }
  return rows.length === 0 ? null : rows;
}

async function fromPs(): Promise<readonly ProcessRow[] | null> {
  const run = await runInGroup({
    command: 'ps',
    args: ['-axww', '-o', 'pid=,command='],
    timeoutMs: 10_000,
    containment: 'group',
  });
  if (run.kind !== 'exited' || run.code !== 0) return null;
  return outputText(run.stdout)
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(.*)$/.exec(line))
    .filter((match) => match !== null)
    .map((match) => [Number(match[1]), match[2] ?? ''] as const);
}
