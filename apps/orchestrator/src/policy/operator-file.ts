/** Whether the operator's file of a repository can be used, for whoever asks before a job meets it. */
import type { Profile } from '@gatehouse/stage-engine';
import { readTextFile } from '../platform/files.ts';
import { parsePolicyFile } from './policy-file.ts';

const UNSAID = "the profile full needs agents: pass an operator's file with the key `agents`";
const LIMIT_BYTES = 256 * 1024;

/** Null: it can be used, and says who works where agents have to. */
export async function operatorFileProblem(path: string | null, profile: Profile): Promise<string | null> {
  if (path === null) return profile === 'full' ? UNSAID : null;
  const file = await readTextFile(path, LIMIT_BYTES);
  if (file.kind !== 'read') return `the policy file ${path}: ${file.reason}`;
  const parsed = parsePolicyFile(file.text, path);
  if (parsed.kind !== 'policy') return parsed.problems.join('; ');
  return profile === 'full' && parsed.policy.agents === undefined ? UNSAID : null;
}
