// The flags that all trainings share.

import { type Command, Option } from 'commander'
import { nonNegative, type OptionTable, wholeBetween } from '../rl/options.ts'
import { MOST_PARTS } from '../tensor/backends/wasm/parts.ts'
import { flagsOf, setOption } from './algorithm-options.ts'
import { UsageError } from './failures.ts'
import { parsed, valueOption } from './options.ts'

/** What every training is told besides its options. */
export interface RunFlags extends Readonly<Record<string, unknown>> {
  readonly import?: readonly string[]
  readonly name?: string
  readonly out: string
  readonly checkpointSeconds: number
}

/** The flags of every training: where its folder is, and the options of the algorithm. */
export function addRunOptions(command: Command, algorithm: { readonly options: OptionTable }, name: string): Command {
  command
    .option('--name <name>', `of the run; its folder is <out>/<name> (default: ${name})`)
    .option('--out <folder>', 'the folder of all runs', 'runs')
    .addOption(checkpointOption())
    .addOption(threadsOption())
    .addOption(setOption(algorithm))
  for (const flag of flagsOf(algorithm)) command.addOption(flag)
  return command
}

/** Seconds between checkpoints: a killed run loses at most this much work. */
export function checkpointOption(): Option {
  return valueOption('--checkpoint-seconds <x>', nonNegative(10, 'seconds between checkpoints; 0: after each report'))
}

/** `--threads <n>`; program.ts sets them. */
export function threadsOption(): Option {
  const about = 'threads of the kernels, or auto; the results are the same, and with --seeds each run has one'
  return new Option('--threads <n>', about)
    .env('ALAMBIC_THREADS')
    .default('auto')
    .argParser((text) => (text === 'auto' ? text : parsed('--threads', wholeBetween(1, 1, MOST_PARTS, about), text)))
}

/** Throws a `UsageError` unless it is the name of a folder. */
export function nameOf(given: string): string {
  if (/^[^/\\\p{Cc}]+$/u.test(given) && given !== '.' && given !== '..') return given
  throw new UsageError(`--name: expected the name of a folder inside --out, given "${given}"`)
}
