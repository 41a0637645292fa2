/** Credentials that were planted are looked for wherever the service writes: files, rows, logs, words to people, command lines. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where one was found; the place only. */
export function placesOf(secrets: readonly string[], { folders, texts }: Searched): readonly string[] {
  const forms = secrets.flatMap((secret) => [secret, ...inBase64(secret), encodeURIComponent(secret)]);
  const holds = (bytes: Buffer): boolean => forms.some((form) => bytes.includes(form));
  const files = folders.flatMap(filesIn).filter((file) => holds(readFileSync(file)));
  const said = Object.entries(texts).filter(([, all]) => all.some((text) => holds(Buffer.from(text))));
  return [...files, ...said.map(([place]) => place)];
}

export interface Searched {
  readonly folders: readonly string[];
  /** By what they are. */
  readonly texts: Readonly<Record<string, readonly string[]>>;
}

const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));

/** As a part of something longer, which may begin at each of three places; the letters that depend on what is around it are left out. */
function inBase64(secret: string): readonly string[] {
  return [0, 1, 2].map((before) =>
    Buffer.from(`${'-'.repeat(before)}${secret}`)
      .toString('base64')
      .replace(/=+$/, '')
      .slice(before === 0 ? 0 : before + 1, -2),
  );
}

export interface CommandLines {
  /** Those of processes that began since. */
  readonly seen: ReadonlySet<string>;
  end(): void;
}

/** So often a process is looked at: it has the command line of its parent at first. */
const LOOKS = 4;

/** Looks at the command lines of this machine, many times a second, until it is ended. Needs /proc. */
export function watchCommandLines(): CommandLines {
  const seen = new Set<string>();
  const looks = new Map<string, number>(pids().map((pid) => [pid, LOOKS]));
  const timer = setInterval(() => {
    for (const pid of pids()) {
      const before = looks.get(pid) ?? 0;
      if (before >= LOOKS) continue;
      looks.set(pid, before + 1);
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' '));
      } catch {
        // It has ended.
      }
    }
  }, 10);
  return { seen, end: () => clearInterval(timer) };
}

const pids = (): readonly string[] => readdirSync('/proc').filter((name) => /^\d+$/.test(name));
