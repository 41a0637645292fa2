/** Where a forge's API sends a caller whose repository was renamed or transferred. */

/** The path below `root`, with its slash; null: it points to another host, or out of the API. */
export function pathBelow(root: string, location: string): string | null {
  if (!URL.canParse(location, root)) return null;
  const [to, base] = [new URL(location, root), new URL(root)];
  const isInside = to.origin === base.origin && to.pathname.startsWith(`${base.pathname}/`);
  return isInside ? to.pathname.slice(base.pathname.length) : null;
}
