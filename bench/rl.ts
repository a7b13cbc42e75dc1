// Whole training loops on one core, environment and learning included: environment steps per second, and the time to solve
// CartPole-v1 from scratch. `npm run bench:rl`; `-- --only ppo,dqn` for some, `-- --json` for bench:compare. PyTorch's figures on the
// same machine: `npm run bench:peers -- --only loop`. It runs from a bundle, as the package does: tsx names every closure at run time,
// which costs such loops a third. On a shared machine the processor time is the steadier figure: it excludes the time of other programs.

import { Command } from 'commander'
import { startProgress } from '../src/cli/terminal/progress.ts'
import { medianOf } from '../src/data/statistics.ts'
import { formatCount } from '../src/plot/format.ts'
import { make } from '../src/rl/envs/tasks/make.ts'
import { makeVec } from '../src/rl/envs/vector/make-vec.ts'
import { evaluatePolicy } from '../src/rl/evaluate.ts'
import { preset } from '../src/rl/presets.ts'
import { algorithm } from '../src/rl/registry.ts'
import { finish } from '../src/rl/training/training.ts'
import { getBackend } from '../src/tensor/dispatch/select.ts'
import { JSON_OPTION, namesOf } from './lib/arguments.ts'
import { type BenchRow, benchFile, benchRow } from './lib/bench-file.ts'
import { describeMachine, thisMachine, writeJson } from './lib/machine.ts'

interface Loop {
  readonly title: string
  readonly name: string
  readonly env: string
  readonly numEnvs: number
  readonly steps: number
  readonly options: Readonly<Record<string, unknown>>
}

// CleanRL's for its deep Q-learners on CartPole-v1, learning from step 1,000 instead of 10,000.
const deepQ = {
  hidden: [120, 84],
  learningRate: 2.5e-4,
  batchSize: 128,
  bufferSize: 10_000,
  learningStarts: 1000,
  targetUpdateInterval: 500,
  trainInterval: 10,
  gradientSteps: 1,
  explorationFraction: 0.5,
  explorationFinalEps: 0.05,
  maxGradNorm: Infinity,
}

const SMALL = preset('ppo', 'cartpole-small')

const loops: readonly Loop[] = [
  {
    title: 'PPO CartPole-v1, 4 x 128',
    name: 'ppo',
    env: 'CartPole-v1',
    numEnvs: 4,
    steps: 102_400,
    options: {},
  },
  {
    title: 'PPO CartPole-v1, cartpole-small',
    name: 'ppo',
    env: 'CartPole-v1',
    numEnvs: SMALL.numEnvs,
    steps: 303_104,
    options: SMALL.options,
  },
  {
    title: 'A2C CartPole-v1, 1 x 5',
    name: 'a2c',
    env: 'CartPole-v1',
    numEnvs: 1,
    steps: 60_000,
    options: {},
  },
  {
    title: 'DQN CartPole-v1, 128 / 10 steps',
    name: 'dqn',
    env: 'CartPole-v1',
    numEnvs: 1,
    steps: 60_000,
    options: { ...deepQ, loss: 'mse', double: false },
  },
  {
    title: 'C51 CartPole-v1, 101 atoms',
    name: 'c51',
    env: 'CartPole-v1',
    numEnvs: 1,
    steps: 30_000,
    options: { ...deepQ, atoms: 101, lowestReturn: -100, highestReturn: 100, adamEpsilon: 0.01 / 128 },
  },
  {
    title: 'QR-DQN CartPole-v1, 25 quantiles',
    name: 'qr-dqn',
    env: 'CartPole-v1',
    numEnvs: 1,
    steps: 30_000,
    options: deepQ,
  },
  // An update a step, networks of two hidden layers of 256, batches of 256: 512, 392 and 256 MFLOP of products an update (bench/flops.ts).
  {
    title: 'SAC Pendulum-v1',
    name: 'sac',
    env: 'Pendulum-v1',
    numEnvs: 1,
    steps: 300,
    options: { learningStarts: 0 },
  },
  {
    title: 'TD3 Pendulum-v1',
    name: 'td3',
    env: 'Pendulum-v1',
    numEnvs: 1,
    steps: 500,
    options: { learningStarts: 0 },
  },
  {
    title: 'DDPG Pendulum-v1',
    name: 'ddpg',
    env: 'Pendulum-v1',
    numEnvs: 1,
    steps: 500,
    options: { learningStarts: 0, policyDelay: 2 },
  },
]

const ROUNDS = 5

/** Seconds on the clock and on the processor. */
function timed(body: () => void): { wall: number; processor: number } {
  const before = process.cpuUsage()
  const started = performance.now()
  body()
  const wall = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(before)
  return { wall, processor: (user + system) / 1e6 }
}

/** The row of the JSON and the line of the table. */
function measure({ title, name, env, numEnvs, steps, options }: Loop, onRound: () => void): [BenchRow, string] {
  const train = (totalTimesteps: number) =>
    finish(algorithm(name).train(makeVec(env, numEnvs), { ...options, totalTimesteps }))
  train(Math.ceil(steps / 10)) // compiles
  const times = Array.from({ length: ROUNDS }, () => {
    onRound()
    return timed(() => train(steps))
  })
  const row = benchRow(
    title,
    'steps/s',
    times.map(({ wall }) => steps / wall),
  )
  const processor = steps / medianOf(times.map((time) => time.processor))
  const cells = [row.median, row.p25, row.p75, processor].map((rate) => formatCount(rate).padStart(10))
  return [row, title.padEnd(34) + cells.join('')]
}

/** Trains until the greedy policy averages 475 on a hundred validation episodes and then on a hundred fresh ones. */
function solve(name: string, seed: number): number {
  const { numEnvs, options, env } = preset('ppo', name)
  const recent: number[] = []
  for (const { episodes, agent, step } of algorithm('ppo').train(makeVec(env, numEnvs), { ...options, seed })) {
    for (const episode of episodes) recent.push(episode.return)
    recent.splice(0, recent.length - 20)
    const promising = recent.length === 20 && recent.reduce((sum, each) => sum + each, 0) >= 20 * 250
    const passes = (from: number) =>
      evaluatePolicy(agent, () => make<Float32Array, unknown>(env), { seed: from }).mean >= 475
    if (promising && passes(500_000) && passes(1_000_000)) return step
  }
  return Number.NaN
}

const SOLVE = 'solve'
const PRESETS = ['cartpole-fast', 'cartpole-small']
const SEEDS = 20
const names = [...new Set(loops.map(({ name }) => name)), SOLVE]
const program = new Command('bench:rl')
  .description('Environment steps a second of whole training loops, and the time to solve CartPole-v1.')
  .option('--only <names>', `some of ${names.join(', ')}`, namesOf('loop', names), names)
  .option(...JSON_OPTION)
  .allowExcessArguments(false)
const { only, json } = program.parse().opts<{ only: readonly string[]; json?: string | true }>()

const machine = thisMachine()
const chosen = loops.filter(({ name }) => only.includes(name))
const solved = only.includes(SOLVE) ? PRESETS : []
const progress = startProgress('bench:rl', chosen.length * ROUNDS + solved.length * SEEDS, 'runs')
let done = 0
const measured = chosen.map((loop) => measure(loop, () => progress.update(done++, loop.title)))
const rows = measured.map(([row]) => row)

const solutions = solved.map((name) => {
  const steps: number[] = []
  const times = Array.from({ length: SEEDS }, (_, seed) => {
    progress.update(done++, `CartPole-v1 to solved, ${name}`)
    return timed(() => steps.push(solve(name, seed)))
  })
  rows.push(
    benchRow(
      `CartPole-v1 to solved, ${name}`,
      's',
      times.map(({ wall }) => wall),
    ),
  )
  return { name, steps, times }
})
progress.finish('')

if (json !== undefined) writeJson(benchFile('rl', machine, rows), json)
else {
  console.log(`${describeMachine(machine)}, backend ${getBackend()}, one core`)
  const head = ['median', 'p25', 'p75', 'processor'].map((each) => each.padStart(10)).join('')
  if (chosen.length > 0) console.log(`${'environment steps a second'.padEnd(34)}${head}`)
  for (const [, line] of measured) console.log(line)
  for (const { name, steps, times } of solutions) {
    const seconds = (values: number[]) =>
      `median ${medianOf(values).toFixed(3)} s, longest ${Math.max(...values).toFixed(3)} s`
    console.log(
      `\nCartPole-v1 from nothing to a greedy 100-episode mean of 475, ${SEEDS} seeds, preset ${name}, evaluations included`,
    )
    console.log(`  on the clock: ${seconds(times.map((time) => time.wall))}`)
    console.log(`  processor:    ${seconds(times.map((time) => time.processor))}`)
    const count = steps.filter(Number.isFinite).length
    console.log(`  solved ${count} of ${SEEDS}, median ${formatCount(medianOf(steps))} environment steps`)
  }
}
