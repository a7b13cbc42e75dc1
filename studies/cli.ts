// The program behind `npm run study` and `npm run benchmark`. Its commands measure the figures that the documentation states.

import { AlambicError, CheckpointError, ValueError } from 'alambic/tensor'
import { Command, CommanderError } from 'commander'
import { registerBenchmark } from './benchmark/command.ts'
import { registerFewLabels } from './few-labels/command.ts'
import { registerFewLabelsTeachers } from './few-labels/teachers/command.ts'
import { registerOffline } from './offline/command.ts'
import { registerOnPolicy } from './on-policy/command.ts'
import { registerSmallData } from './small-data/command.ts'
import { registerTeachers } from './small-data/teachers/command.ts'
import { registerStateValues } from './state-values/command.ts'
import { registerSyntheticPairs } from './synthetic-pairs/command.ts'

/** Runs one command line and gives the exit code: 0, 2 for input that cannot be used, 1 for any other failure. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    const program = new Command('study').description('measure distillation and algorithms over tasks and seeds')
    program.exitOverride() // commands inherit it
    const commands = [
      registerFewLabels,
      registerFewLabelsTeachers,
      registerSmallData,
      registerTeachers,
      registerOffline,
      registerOnPolicy,
      registerStateValues,
      registerSyntheticPairs,
      registerBenchmark,
    ]
    for (const register of commands) register(program)
    await program.parseAsync([...argv], { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2 // commander has printed it
    if (!(error instanceof AlambicError)) {
      console.error(error)
      return 1
    }
    process.stderr.write(`error: ${error.message}\n`)
    return error instanceof ValueError || error instanceof CheckpointError ? 2 : 1
  }
}
