/** The faults, as shell code. Each is the real thing: a kill, a full disk, a read-only disk, a lost object. */
import type { GitCall } from './scene.ts';

export const STEPS = [
  'fetch',
  'lease',
  'rebase',
  'rebase in the slot',
  'checkout',
  'setup',
  'test',
  'push',
  'land',
  're-read',
] as const;
export type Step = (typeof STEPS)[number];

export const FAULTS = [
  'is killed',
  'hangs',
  'meets a full disk',
  'is denied',
  'finds no git',
  'meets a corrupt object',
  'sees main move',
  'sees the branch move',
  'sees the branch vanish',
  'loses its service to SIGKILL',
] as const;
export type Fault = (typeof FAULTS)[number];

/** The call of git that is the step. */
export const CALL_OF: { readonly [S in Step]?: GitCall } = {
  fetch: { phase: 'fetch', text: ' fetch --quiet --prune ' },
  rebase: { phase: 'check', text: ' merge-tree ' },
  'rebase in the slot': { phase: 'check', text: ' rebase --merge ' },
  checkout: { phase: 'check', text: ' read-tree --reset ' },
  push: { phase: 'check', text: ' push --porcelain ' },
  land: { phase: 'land', text: ' update-ref --no-deref -m ' },
  're-read': { phase: 're-read', text: ' fetch --quiet --prune ' },
};

/** A call shortly before it, after which git is gone. Before the push, the test command takes git away. */
export const CALL_BEFORE: { readonly [S in Step]?: GitCall } = {
  fetch: { phase: 'fetch', text: ' rev-parse --verify ' },
  rebase: { phase: 'check', text: ' rev-list ' },
  'rebase in the slot': { phase: 'check', text: ' clean -ffdxq' },
  checkout: { phase: 'check', text: ' ls-tree -z --full-tree -l ' },
  land: { phase: 'land', text: ' update-ref --no-deref refs/gatehouse/candidate/' },
  're-read': { phase: 'land', text: ' update-ref --no-deref -m ' },
};

/** A commit on top of main as it stands now, made by another person. */
const OTHERS_LAND = `export GIT_INDEX_FILE="$DESK/others.index" GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=Bob GIT_AUTHOR_EMAIL=bob@example.org GIT_COMMITTER_NAME=Bob GIT_COMMITTER_EMAIL=bob@example.org
forge() { "$REAL_GIT" --git-dir="$ORIGIN" "$@"; }
blob=$(echo others | forge hash-object -w --stdin)
forge read-tree refs/heads/main
forge update-index --add --cacheinfo "100644,$blob,others.txt"
new=$(forge commit-tree -p refs/heads/main -m 'others landed' "$(forge write-tree)")
forge update-ref refs/heads/main "$new"`;

/** An action of another person: it sees nothing of the environment in which our git runs. */
const byOthers = (code: string): string => `(unset GIT_OBJECT_DIRECTORY GIT_ATTR_SOURCE\n${code})`;

/** Overwrites loose object $1 of repository $2. */
const SPOIL = `spoil() {
  dir="$2/objects/$(echo "$1" | sed 's/^\\(..\\).*/\\1/')"
  rest=$(echo "$1" | sed 's/^..//')
  chmod u+w "$dir" "$dir/$rest"; echo garbage > "$dir/$rest"
  echo "$dir/$rest" >> "$DESK/spoiled"
}
name() { "$REAL_GIT" --git-dir="$1" rev-parse "$2"; }
tested() { ls "$MIRROR/refs/gatehouse/tested"; }
`;

/** Which object is spoiled: one that the step cannot do without. */
const SPOILED: { readonly [S in Step]?: string } = {
  fetch: 'spoil "$(name "$ORIGIN" refs/heads/task:a.txt)" "$ORIGIN"',
  rebase: 'spoil "$(name "$MIRROR" refs/heads/task:a.txt)" "$MIRROR"',
  'rebase in the slot': 'spoil "$(name "$MIRROR" refs/heads/task:a.txt)" "$MIRROR"',
  checkout: 'spoil "$(name "$MIRROR" "$(tested)^{tree}")" "$MIRROR"',
  setup: 'spoil "$(name "$MIRROR" "$(tested)^{tree}")" "$MIRROR"',
  test: 'spoil "$(name "$MIRROR" "$(tested)^{tree}")" "$MIRROR"',
  push: 'spoil "$(name "$MIRROR" "$(tested)^{tree}")" "$MIRROR"',
  land: 'spoil "$(tested)" "$ORIGIN"',
  're-read': 'spoil "$(tested)" "$MIRROR"',
};

const isCommand = (step: Step): boolean => step === 'setup' || step === 'test';

/** The code of a fault at a step. */
export function codeOf(fault: Fault, step: Step): string {
  switch (fault) {
    case 'is killed':
      return 'kill -9 $$';
    case 'hangs':
      // A landing child is never killed: it wakes up once every caller has given up on it, and lands.
      return step === 'land' ? 'while [ -d "$DESK" ] && [ ! -e "$DESK/healed" ]; do sleep 0.05; done' : 'sleep 600';
    case 'meets a full disk':
      return `dd if=/dev/zero of="$ROOT/fill" bs=65536 2>/dev/null; dd if=/dev/zero bs=512 2>/dev/null >> "$ROOT/fill" || true
${isCommand(step) ? 'cp t/one.sh t/copy.sh || exit 1' : ''}`;
    case 'is denied':
      return isCommand(step) ? './README.md; exit $?' : 'mount -o remount,ro "$ROOT"';
    case 'finds no git':
      return isCommand(step) ? 'rm "$ROOT/bin/git"; git status; exit $?' : 'rm "$ROOT/bin/git"';
    case 'meets a corrupt object':
      return `${SPOIL}${SPOILED[step] ?? ''}`;
    case 'sees main move':
      return byOthers(OTHERS_LAND);
    case 'sees the branch move':
      return byOthers('"$REAL_GIT" --git-dir="$ORIGIN" update-ref refs/heads/task refs/hidden/more');
    case 'sees the branch vanish':
      return byOthers('"$REAL_GIT" --git-dir="$ORIGIN" update-ref -d refs/heads/task');
    case 'loses its service to SIGKILL':
      return 'kill -9 "$(cat "$DESK/service.pid")"';
  }
}

/** Faults that need a small disk of their own, and with it the right to mount one. */
export const needsDisk = (fault: Fault, step: Step): boolean =>
  fault === 'meets a full disk' || (fault === 'is denied' && !isCommand(step));
