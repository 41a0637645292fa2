/** The version that this service reports: in `--version`, in its API description, and in the store. */
export const VERSION = '0.1.0';
