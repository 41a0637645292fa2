/** What a verdict tells people: what a test printed goes with it, and a test can print a secret. */
import { maskSecrets } from '@gatehouse/security-gate';
import type { CheckVerdict } from '@gatehouse/verdict';
import type { Check } from './port.ts';

const WITHHELD = '(withheld: it could not be searched for secrets)';

/** The same check, whose words may be shown to anybody. */
export const withMaskedSecrets =
  (check: Check): Check =>
  async (context) =>
    maskVerdict(await check(context));

/** The same verdict with every secret in its words masked; words that cannot be searched are withheld. */
export async function maskVerdict(verdict: CheckVerdict): Promise<CheckVerdict> {
  const { reason, findings, warnings } = verdict;
  const texts = [reason, ...warnings, ...findings.map(({ message }) => message)];
  const masked = await maskSecrets({ texts });
  const shown = masked.kind === 'masked' ? masked.texts : texts.map(() => WITHHELD);
  const rest = shown.slice(1 + warnings.length);
  return {
    ...verdict,
    reason: shown[0] ?? WITHHELD,
    warnings: shown.slice(1, 1 + warnings.length),
    findings: findings.map((finding, at) => ({ ...finding, message: rest[at] ?? WITHHELD })),
  };
}

/** One text with every secret in it masked, or withheld as a whole. */
export async function maskText(text: string): Promise<string> {
  const masked = await maskSecrets({ texts: [text] });
  return masked.kind === 'masked' ? (masked.texts[0] ?? WITHHELD) : WITHHELD;
}
