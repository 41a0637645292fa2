/** Name of the job step that runs a workload of a repository on main. */
export const probeStep = <Workload extends string>(workload: Workload): `probe-${Workload}` => `probe-${workload}`;
