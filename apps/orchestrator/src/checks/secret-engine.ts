/** gitleaks beside the embedded engine, where it is on this machine. It is looked for until it is found, and asked for its version once. */
import { EMBEDDED_ENGINES, findGitleaks, type SecretEngine } from '@gatehouse/security-gate';
import type { Settings } from '../settings.ts';

type SecuritySettings = Pick<Settings, 'security'>;

const found = new Map<string, SecretEngine>();

/** Undefined: it is switched off or not here. */
export async function secretEngineFor({ security }: SecuritySettings): Promise<SecretEngine | undefined> {
  const { gitleaks: command } = security;
  if (command === OFF) return undefined;
  const known = found.get(command);
  if (known !== undefined) return known;
  const looked = await findGitleaks({ command });
  if (looked.kind !== 'found') return undefined;
  found.set(command, looked.engine);
  return looked.engine;
}

/** What a scan takes of the settings. */
export const engineOptions = async (settings: SecuritySettings) => {
  const engine = await secretEngineFor(settings);
  const { requireEngine } = settings.security;
  return { requireEngine, ...(engine === undefined ? {} : { engine }) };
};

const OFF = 'off';

/** The engines that a verdict depends on, with their versions, as far as they are known. */
export const engineNames = ({ security }: SecuritySettings): readonly string[] => {
  const second = found.get(security.gitleaks)?.name;
  return [...EMBEDDED_ENGINES, ...(second === undefined ? [] : [second]), `required: ${security.requireEngine}`];
};
