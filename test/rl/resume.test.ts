// Every algorithm can be stopped, saved and resumed at any yield: what follows is the same, bit for bit.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Module } from '../../src/nn/module.ts'
import { namedParameters } from '../../src/nn/module.ts'
import { type ActionKind, algorithm, algorithms, type TrainedAgent } from '../../src/rl/algorithms/registry.ts'
import { make } from '../../src/rl/registry.ts'
import type { SavedTraining } from '../../src/rl/saved-training.ts'
import { readTraining, writeTraining } from '../../src/rl/saved-training-file.ts'
import type { ResumableReport } from '../../src/rl/training.ts'
import { asVector, type Envs } from '../../src/rl/vector/as-vector.ts'
import { makeVector } from '../../src/rl/vector/make-vector.ts'
import { SingleVectorEnv } from '../../src/rl/vector/single-vector-env.ts'
import { TimeLimit } from '../../src/rl/wrappers/episode.ts'
import { CheckpointError, ValueError } from '../../src/tensor/errors.ts'
import { Masked } from './masked-env.ts'

const control = {
  totalTimesteps: 120,
  learningStarts: 30,
  trainInterval: 4,
  hidden: [8],
  batchSize: 8,
  bufferSize: 60,
  reportInterval: 12,
}

/** Options that make a run of a dozen reports short. */
const quick: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  reinforce: { totalTimesteps: 300, episodesPerUpdate: 1, hidden: [8] },
  a2c: { totalTimesteps: 80, hidden: [8] },
  trpo: { totalTimesteps: 240, numSteps: 20, hidden: [8], criticEpochs: 2, criticBatchSize: 16 },
  ppo: { totalTimesteps: 480, numSteps: 20, hidden: [8] },
  'qr-dqn': {
    totalTimesteps: 300,
    learningStarts: 40,
    trainInterval: 24,
    gradientSteps: 3,
    targetInterval: 50,
    hidden: [8],
    batchSize: 8,
    bufferSize: 100,
    quantiles: 5,
  },
  c51: {
    totalTimesteps: 300,
    learningStarts: 40,
    trainInterval: 24,
    gradientSteps: 3,
    targetInterval: 50,
    hidden: [8],
    batchSize: 8,
    bufferSize: 100,
    atoms: 5,
  },
  rainbow: {
    totalTimesteps: 300,
    learningStarts: 40,
    trainInterval: 24,
    gradientSteps: 3,
    targetInterval: 50,
    hidden: [8],
    batchSize: 8,
    bufferSize: 100,
    atoms: 5,
  },
  sac: control,
  td3: { ...control, policyDelay: 3 },
  ddpg: control,
  dqn: {
    totalTimesteps: 300,
    learningStarts: 40,
    trainInterval: 24,
    gradientSteps: 3,
    targetInterval: 50,
    hidden: [8],
    batchSize: 8,
    bufferSize: 100,
  },
}

const worlds: Readonly<Record<string, (numEnvs: number) => Envs>> = {
  'CartPole in arrays': (numEnvs) => makeVector('CartPole-v1', numEnvs),
  'CartPole one by one, cut short': (numEnvs) =>
    makeVector('CartPole-v1', numEnvs, { wrap: (env) => new TimeLimit(env, 9) }),
  'one single CartPole': () => make('CartPole-v1'),
  'forbidden actions': (numEnvs) =>
    new SingleVectorEnv(
      Array.from({ length: numEnvs }, () => new Masked()),
      'same-step',
    ),
  'Pendulum in arrays': (numEnvs) => makeVector('Pendulum-v1', numEnvs),
}

const keepsToMasks = ['reinforce', 'a2c', 'ppo', 'trpo']

/** A report in figures: everything but the agent, whose parameters stand for it. */
function figures({ agent, save: _save, ...rest }: ResumableReport<TrainedAgent>): unknown {
  const parameters = Object.entries(namedParameters(agent as unknown as Module))
  return { ...rest, parameters: parameters.map(([name, each]) => [name, each.toArray()]) }
}

const cases = algorithms.flatMap(({ name, actions }) =>
  Object.entries(worlds)
    .filter(([, envs]) => actions.includes(asVector(envs(1)).actionSpace.kind as ActionKind))
    .filter(([world]) => world !== 'forbidden actions' || keepsToMasks.includes(name))
    .map(([world]) => ({ name, world })),
)

describe('a resumed training', () => {
  it.each(cases)('goes on as the unbroken one: $name, $world', ({ name, world }) => {
    const { train, maxEnvs = 2 } = algorithm(name)
    const envs = () => worlds[world]!(maxEnvs)
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 }), fc.nat({ max: 4 }), (seed, stopAt) => {
        const options = { ...quick[name], seed }
        const unbroken: unknown[] = []
        let file: Uint8Array | undefined
        for (const report of train(envs(), options)) {
          unbroken.push(figures(report))
          if (unbroken.length <= stopAt + 1) file = writeTraining(report.save())
        }
        const resumed = train(envs(), { ...options, resume: readTraining(file!) })
        expect(Array.from(resumed, figures)).toEqual(unbroken.slice(stopAt + 1))
        expect(unbroken.length).toBeGreaterThan(1)
      }),
      { numRuns: 3 },
    )
  })

  it('can be saved and resumed again and again', () => {
    const { train } = algorithm('ppo')
    const envs = () => makeVector('CartPole-v1', 2)
    const unbroken = Array.from(train(envs(), quick.ppo), figures)
    const pieces: unknown[] = []
    let saved: SavedTraining | undefined
    for (;;) {
      const next = train(envs(), { ...quick.ppo, resume: saved }).next()
      if (next.done) break
      pieces.push(figures(next.value))
      saved = next.value.save()
    }
    expect(pieces).toEqual(unbroken)
  })
})

describe('what cannot be resumed is refused in words', () => {
  const first = (name: string, envs: Envs) => {
    const next = algorithm(name).train(envs, quick[name]).next()
    if (next.done) throw new Error('no report')
    return next.value.save()
  }
  const saved = first('ppo', makeVector('CartPole-v1', 2))
  const resume = (name: string, envs: Envs, options: object, from: SavedTraining) =>
    algorithm(name)
      .train(envs, { ...options, resume: from })
      .next()

  it('other options', () => {
    const other = { ...quick.ppo, clipRange: 0.1 }
    expect(() => resume('ppo', makeVector('CartPole-v1', 2), other, saved)).toThrow(
      'ppo: the saved training has clipRange = 0.2, this one 0.1; a training goes on with its own options',
    )
  })

  it('another algorithm', () => {
    expect(() => resume('dqn', makeVector('CartPole-v1', 2), quick.dqn!, saved)).toThrow(/is of ppo/)
  })

  it('other environments', () => {
    expect(() => resume('ppo', makeVector('CartPole-v1', 3), quick.ppo!, saved)).toThrow(ValueError)
    expect(() => resume('ppo', makeVector('Acrobot-v1', 2), quick.ppo!, saved)).toThrow(CheckpointError)
  })

  it('a file that is cut short, or holds something else', () => {
    const file = writeTraining(saved)
    expect(() => readTraining(file.slice(0, file.length - 1))).toThrow(CheckpointError)
    expect(() => readTraining(new Uint8Array(100))).toThrow(CheckpointError)
  })
})

describe('the file of a training', () => {
  it('brings back every value, numbers that JSON has no word for included', () => {
    const value = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.double(),
        fc.string(),
        fc.boolean(),
        fc.constant(null),
        fc.float32Array(),
        fc.float64Array(),
        fc.int32Array(),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(
          fc.string().filter((name) => !name.startsWith('$') && name !== '__proto__'),
          tie('value'),
          { maxKeys: 3 },
        ),
      ),
    })).value
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), value), (parts) => {
        const training = { algorithm: 'any', options: { limit: Infinity }, parts } as unknown as SavedTraining
        expect(readTraining(writeTraining(training))).toEqual(training)
      }),
    )
  })
})
