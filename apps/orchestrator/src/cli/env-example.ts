/** The text of `.env.example`: every setting with its default and what it is for. */
import { SETTINGS, type SettingRow } from '../settings.ts';

export function envExample(): string {
  const lines = Object.entries<SettingRow>(SETTINGS).map(
    ([name, { byDefault, about }]) => `# ${about}\n${name}=${byDefault}\n`,
  );
  return `# Gatehouse settings with their defaults. Generated: npm run -s gatehouse -- doctor --print-env\n\n${lines.join('\n')}`;
}
