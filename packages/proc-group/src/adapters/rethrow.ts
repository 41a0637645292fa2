/** Raises again what a caller's own listener raised, after everything it started has ended. */
export function rethrow(broken: { readonly error: unknown }): never {
  throw broken.error;
}
