/** Milliseconds of a clock that only runs forward. `performance.now()` is the same, and loads ten modules of Node's at its first call. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
