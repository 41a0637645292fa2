/** Waits for promises that may reject, where a rejection must neither end the process nor stop its siblings. */
export async function settleAll(promises: readonly Promise<unknown>[]): Promise<readonly (Error | undefined)[]> {
  const settled = await Promise.allSettled(promises);
  return settled.map((one) => {
    if (one.status === 'fulfilled') return undefined;
    return one.reason instanceof Error ? one.reason : new Error(String(one.reason));
  });
}
