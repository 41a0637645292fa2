/** A process chooses its own name: what is not plain text in it must not reach a terminal. */
export const printable = (comm: string): string => comm.replace(/[^ -~]/g, '?');
