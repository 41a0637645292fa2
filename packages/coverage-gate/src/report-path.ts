/** Where a report may stand: at a path inside the checkout. */

const MAX_LENGTH = 1024;

/** Why a path is no place for a report, in words for the author of a policy; null when it is one. */
export function reportPathFault(path: string): string | null {
  if (path === '') return 'is empty';
  if (path.length >= MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (path.includes('\0')) return 'holds a NUL character';
  if (path.startsWith('/')) return 'must be relative to the root of the checkout';
  const parts = path.split('/');
  if (parts.includes('..')) return 'leaves the checkout';
  if (parts.includes('') || parts.includes('.')) return 'must be plain: no empty part and no .';
  return parts.some((part) => part.toLowerCase() === '.git') ? 'is a place of git itself' : null;
}
