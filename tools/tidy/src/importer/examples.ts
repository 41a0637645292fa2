/** Examples in pages and in doc comments: TypeScript that runs by itself; a comment behind a print says what is printed. */
import type { Exported } from '../api/declarations.ts';

/** The first example of a page; null where it has none. */
export const firstExample = (page: string): string | null => /```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? null;

/** The examples in the doc comments of what a package exports. */
export function examplesOf({ own }: Exported): string[] {
  return own.flatMap(({ doc }) => doc.split(/^@example$/m).slice(1)).flatMap((part) => firstExample(part) ?? []);
}

/** What an example says that it prints. */
export function saidBy(example: string): string {
  return [...example.matchAll(/^ *console\.log\(.*\); \/\/ (.+)$/gm)].map(([, said]) => `${said}\n`).join('');
}
