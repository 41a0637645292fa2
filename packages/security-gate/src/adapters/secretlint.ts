/**
 * The embedded engine's rules, called directly: no config file, no ignore file and no comment of the branch has a say.
 * The preset is taken apart because its own switch for comment filtering does not switch it off.
 */
import { lintSource } from '@secretlint/core';
import { rules as recommended } from '@secretlint/secretlint-rule-preset-recommend';
import type { Match } from '../rules/run-rules.ts';

const nameOf = (id: string): string => id.replace(/^.*secretlint-rule-/, '');
const preset = recommended
  .filter((rule) => !rule.meta.id.endsWith('filter-comments'))
  .map((rule) => ({
    id: rule.meta.id,
    rule,
    options: rule.meta.id.endsWith('-aws') ? { enableIDScanRule: true } : {},
  }));

/** Names of the engine's rules. */
export const SECRETLINT_RULES: readonly string[] = preset.map(({ id }) => nameOf(id));

/** Every match of the rules `only` in one piece of text. The engine's own result holds the raw text and goes no further. */
export async function runSecretlint(text: string, only: ReadonlySet<string>): Promise<readonly Match[]> {
  const rules = preset.filter(({ id }) => only.has(nameOf(id)));
  if (rules.length === 0) return [];
  const result = await lintSource({
    source: { filePath: 'object.txt', content: text, ext: '.txt', contentType: 'text' },
    options: { config: { rules }, noPhysicFilePath: true, maskSecrets: true },
  });
  // An account's number is no secret.
  return result.messages
    .filter(({ messageId }) => messageId !== 'AWSAccountID')
    .map(({ ruleId, messageId, range: [from, to] }) => {
      const lead = leadAt(text, from, messageId);
      return { rule: `secret/${nameOf(ruleId)}`, start: from + lead, end: to + lead };
    });
}

/** Three of the engine's messages say where the name before a secret begins, and how long the secret is: masked so, half of it stays. */
const LEADS: { readonly [messageId: string]: RegExp } = {
  AWSSecretAccessKey: /["']?(?:aws)?_?secret_?access_?key["']?\s*(?::|=>|=)\s*["']?/iy,
  PackageJSON_xOauthToken: /https?:\/\//y,
  Npmrc_authToken: /_authToken=/y,
};

/** What stands between the beginning of a message's range and its secret. */
function leadAt(text: string, from: number, messageId: string): number {
  const lead = Object.hasOwn(LEADS, messageId) ? LEADS[messageId] : undefined;
  if (lead === undefined) return 0;
  lead.lastIndex = from;
  return lead.exec(text)?.[0].length ?? 0;
}

/**
 * Switches off the engine's profiler for this thread: it keeps several marks per rule and text for ever.
 * Only a thread that does nothing but scan may call this.
 */
export function stopProfiling(): void {
  Object.assign(performance, { mark: () => undefined });
}
