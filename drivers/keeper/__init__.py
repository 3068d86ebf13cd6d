"""The keeper: one small process beside each workload of the process target.

Workers come and go; the keeper stays with the workload, restarts it, bounds it and writes down what
it sees. It shares nothing with the studio but the files of the workload's folder, and imports little
beyond the standard library and psutil, because it is in memory once for every workload.

`workload.json`  what to run (written by the driver, before the keeper starts)
`state.json`     how it goes (written by the keeper, atomically)
`log`, `log.1`   what the workload wrote
"""
