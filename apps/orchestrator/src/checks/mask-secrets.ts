/** Masks what a verdict shows to people: it quotes what a test printed, and a test can print a secret. */
import type { CheckVerdict } from '@gatehouse/verdict';
import { maskTexts, WITHHELD } from '../platform/mask-text.ts';
import type { Check } from './port.ts';

/** The same check, whose texts may be shown to every reader. */
export const withMaskedSecrets =
  (check: Check): Check =>
  async (context) =>
    maskVerdict(await check(context));

/** The same verdict with every secret in its texts masked; texts that cannot be searched are withheld. */
export async function maskVerdict(verdict: CheckVerdict): Promise<CheckVerdict> {
  const { reason, findings, warnings } = verdict;
  const shown = await maskTexts([reason, ...warnings, ...findings.map(({ message }) => message)]);
  const rest = shown.slice(1 + warnings.length);
  return {
    ...verdict,
    reason: shown[0] ?? WITHHELD,
    warnings: shown.slice(1, 1 + warnings.length),
    findings: findings.map((finding, at) => ({ ...finding, message: rest[at] ?? WITHHELD })),
  };
}
