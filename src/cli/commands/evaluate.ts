// `alambic evaluate runs/<name>`: greedy play of a trained agent or a student.

import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { wholeBetween } from '../../data/options.ts'
import { formatCount, formatFixed } from '../../plot/format.ts'
import { formatTable } from '../../plot/html.ts'
import { spec } from '../../rl/envs/tasks/make.ts'
import { evaluatePolicy } from '../../rl/evaluate.ts'
import { addLayerOptions, type LayerFlags, policyOf, readAgent } from '../runs/agents.ts'
import { singleEnv } from '../runs/environments.ts'
import { EVALUATION } from '../runs/run-folder.ts'
import { importOption } from '../runs/user-modules.ts'
import { UsageError } from '../terminal/failures.ts'
import { valueOption } from '../terminal/options.ts'
import { OutputFolder } from '../terminal/output-folder.ts'

interface EvaluateFlags extends LayerFlags {
  readonly env?: string
  readonly episodes: number
  readonly seed: number
}

export function registerEvaluate(program: Command): void {
  const seed = wholeBetween(1_000_000, 0, 2 ** 52, 'of the first start; the next ones count up')
  const command = program
    .command('evaluate')
    .description('play an agent greedily and print its returns')
    .argument('<path>', 'the folder of a run or a student, or the file of a network or tree')
    .addOption(importOption())
    .option('--env <id>', 'the environment (default: that of the run or the file)')
    .addOption(valueOption('--episodes <n>', wholeBetween(100, 1, 1_000_000, 'episodes to play')))
    .addOption(valueOption('--seed <n>', seed))
  addLayerOptions(command).action(evaluate)
}

function evaluate(path: string, flags: EvaluateFlags): void {
  const { episodes, seed } = flags
  const saved = readAgent(path, flags, flags.env)
  const env = flags.env ?? saved.env
  if (env === undefined) throw new UsageError(`evaluate: "${path}" names no environment; give --env`)
  const result = evaluatePolicy(policyOf(saved, singleEnv(env)), () => singleEnv(env), { episodes, seed })
  const { mean, interval, standardDeviation, steps } = result
  if (statSync(path).isDirectory()) {
    OutputFolder.open(path).writeJson(EVALUATION, { env, episodes, seed, ...result })
  }
  const { rewardThreshold: threshold } = spec(env)
  const solved = threshold === undefined ? '–' : String(threshold)
  const range = `[${formatFixed(interval.low)}, ${formatFixed(interval.high)}]`
  const row = [formatCount(episodes), formatFixed(mean), range, formatFixed(standardDeviation), formatCount(steps)]
  const head = ['environment', 'episodes', 'mean return', '95 % interval', 'deviation', 'steps', 'solved at']
  console.log(formatTable(head, [[env, ...row, solved]]))
}
