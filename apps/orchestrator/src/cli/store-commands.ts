/** What an operator does with the store's file: copy it while it is used, put a copy back, have it checked. */
import { resolve } from 'node:path';
import type { Settings } from '../settings.ts';
import { backUp } from '../store/sqlite/backup.ts';
import type { Contents } from '../store/sqlite/contents.ts';
import { placeIn, type StorePlace } from '../store/sqlite/place.ts';
import { restore } from '../store/sqlite/restore.ts';
import { type Answer, EXIT, failure } from './answer.ts';

/** Where the settings say that the store is. */
export const storePlace = ({ storage }: Settings): StorePlace => placeIn(resolve(storage.dataDir));

export function backupCommand(settings: Settings, { cwd, to }: { readonly cwd: string; readonly to?: string }): Answer {
  const answer = backUp(storePlace(settings).file, to === undefined ? null : resolve(cwd, to));
  if (answer.kind === 'refused') return failure(answer.problem);
  const { path, contents } = answer;
  return {
    exit: EXIT.pass,
    json: { path, ...contentsView(contents) },
    text: `${path}: ${inWords(contents)}, every page checked; put it back with gatehouse restore ${path}`,
  };
}

export function restoreCommand(settings: Settings, copy: string): Answer {
  const answer = restore(storePlace(settings).file, copy);
  if (answer.kind === 'refused') return failure(answer.problem);
  const { contents, aside } = answer;
  const kept = aside.length === 0 ? '' : `; what was there is set aside: ${aside.join(', ')}`;
  return {
    exit: EXIT.pass,
    json: { path: storePlace(settings).file, ...contentsView(contents), set_aside: aside },
    text: `${storePlace(settings).file}: ${inWords(contents)}${kept}; start the service again`,
  };
}

const contentsView = ({ schema, tasks, lastEventAt }: Contents) => ({
  schema,
  tasks,
  last_event_at: lastEventAt === null ? null : new Date(lastEventAt).toISOString(),
});

/** How much a store holds, and up to when. */
export function inWords({ tasks, lastEventAt }: Contents): string {
  const until = lastEventAt === null ? 'nothing has happened yet' : `up to ${new Date(lastEventAt).toISOString()}`;
  return `${tasks} task${tasks === 1 ? '' : 's'}, ${until}`;
}
