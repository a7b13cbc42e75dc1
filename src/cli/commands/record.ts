// `alambic record`: plays an environment and writes an animated GIF.

import { basename, dirname } from 'node:path'
import type { Command } from 'commander'
import { withCaption } from '../../render/caption.ts'
import { drawEnv } from '../../render/draw-env.ts'
import { encodeGif } from '../../render/gif.ts'
import { toPixels } from '../../render/raster.ts'
import type { Scene } from '../../render/scene.ts'
import { between, wholeBetween } from '../../rl/options.ts'
import { Rng } from '../../tensor/random.ts'
import { UsageError } from '../failures.ts'
import { breathe } from '../interrupt.ts'
import { seedOption, valueOption } from '../options.ts'
import { OutputFolder } from '../output-folder.ts'
import { describeMoment, play } from '../play.ts'
import { choosePolicy, policyOption } from '../policies.ts'
import { startProgress } from '../progress.ts'
import { singleEnv } from '../training/environments.ts'
import { importOption } from '../user-modules.ts'

interface RecordOptions {
  readonly out: string
  readonly policy: string
  readonly seed: number
  readonly episodes: number
  readonly steps: number
  readonly fps: number
  readonly width: number
}

export function registerRecord(program: Command): void {
  program
    .command('record')
    .description('play an environment and write an animated GIF')
    .argument('<environment>', 'its id, such as CartPole-v1')
    .requiredOption('--out <file>', 'the file to write, *.gif')
    .addOption(policyOption())
    .addOption(importOption())
    .addOption(seedOption())
    .addOption(valueOption('--episodes <n>', wholeBetween(1, 1, 1000, 'episodes')))
    .addOption(valueOption('--steps <n>', wholeBetween(500, 1, 10_000, 'steps in all, at most')))
    .addOption(valueOption('--fps <x>', between(25, 1, 50, 'pictures a second')))
    .addOption(valueOption('--width <n>', wholeBetween(480, 32, 2000, 'width of the picture in pixels')))
    .action(async (id: string, options: RecordOptions) => {
      if (!options.out.toLowerCase().endsWith('.gif')) {
        throw new UsageError(`--out: expected a file name that ends in .gif, given "${options.out}"`)
      }
      const folder = OutputFolder.open(dirname(options.out))
      const scenes = playScenes(id, options)
      const { width, fps } = options
      const height = Math.round((width * scenes[0]!.height) / scenes[0]!.width)
      const progress = startProgress('recording', scenes.length, 'pictures')
      const gif = await encodeGif(scenes.length, (i) => toPixels(scenes[i]!, width, height), {
        fps,
        onFrame: (done) => {
          progress.update(done)
          return breathe()
        },
      })
      progress.finish(`${scenes.length} pictures, ${width}x${height}`)
      console.log(folder.write(basename(options.out), gif))
    })
}

function playScenes(id: string, { policy, seed, episodes, steps }: RecordOptions): Scene[] {
  const env = singleEnv(id)
  const choose = choosePolicy(policy, env, new Rng(seed))
  const scenes: Scene[] = []
  for (const moment of play(env, choose, steps, seed)) {
    if (moment.episode > episodes) break
    scenes.push(withCaption(drawEnv(env), describeMoment(moment)))
  }
  return scenes
}
