// Every algorithm can be stopped, saved and resumed at any yield: what follows is the same, bit for bit.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCheckpoint, writeCheckpoint } from '../../src/data/checkpoint-file.ts'
import { type Module, namedParameters } from '../../src/nn/index.ts'
import { type EnvLike, SyncVectorEnv, toVectorEnv } from '../../src/rl/envs/vector/sync-vector-env.ts'
import { FlattenObservation } from '../../src/rl/envs/wrappers/observation.ts'
import { type AnyEnv, type Checkpoint, MultiDiscrete, make, makeVec, TimeLimit } from '../../src/rl/index.ts'
import { algorithm, algorithms } from '../../src/rl/registry.ts'
import type { ActionKind, ResumableReport, TrainedAgent } from '../../src/rl/training/training.ts'
import { CheckpointError, ValueError } from '../../src/tensor/errors.ts'
import { familyOf, optionsFor } from '../support/families.ts'
import { forAll } from '../support/property.ts'
import { Masked } from './masked-env.ts'
import { Repeat } from './repeat-env.ts'

/** Options that make a run of a dozen reports short, by family. */
const families: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  policy: {
    ...{ totalTimesteps: 320, hidden: [8], numSteps: 20, episodesPerUpdate: 1 },
    ...{ criticEpochs: 2, criticBatchSize: 16 },
  },
  values: {
    ...{ totalTimesteps: 300, hidden: [8], learningStarts: 40, trainInterval: 24, gradientSteps: 3 },
    ...{ targetUpdateInterval: 50, batchSize: 8, bufferSize: 100, quantiles: 5, atoms: 5 },
  },
  control: {
    ...{ totalTimesteps: 120, hidden: [8], learningStarts: 30, trainInterval: 4, logInterval: 12 },
    ...{ batchSize: 8, bufferSize: 60, policyDelay: 3 },
  },
}
const quick = Object.fromEntries(algorithms.map((each) => [each.name, optionsFor(each, families[familyOf(each)]!)]))

const worlds: Readonly<Record<string, (numEnvs: number) => EnvLike>> = {
  'CartPole in arrays': (numEnvs) => makeVec('CartPole-v1', numEnvs),
  'CartPole one by one, cut short': (numEnvs) =>
    makeVec('CartPole-v1', numEnvs, { wrap: (env) => new TimeLimit(env, 9) }),
  'one single CartPole': () => make('CartPole-v1'),
  'forbidden actions': (numEnvs) =>
    new SyncVectorEnv(
      Array.from({ length: numEnvs }, () => new Masked()),
      'same-step',
    ),
  'several choices': (numEnvs) =>
    new SyncVectorEnv(
      Array.from({ length: numEnvs }, () => new FlattenObservation(new Repeat(new MultiDiscrete([3, 2]))) as AnyEnv),
      'same-step',
    ),
  'Pendulum in arrays': (numEnvs) => makeVec('Pendulum-v1', numEnvs),
}

const keepsToMasks = ['reinforce', 'a2c', 'ppo', 'trpo']

/** A report in figures: everything but the agent, whose parameters stand for it. */
function figures({ agent, save: _save, ...rest }: ResumableReport<TrainedAgent>): unknown {
  const parameters = Object.entries(namedParameters(agent as unknown as Module))
  return { ...rest, parameters: parameters.map(([name, each]) => [name, each.toArray()]) }
}

const cases = algorithms.flatMap(({ name, actions }) =>
  Object.entries(worlds)
    .filter(([, envs]) => actions.includes(toVectorEnv(envs(1)).actionSpace.kind as ActionKind))
    .filter(([world]) => world !== 'forbidden actions' || keepsToMasks.includes(name))
    .map(([world]) => ({ name, world })),
)

describe('a resumed training', () => {
  it.each(cases)('goes on as the unbroken one: $name, $world', ({ name, world }) => {
    const { train, maxEnvs = 2 } = algorithm(name)
    const envs = () => worlds[world]!(maxEnvs)
    forAll([fc.nat({ max: 2 ** 31 }), fc.nat({ max: 4 })], { numRuns: 3 }, (seed, stopAt) => {
      const options = { ...quick[name], seed }
      const unbroken: unknown[] = []
      let file: Uint8Array | undefined
      for (const report of train(envs(), options)) {
        unbroken.push(figures(report))
        if (unbroken.length <= stopAt + 1) file = writeCheckpoint(report.save())
      }
      const resumed = train(envs(), { ...options, resume: readCheckpoint(file!) })
      expect(Array.from(resumed, figures)).toEqual(unbroken.slice(stopAt + 1))
      expect(unbroken.length).toBeGreaterThan(1)
    })
  })

  it('can be saved and resumed again and again', () => {
    const { train } = algorithm('ppo')
    const envs = () => makeVec('CartPole-v1', 2)
    const unbroken = Array.from(train(envs(), quick.ppo), figures)
    const pieces: unknown[] = []
    let saved: Checkpoint | undefined
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
  const first = (name: string, envs: EnvLike) => {
    const next = algorithm(name).train(envs, quick[name]).next()
    if (next.done) throw new Error('no report')
    return next.value.save()
  }
  const saved = first('ppo', makeVec('CartPole-v1', 2))
  const resume = (name: string, envs: EnvLike, options: object, from: Checkpoint) =>
    algorithm(name)
      .train(envs, { ...options, resume: from })
      .next()

  it('other options', () => {
    const other = { ...quick.ppo, clipRange: 0.1 }
    expect(() => resume('ppo', makeVec('CartPole-v1', 2), other, saved)).toThrow(
      'ppo: the saved training has clipRange = 0.2, this one 0.1; resume with the same options',
    )
  })

  it('another algorithm', () => {
    expect(() => resume('dqn', makeVec('CartPole-v1', 2), quick.dqn!, saved)).toThrow(/is of ppo/)
  })

  it('other environments', () => {
    expect(() => resume('ppo', makeVec('CartPole-v1', 3), quick.ppo!, saved)).toThrow(ValueError)
    expect(() => resume('ppo', makeVec('Acrobot-v1', 2), quick.ppo!, saved)).toThrow(CheckpointError)
  })
})

it('the file of a training: brings back every value, numbers that JSON has no word for included', () => {
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
  forAll([fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), value)], (parts) => {
    const training = { algorithm: 'any', options: { limit: Infinity }, parts } as unknown as Checkpoint
    expect(readCheckpoint(writeCheckpoint(training))).toEqual(training)
  })
})
