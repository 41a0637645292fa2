/** Texts that may quote a command's output, with every secret in them masked. */
import { maskSecrets } from '@gatehouse/security-gate';

/** Replaces a text that cannot be searched for secrets. */
export const WITHHELD = '(withheld: it could not be searched for secrets)';

/** The texts with every secret in them masked; all are withheld when they cannot be searched. */
export async function maskTexts(texts: readonly string[]): Promise<readonly string[]> {
  const masked = await maskSecrets({ texts });
  return masked.kind === 'masked' ? masked.texts : texts.map(() => WITHHELD);
}

/** One text with every secret in it masked, or withheld as a whole. */
export async function maskText(text: string): Promise<string> {
  return (await maskTexts([text]))[0] ?? WITHHELD;
}
