/** The routes that the settings name, read once at start. */
import { readTextFile } from '../platform/files.ts';
import { fileRoutes, type NotifySettings, type RouteSources, type RoutesAnswer, settingsRoutes } from './routes.ts';

const FILE_BYTES = 64 * 1024;

/** A file that cannot be used says why, with its path. */
export async function readRoutes(
  settings: RouteSources & { readonly notify: NotifySettings & { readonly file: string } },
): Promise<RoutesAnswer> {
  const { file } = settings.notify;
  if (file === '') return settingsRoutes(settings);
  const read = await readTextFile(file, FILE_BYTES);
  if (read.kind !== 'read') return { kind: 'invalid', problems: [`ORCH_NOTIFY_FILE ${file}: ${read.reason}`] };
  const routes = fileRoutes(read.text, settings);
  return routes.kind === 'routes'
    ? routes
    : { kind: 'invalid', problems: routes.problems.map((problem) => `ORCH_NOTIFY_FILE ${file}: ${problem}`) };
}
