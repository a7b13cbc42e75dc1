// `alambic train cql --dataset log.csv`: learns from a log of episodes in a run folder. Read next: ../training/offline-run.ts.

import { basename, extname, join, relative } from 'node:path'
import type { Command } from 'commander'
import type { OfflineAlgorithm } from '../../rl/algorithms/offline.ts'
import { readOptions } from '../../rl/options.ts'
import { UsageError } from '../failures.ts'
import { addRunOptions, listOption, nameOf, type RunFlags, settingsOf } from '../options.ts'
import { RunFolder } from '../runs.ts'
import { finishOffline, type OfflineConfig } from '../training/offline-run.ts'
import { importOption, keptModules } from '../user-modules.ts'

interface OfflineFlags extends RunFlags {
  readonly dataset: readonly string[]
  readonly env?: string
}

export function registerOffline(train: Command, algorithm: OfflineAlgorithm): void {
  const { name, about } = algorithm
  const command = train
    .command(name)
    .description(about)
    .addOption(
      listOption('--dataset <file>', 'the log, .csv, as "alambic record --log" writes it; may be repeated').default(
        [],
        'none',
      ),
    )
    .option('--env <id>', 'the recorded environment (default: unknown; the log gives the spaces)')
    .addOption(importOption())
  addRunOptions(command, algorithm, 'algorithm-log-seed').action((flags: OfflineFlags) => start(algorithm, flags))
}

async function start(algorithm: OfflineAlgorithm, flags: OfflineFlags): Promise<void> {
  const { dataset, env = '', out, checkpointSeconds } = flags
  const [first] = dataset
  if (first === undefined) throw new UsageError(`train ${algorithm.name}: no log; give --dataset <file>`)
  const options = readOptions(algorithm.name, algorithm.options, settingsOf(algorithm, flags))
  const path = join(out, nameOf(flags.name ?? `${algorithm.name}-${basename(first, extname(first))}-${options.seed}`))
  const config: OfflineConfig = {
    ...{ algorithm: algorithm.name, env, numEnvs: 1, options, ...keptModules(path, flags.import) },
    dataset: dataset.map((file) => relative(path, file)),
  }
  await RunFolder.start(path, config, (run) => finishOffline(run, checkpointSeconds))
}
