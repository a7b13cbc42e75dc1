// `alambic resume runs/<name>`: a run goes on from its last checkpoint, and ends with the bytes of one that never stopped.

import { type Command, Option } from 'commander'
import { parseSetting, type Settings } from '../algorithm-options.ts'
import { UsageError } from '../failures.ts'
import { RunFolder } from '../training/run-folder.ts'
import { finishRun } from '../training/train-run.ts'
import { checkpointOption } from './train.ts'

interface ResumeFlags {
  readonly checkpointSeconds: number
  readonly set?: readonly string[]
}

export function registerResume(program: Command): void {
  program
    .command('resume')
    .description('let a run go on that was stopped, or killed')
    .argument('<run>', 'its folder, such as runs/ppo-CartPole-v1-0')
    .addOption(checkpointOption())
    .addOption(
      new Option('--set <name=value>', 'refused unless it is what the run was started with; may be repeated').argParser(
        (text: string, before: readonly string[] = []) => [...before, text],
      ),
    )
    .action(async (path: string, { checkpointSeconds, set = [] }: ResumeFlags) => {
      const run = RunFolder.open(path)
      for (const text of set) requireSame(run, parseSetting(run.algorithm.options, text))
      await finishRun(run, checkpointSeconds)
    })
}

function requireSame(run: RunFolder, settings: Settings): void {
  for (const [name, value] of Object.entries(settings)) {
    const own = run.config.options[name]
    if (JSON.stringify(own) === JSON.stringify(value)) continue
    throw new UsageError(
      `the run "${run.path}" was started with ${name}=${String(own)} and goes on with it; for ${name}=${String(value)} start another by "alambic train"`,
    )
  }
}
