// `alambic watch` plays an environment in the terminal; `alambic record` writes an animated GIF, or a log of the episodes.

import { statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { between, count, fraction, wholeBetween } from '../../data/options.ts'
import { drawEnv } from '../../render/draw-env.ts'
import { encodeGif } from '../../render/gif.ts'
import { toPixels } from '../../render/raster.ts'
import { type Scene, withCaption } from '../../render/scene.ts'
import { toText } from '../../render/terminal.ts'
import type { AnyEnv, Env } from '../../rl/envs/env.ts'
import { RecordLog } from '../../rl/envs/wrappers/episode.ts'
import { logToCsv } from '../../rl/offline/episode-log-csv.ts'
import { type Moment, play } from '../../rl/play.ts'
import { nearestMatch } from '../../tensor/errors.ts'
import { Rng } from '../../tensor/random.ts'
import { policyOf, readAgent } from '../runs/agents.ts'
import { singleEnv } from '../runs/environments.ts'
import { importOption } from '../runs/user-modules.ts'
import { UsageError } from '../terminal/failures.ts'
import { breathe } from '../terminal/interrupt.ts'
import { seedOption, valueOption } from '../terminal/options.ts'
import { OutputFolder, requireFree } from '../terminal/output-folder.ts'
import { startProgress } from '../terminal/progress.ts'

interface PlayFlags {
  readonly policy: string
  readonly seed: number
  readonly steps: number
  readonly fps: number
}

interface RecordFlags extends PlayFlags {
  readonly out?: string
  readonly log?: string
  readonly force?: true
  readonly epsilon: number
  readonly episodes: number
  readonly width: number
}

export function registerWatch(program: Command): void {
  const command = program.command('watch').description('play an environment in the terminal')
  addPlayOptions(command)
    .addOption(valueOption('--steps <n>', count(500, 'steps in all, episode after episode')))
    .addOption(valueOption('--fps <x>', between(25, 0.1, 120, 'pictures a second')))
    .action(watch)
}

export function registerRecord(program: Command): void {
  const command = program
    .command('record')
    .description('play an environment and write an animated GIF, or a log of the episodes to learn from')
    .option('--out <file>', 'the picture to write, *.gif')
    .option('--log <file>', 'the log to write, *.csv')
    .option('--force', 'replace the files if they exist')
  addPlayOptions(command)
    .addOption(valueOption('--episodes <n>', wholeBetween(1, 1, 1_000_000, 'episodes')))
    .addOption(valueOption('--steps <n>', wholeBetween(500, 1, 10_000_000, 'steps in all, at most')))
    .addOption(valueOption('--epsilon <x>', fraction(0, 'probability of a random action')))
    .addOption(valueOption('--fps <x>', between(25, 1, 50, 'pictures a second')))
    .addOption(valueOption('--width <n>', wholeBetween(480, 32, 2000, 'width of the picture in pixels')))
    .action(record)
}

function addPlayOptions(command: Command): Command {
  return command
    .argument('<environment>', 'its id, such as CartPole-v1')
    .option('--policy <name>', 'random, the folder of a run or a student, or the file of a network or tree', 'random')
    .addOption(importOption())
    .addOption(seedOption())
}

/** Chooses an action for the current state of the environment. */
type Chooser = (env: AnyEnv, observation: unknown) => unknown

/**
 * The greedy policy of a saved agent, or the random policy.
 *
 * @param env the environment to play, from `singleEnv`
 * @param rng for the random policy
 */
export function choosePolicy(name: string, env: AnyEnv, rng: Rng): Chooser {
  if (name === 'random') return (each) => each.actionSpace.sample(rng)
  if (statSync(name, { throwIfNoEntry: false }) === undefined && nearestMatch(name, ['random']) !== undefined) {
    throw new UsageError(`--policy: there is no "${name}". Did you mean random?`)
  }
  const policy = policyOf(readAgent(name, {}, env.id), env)
  return (each, observation) => ('plan' in policy ? policy.plan(each) : policy.act(observation as Float32Array))
}

async function watch(id: string, { policy, seed, steps, fps }: PlayFlags): Promise<void> {
  const env = singleEnv(id)
  const choose = choosePolicy(policy, env, new Rng(seed))
  const show = openScreen(fps)
  for (const moment of play(env, choose, steps, seed)) await show(`${id}  ${describe(moment)}`, drawEnv(env))
}

/** A recording keeps all its pictures in memory. */
const MOST_PICTURES = 10_000

async function record(id: string, options: RecordFlags): Promise<void> {
  const { out, log, steps, force } = options
  if (out === undefined && log === undefined) {
    throw new UsageError('record: nothing to write; give --out <file>.gif, --log <file>.csv, or both')
  }
  requireEnding('--out', out, '.gif')
  requireEnding('--log', log, '.csv')
  if (out !== undefined && steps > MOST_PICTURES) {
    throw new UsageError(`--steps: expected at most ${MOST_PICTURES} with --out, which draws each, given "${steps}"`)
  }
  requireFree(
    [out, log].filter((path) => path !== undefined),
    force,
  )
  const [pictures, table] = [out, log].map((path) => (path === undefined ? path : OutputFolder.open(dirname(path))))
  const env = singleEnv(id)
  const recorded = log === undefined ? undefined : new RecordLog(env)
  const scenes = playScenes(recorded ?? env, options)
  if (out !== undefined) console.log(pictures!.write(basename(out), await encode(scenes, options)))
  if (recorded !== undefined) console.log(table!.write(basename(log!), logToCsv(recorded.log)))
}

function requireEnding(flag: string, path: string | undefined, ending: string): void {
  if (path === undefined || path.toLowerCase().endsWith(ending)) return
  throw new UsageError(`${flag}: expected a file name that ends in ${ending}, given "${path}"`)
}

async function encode(scenes: readonly Scene[], { width, fps }: RecordFlags): Promise<Uint8Array> {
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
  return gif
}

/** Plays, and draws if there is a picture to write. */
function playScenes(
  env: Env<Float32Array, unknown>,
  { out, policy, seed, episodes, steps, epsilon }: RecordFlags,
): Scene[] {
  const rng = new Rng(seed)
  const choose = choosePolicy(policy, env, rng)
  const explore: Chooser = (each, observation) =>
    epsilon > 0 && rng.uniform() < epsilon ? each.actionSpace.sample(rng) : choose(each, observation)
  const scenes: Scene[] = []
  for (const moment of play(env, explore, steps, seed)) {
    if (out !== undefined) scenes.push(withCaption(drawEnv(env), describe(moment)))
    if (moment.ended && moment.episode === episodes) break
  }
  return scenes
}

/** `episode 2  step 17  return 17` */
function describe({ episode, step, episodeReturn, ended }: Moment): string {
  return `episode ${episode}  step ${step}  return ${Number(episodeReturn.toFixed(2))}${ended ? '  end' : ''}`
}

const WIDEST = 80 // columns; larger pictures flicker. A terminal of unknown size reports 0

export type Show = (headline: string, scene: Scene) => Promise<void>

/** @param fps pictures per second on a terminal; unlimited otherwise. */
export function openScreen(fps: number, stream: NodeJS.WriteStream = process.stdout): Show {
  return stream.isTTY ? animate(fps, stream) : printBelow(stream)
}

function animate(fps: number, stream: NodeJS.WriteStream): Show {
  stream.write(HIDE_CURSOR)
  process.once('exit', () => stream.write(SHOW_CURSOR))
  let height = 0
  let due = performance.now()
  return async (headline, scene) => {
    const columns = Math.min(WIDEST, stream.columns || WIDEST)
    const room = Math.max(4, (stream.rows || 24) - 2) // minus the headline and the cursor's line
    const wanted = Math.round((columns * scene.height) / scene.width / 2)
    const picture = toText(scene, {
      columns,
      rows: Math.min(room, Math.max(1, wanted)),
      color: wantsColor(stream),
    })
    const lines = `${headline.slice(0, columns)}\n${picture}`.split('\n')
    stream.write(
      `${height > 0 ? up(height) : ''}${lines.map((line) => `${line}${CLEAR_LINE}\n`).join('')}${CLEAR_BELOW}`,
    )
    height = lines.length
    due = Math.max(due + 1000 / fps, performance.now())
    await sleep(due - performance.now())
  }
}

function printBelow(stream: NodeJS.WriteStream): Show {
  return async (headline, scene) => {
    stream.write(`${headline}\n${toText(scene)}\n\n`)
    await breathe()
  }
}

// https://no-color.org: any value except the empty string.
function wantsColor(stream: NodeJS.WriteStream): boolean {
  return (process.env.NO_COLOR ?? '') === '' && stream.getColorDepth() >= 8
}

const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const CLEAR_LINE = '\u001b[K' // clears from the cursor to the end of the line
const CLEAR_BELOW = '\u001b[J'

function up(lines: number): string {
  return `\u001b[${lines}A`
}
