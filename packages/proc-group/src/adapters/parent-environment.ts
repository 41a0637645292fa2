/** The one place where this package reads its own process's environment, and only to filter it for a child. */
export const parentEnvironment = (): Readonly<Record<string, string | undefined>> => process.env;
