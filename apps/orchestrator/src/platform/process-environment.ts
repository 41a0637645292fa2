/** The environment of this process, for whoever has to look something up in it. What children may inherit is decided elsewhere. */

/** Variables by name, as a process has them. */
export type Environment = { readonly [name: string]: string | undefined };

export const processEnvironment = (): Environment => process.env;
