// `alambic evaluate runs/<name>`: greedy play of a trained agent.

import type { Command } from 'commander'
import { formatCount, formatFixed } from '../../plot/format.ts'
import { formatTable } from '../../plot/tables.ts'
import { evaluatePolicy } from '../../rl/evaluate.ts'
import { spec } from '../../rl/registry.ts'
import { integerOption } from '../options.ts'
import { singleEnv } from '../training/environments.ts'
import { RunFolder } from '../training/run-folder.ts'

interface EvaluateFlags {
  readonly episodes: number
  readonly seed: number
}

export function registerEvaluate(program: Command): void {
  program
    .command('evaluate')
    .description('let a trained agent play greedily, and say how well it does')
    .argument('<run>', 'the folder of its run, such as runs/ppo-CartPole-v1-0')
    .addOption(integerOption('--episodes <n>', 'episodes to play', { min: 1, max: 1_000_000 }).default(100))
    .addOption(
      integerOption('--seed <n>', 'of the first start; the next ones count up', { min: 0, max: 2 ** 52 }).default(
        1_000_000,
      ),
    )
    .action((path: string, { episodes, seed }: EvaluateFlags) => {
      const run = RunFolder.open(path)
      const { env } = run.config
      const result = evaluatePolicy(run.readAgent(), () => singleEnv(env), { episodes, seed })
      const { mean, interval, standardDeviation, steps } = result
      run.write('evaluation.json', `${JSON.stringify({ env, episodes, seed, ...result }, null, 2)}\n`)
      const threshold = spec(env).rewardThreshold
      console.log(
        formatTable(
          ['environment', 'episodes', 'mean return', '95 % interval', 'deviation', 'steps', 'solved at'],
          [
            [
              env,
              formatCount(episodes),
              formatFixed(mean),
              `[${formatFixed(interval.low)}, ${formatFixed(interval.high)}]`,
              formatFixed(standardDeviation),
              formatCount(steps),
              threshold === undefined ? '–' : formatFixed(threshold, 0),
            ],
          ],
        ),
      )
    })
}
