// `alambic resume runs/<name>` continues a training or a distillation from its last checkpoint: the files equal those of an uninterrupted
// run, byte for byte, except for times. `alambic report runs/<name>` writes the page of a run.

import type { Command } from 'commander'
import type { OptionTable } from '../../data/options.ts'
import { RunFolder } from '../runs/run-folder.ts'
import { importOption } from '../runs/user-modules.ts'
import { UsageError } from '../terminal/failures.ts'
import { checkpointOption, listOption, parseSetting, type Settings, threadsOption } from '../terminal/options.ts'
import { finishDistillation, optionsOf } from '../training/distill-run.ts'
import { isDistillation, sourcesOf } from '../training/distill-sources.ts'
import { writeReport } from '../training/report.ts'
import { finishRun } from '../training/train-run.ts'
import { finishOffline, isOffline, offlineAlgorithmOf } from './train-offline.ts'

interface ResumeFlags {
  readonly checkpointSeconds: number
  readonly set?: readonly string[]
}

export function registerResume(program: Command): void {
  program
    .command('resume')
    .description('continue a training or a distillation that was stopped or killed')
    .argument('<run>', 'its folder, such as runs/ppo-CartPole-v1-0')
    .addOption(importOption())
    .addOption(checkpointOption())
    .addOption(threadsOption())
    .addOption(listOption('--set <name=value>', 'refused unless it is what the run was started with; may be repeated'))
    .action(async (path: string, { checkpointSeconds, set = [] }: ResumeFlags) => {
      const run = RunFolder.open(path)
      const [options, finish] = kindOf(run)
      for (const text of set) requireSame(run, parseSetting(options, text))
      await run.folder.locked(() => finish(checkpointSeconds))
    })
}

export function registerReport(program: Command): void {
  program
    .command('report')
    .description('write the page of a training or a distillation, report.html, into its folder')
    .argument('<run>', 'its folder, such as runs/ppo-CartPole-v1-0')
    .addOption(importOption())
    .action(async (path: string) => {
      const run = RunFolder.open(path)
      await run.folder.locked(async () => console.log(writeReport(run)))
    })
}

/** The options of a run and what finishes it. */
function kindOf(run: RunFolder): [OptionTable, (checkpointSeconds: number) => Promise<void>] {
  if (isDistillation(run)) {
    const { algorithm, target } = run.config
    return [optionsOf(algorithm, target), (seconds) => finishDistillation(run, sourcesOf(run), seconds)]
  }
  if (isOffline(run)) return [offlineAlgorithmOf(run).options, (seconds) => finishOffline(run, seconds)]
  return [run.algorithm.options, (seconds) => finishRun(run, seconds)]
}

function requireSame(run: RunFolder, settings: Settings): void {
  for (const [name, value] of Object.entries(settings)) {
    const own = run.config.options[name]
    if (JSON.stringify(own) === JSON.stringify(value)) continue
    throw new UsageError(
      `the run "${run.path}" was started with ${name}=${String(own)} and keeps it; for ${name}=${String(value)} start another run`,
    )
  }
}
