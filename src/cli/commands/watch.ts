// `alambic watch`: plays an environment in the terminal.

import type { Command } from 'commander'
import { drawEnv } from '../../render/draw-env.ts'
import { between, count } from '../../rl/options.ts'
import { play } from '../../rl/play.ts'
import { Rng } from '../../tensor/random.ts'
import { seedOption, valueOption } from '../options.ts'
import { describeMoment } from '../play.ts'
import { choosePolicy, policyOption } from '../policies.ts'
import { openScreen } from '../screen.ts'
import { singleEnv } from '../training/environments.ts'
import { importOption } from '../user-modules.ts'

interface WatchOptions {
  readonly policy: string
  readonly seed: number
  readonly steps: number
  readonly fps: number
}

export function registerWatch(program: Command): void {
  program
    .command('watch')
    .description('play an environment in the terminal')
    .argument('<environment>', 'its id, such as CartPole-v1')
    .addOption(policyOption())
    .addOption(importOption())
    .addOption(seedOption())
    .addOption(valueOption('--steps <n>', count(500, 'steps in all, episode after episode')))
    .addOption(valueOption('--fps <x>', between(25, 0.1, 120, 'pictures a second')))
    .action(async (id: string, { policy, seed, steps, fps }: WatchOptions) => {
      const env = singleEnv(id)
      const choose = choosePolicy(policy, env, new Rng(seed))
      const show = openScreen(fps)
      for (const moment of play(env, choose, steps, seed)) {
        await show(`${id}  ${describeMoment(moment)}`, drawEnv(env))
      }
    })
}
