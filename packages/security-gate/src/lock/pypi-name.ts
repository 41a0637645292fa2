/** Names of Python packages are the same in any case and with any of `-`, `_` and `.` between their words. */

export const pypiName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-');
