/** What people write to Gatehouse in comments, and how often each was seen by which way. Pure. */
import type { CountedCommands } from '../../store/port/index.ts';
import type { HeardComment } from './hints.ts';

export type CommandVerb = 'queue' | 'stop' | 'retry' | 'why';

export interface Command {
  readonly by: string;
  readonly verb: CommandVerb;
  /** The start of the only commit that it is about; null: wherever the branch is. */
  readonly commit: string | null;
}

const COMMAND = /^\/gatehouse[ \t]+(queue|stop|retry|why)(?:[ \t]+([0-9a-f]{7,40}))?[ \t]*\r?$/m;

/** What a person shows and does not say: a fenced block, closed or not, and what a browser does not show. */
const QUOTED =
  /^ {0,3}(`{3,}|~{3,})[^\n]*(?:\n(?! {0,3}\1)[^\n]*)*(?:\n {0,3}\1[^\n]*)?|<!--[\s\S]*?(?:-->|$(?![\s\S]))/gm;

/**
 * The first command of a comment: a line of its own, and not quoted. A test's output that somebody shows, or that we show, must
 * not speak for who shows it. Null: there is none.
 */
export function commandIn({ by, text }: HeardComment): Command | null {
  const [, verb, commit = null] = COMMAND.exec(text.replace(QUOTED, '(quoted)')) ?? [];
  return verb === undefined ? null : { by, verb: verb as CommandVerb, commit };
}

const KEPT = 100;

/**
 * The commands that are new, and the counts with them. A command reaches us twice, by its webhook and with the next
 * reading of the comments, in either order, or once, when the webhook is lost: it is new when the larger count grows.
 */
export function newCommands(
  known: CountedCommands | null,
  seen: { readonly webhooks: readonly HeardComment[]; readonly comments: readonly HeardComment[] },
): { readonly fresh: readonly Command[]; readonly counts: CountedCommands } {
  const counts = new Map<string, readonly [number, number]>(Object.entries(known ?? {}));
  const fresh: Command[] = [];
  const countAll = (comments: readonly HeardComment[], by: 'webhooks' | 'comments'): void => {
    for (const comment of comments) {
      const command = commandIn(comment);
      if (command === null) continue;
      const key = [command.by, command.verb, command.commit ?? ''].join(' ');
      const [webhooks, read] = counts.get(key) ?? [0, 0];
      const after = by === 'webhooks' ? ([webhooks + 1, read] as const) : ([webhooks, read + 1] as const);
      if (Math.max(...after) > Math.max(webhooks, read)) fresh.push(command);
      counts.delete(key);
      counts.set(key, after);
    }
  };
  countAll(seen.comments, 'comments');
  countAll(seen.webhooks, 'webhooks');
  return { fresh, counts: Object.fromEntries([...counts].slice(-KEPT)) };
}
