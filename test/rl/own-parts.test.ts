// Networks, optimizers and losses of the caller's, in every algorithm of the registry.

import { describe, expect, it } from 'vitest'
import type { Checkpoint } from '../../src/data/checkpoint.ts'
import { readCheckpoint, writeCheckpoint } from '../../src/data/checkpoint-file.ts'
import { distill } from '../../src/distill/index.ts'
import { agentLayers } from '../../src/export/index.ts'
import { saveParameters } from '../../src/nn/files/parameters.ts'
import {
  Adam,
  DuelingHead,
  type HasParameters,
  huberLoss,
  LayerNorm,
  Linear,
  MLP,
  type Module,
  Sequential,
  SGD,
} from '../../src/nn/index.ts'
import {
  c51,
  cql,
  dqn,
  expectedEntropy,
  finish,
  make,
  makeVec,
  type NetworkFunction,
  ppo,
  qdagger,
  RecordLog,
  rainbow,
  sac,
} from '../../src/rl/index.ts'
import { algorithm, algorithms } from '../../src/rl/registry.ts'
import type { ReplayBatch } from '../../src/rl/replay/replay.ts'
import type { OptimizerFunction } from '../../src/rl/training/networks.ts'
import { sampleLossOf, type ValueLoss, valueBatch } from '../../src/rl/value-based/value-network.ts'
import {
  add,
  amax,
  mean,
  mul,
  noGrad,
  Rng,
  relu,
  reshape,
  ShapeError,
  slice,
  square,
  type Tensor,
  tanh,
} from '../../src/tensor/index.ts'
import { familyOf, optionsFor } from '../support/families.ts'

/** x + f(x): [batch, features] → [batch, features]. */
class Residual implements Module {
  constructor(readonly inner: Module) {}
  forward(x: Tensor, rng?: Rng): Tensor {
    return add(x, this.inner.forward(x, rng))
  }
  parameters() {
    return this.inner.parameters()
  }
}

const deep: NetworkFunction = ({ inputs, outputs, rng }) =>
  new Sequential(
    new Linear(inputs, 6, rng),
    new LayerNorm(6),
    relu,
    new Residual(new Sequential(new Linear(6, 6, rng), tanh, new LayerNorm(6))),
    new Linear(6, outputs, rng),
  )
const short = {
  ...{ totalTimesteps: 160, numSteps: 20, episodesPerUpdate: 1, criticEpochs: 2, criticBatchSize: 16, logInterval: 20 },
  ...{
    ...{ learningStarts: 40, trainInterval: 20, gradientSteps: 2, targetUpdateInterval: 50, batchSize: 8 },
    bufferSize: 100,
  },
  ...{ atoms: 5, quantiles: 5, hidden: [8], seed: 3 },
}
const bytes = (agent: unknown) => saveParameters(agent as HasParameters)
const worldOf = (actions: readonly string[]) => () =>
  makeVec(actions[0] === 'discrete' ? 'CartPole-v1' : 'Pendulum-v1', 1)

describe.each(algorithms.map((each) => [each.name, each] as const))('%s', (name, each) => {
  const envs = worldOf(each.actions)
  const base = optionsFor(each, short)
  const own = () => ({
    ...base,
    network: deep,
    ...(familyOf(each) !== 'values' && { critic: deep }),
    optimizer: (parameters: HasParameters, { learningRate }: { learningRate: number }) =>
      new SGD(parameters, { learningRate, momentum: 0.5 }),
  })

  it('trains networks with layer norm and residual blocks by an optimizer of the caller, and resumes with the same bits', () => {
    const reports: Uint8Array[] = []
    let file: Uint8Array | undefined
    const training = each.train(envs(), own())
    let next = training.next()
    for (; !next.done; next = training.next()) {
      reports.push(bytes(next.value.agent))
      if (reports.length === 2) file = writeCheckpoint(next.value.save())
    }
    expect(reports.length).toBeGreaterThan(3)
    expect(reports.at(-1)).not.toEqual(reports[0])
    const resumed = each.train(envs(), { ...own(), resume: readCheckpoint(file!) })
    expect(bytes(finish(resumed))).toEqual(reports.at(-1))
    const { value } = each.train(envs(), { ...own(), optimizer: undefined }).next()
    expect(bytes((value as { agent: unknown }).agent)).not.toEqual(reports[0])
    expect(() => each.train(envs(), { ...own(), optimizer: undefined, resume: readCheckpoint(file!) }).next()).toThrow(
      /is of "sgd", this is "(adam|rmsprop)"/,
    )
    expect(Object.keys(each.newAgent(envs(), own()).parameters())).toEqual(Object.keys(next.value.parameters()))
  })

  it('throws on a network of other sizes, and on what makes none', () => {
    const start = (options: object) => () => each.train(envs(), { ...base, ...options }).next()
    const wide: NetworkFunction = ({ inputs, outputs, rng }) => new MLP([inputs, outputs + 1], rng)
    expect(start({ network: wide })).toThrow(ShapeError)
    expect(start({ optimizer: () => undefined })).toThrow(`${name}: optimizer made no Optimizer; expected a function`)
    expect(start({ optimizer: new Adam(new MLP([1, 1], new Rng())) })).toThrow(`${name}: optimizer made no Optimizer`)
  })
})

const cartPole = () => makeVec('CartPole-v1', 1)
const pendulum = () => makeVec('Pendulum-v1', 1)

/** Heads on one trunk, whatever they are for. */
const heads = (inputs: number) => {
  const trunk = new MLP([inputs, 6], new Rng(1), { outputActivation: 'tanh' })
  const head: NetworkFunction = ({ outputs, rng }) => new Sequential(trunk, new Linear(6, outputs, rng))
  return { trunk, own: { network: head, critic: head } }
}

describe('a trunk that actor and critic share', () => {
  it.each(['reinforce', 'a2c', 'ppo'])('learns by both losses, and resumes with the same bits: %s', (name) => {
    const { train } = algorithm(name)
    const trained = (changes: object = {}) => {
      const { trunk, own } = heads(4)
      const options = { ...optionsFor(algorithm(name), short), ...own, ...changes }
      let saved: Checkpoint | undefined
      for (const report of train(cartPole(), options)) saved ??= report.save()
      return { trunk: bytes(trunk), saved }
    }
    const { trunk, saved } = trained()
    expect(trained({ resume: saved }).trunk).toEqual(trunk)
    expect(trained({ valueCoef: 0 }).trunk).not.toEqual(trunk)
  })

  it('is refused where each has an update of its own, and between a network and its target', () => {
    const message = /share parameter.*; make new layers for each/
    for (const name of ['trpo', 'dqn', 'rainbow']) {
      const { critic, ...own } = heads(4).own
      const options = { ...optionsFor(algorithm(name), short), ...own, ...(name === 'trpo' && { critic }) }
      expect(() => algorithm(name).train(cartPole(), options).next()).toThrow(message)
    }
    for (const name of ['sac', 'td3', 'ddpg']) {
      const { critic } = heads(4).own // 3 numbers of the observation and 1 of the action
      expect(() => algorithm(name).train(pendulum(), { critic }).next()).toThrow(message)
    }
  })
})

it('is a function where it is called several times', () => {
  const network = new MLP([4, 2], new Rng(1))
  // @ts-expect-error a target network needs a second one
  expect(() => dqn(cartPole(), { network }).next()).toThrow(
    /^dqn: network is .*; expected \(\{ shape, inputs, outputs, rng \}\)/,
  )
})

describe('a head of the caller', () => {
  it('adds up two streams in DQN, and distributions of returns in Rainbow', () => {
    const twoStreams =
      (atoms: number): NetworkFunction =>
      ({ inputs, outputs, rng }) => {
        const streams = [new Linear(6, atoms, rng), new Linear(6, outputs, rng)] as const
        return new Sequential(new Linear(inputs, 6, rng), relu, new DuelingHead(...streams, atoms))
      }
    const agents = [
      finish(dqn(cartPole(), { ...optionsFor(algorithm('dqn'), short), network: twoStreams(1) })),
      finish(rainbow(cartPole(), { ...optionsFor(algorithm('rainbow'), short), network: twoStreams(5) })),
    ]
    for (const agent of agents) expect(Object.keys(agent.parameters())).toContain('2.advantage.weight')
  })

  it('makes twin critics, each with parameters of its own', () => {
    const sizes: number[][] = []
    const network: NetworkFunction = (site) => {
      sizes.push([site.inputs, site.outputs])
      return deep(site)
    }
    const first = sac(pendulum(), { ...optionsFor(algorithm('sac'), short), network, critic: network }).next()
    expect(sizes).toEqual([
      [3, 2],
      [4, 1],
      [4, 1],
      [4, 1],
      [4, 1],
    ]) // actor, twin critics, their targets
    expect(first.done).toBe(false)
  })
})

describe('an agent with layers of the caller', () => {
  const own = (name: string) => ({ ...optionsFor(algorithm(name), short), network: deep })
  const agents = {
    dqn: finish(dqn(cartPole(), own('dqn'))),
    ppo: finish(ppo(cartPole(), own('ppo'))),
    sac: finish(sac(pendulum(), own('sac'))),
  }
  const brief = { labels: 30, hidden: [4], updates: 5, seed: 1 }

  it('teaches a student', () => {
    const [chosen, state] = [[agents.dqn, agents.ppo], new Float32Array(4)] as const
    for (const teacher of chosen) {
      expect(finish(distill(make('CartPole-v1'), teacher as typeof agents.dqn, brief)).student.act(state)).toBeTypeOf(
        'number',
      )
    }
    const torque = finish(distill(make<Float32Array, Float32Array>('Pendulum-v1'), agents.sac, brief))
    expect(torque.student.act(new Float32Array(3))).toHaveLength(1)
  })

  it.each(Object.entries(agents))('is not exported: only linear layers, relu and tanh are: %s', (_, agent) => {
    expect(() => agentLayers(agent)).toThrow(
      /the network holds (layerNorm;|Residual, which has no description)|distil it into one first/,
    )
  })
})

describe('a loss of the caller', () => {
  const base = { ...optionsFor(algorithm('dqn'), short), double: false } as const
  const own: ValueLoss = ({ observations, nextObservations, rewards, discounts, network, target, chosen }) => {
    const targets = noGrad(() => add(rewards, mul(discounts, amax(target(nextObservations), 1))))
    return huberLoss(chosen(network(observations)), targets, { reduction: 'none' })
  }

  it.each([{}, { prioritized: true }, { nStep: 3 }])('can be that of DQN, to the same bits: %o', (options) => {
    // Priorities are the errors in DQN, the terms of the loss here.
    const loss: ValueLoss = (batch) => own(batch)
    const trained = (loss?: ValueLoss) => bytes(finish(dqn(cartPole(), { ...base, ...options, ...(loss && { loss }) })))
    if ('prioritized' in options) expect(trained(loss)).not.toEqual(trained())
    else expect(trained(loss)).toEqual(trained())
  })

  it('is weighted term by term in prioritised replay', () => {
    const sample = { size: 2, observations: Float32Array.of(1, 2), nextObservations: Float32Array.of(0, 0) }
    const ends = { rewards: Float32Array.of(0, 0), terminated: Float32Array.of(1, 1), steps: Float32Array.of(1, 1) }
    const batch = { ...sample, ...ends, actions: Int32Array.of(0, 0) } as unknown as ReplayBatch
    const identity = { forward: (x: Tensor) => x, parameters: () => ({}) }
    const lossOf = (reduction: 'mean' | 'none') => {
      const squares: ValueLoss = ({ network, observations, chosen }) => square(chosen(network(observations)))
      return sampleLossOf(squares)(valueBatch(1, identity, identity, batch, 1), reduction)
    }
    expect([...lossOf('none').loss.view()]).toEqual([1, 4])
    expect(lossOf('none').errors).toBeUndefined() // the terms are the priorities
    expect(lossOf('mean').loss.item()).toBe(2.5)
  })

  it('resumes with the same bits', () => {
    const unbroken = dqn(cartPole(), { ...base, loss: own })
    const first = unbroken.next()
    if (first.done) throw new Error('no report')
    const resume = readCheckpoint(writeCheckpoint(first.value.save()))
    expect(bytes(finish(dqn(cartPole(), { ...base, loss: own, resume })))).toEqual(bytes(finish(unbroken)))
  })

  it('has a term for each transition', () => {
    const refused: [ValueLoss, string][] = [
      [(batch) => mean(own(batch)), '[]'],
      [(batch) => reshape(own(batch), [8, 1]), '[8, 1]'],
      [(batch) => slice(own(batch), [[0, 7]]), '[7]'],
    ]
    for (const [loss, given] of refused) {
      expect(() => finish(dqn(cartPole(), { ...base, loss }))).toThrow(
        `loss: it gave ${given}; expected a term for each transition, [8]`,
      )
    }
    // @ts-expect-error c51 has no named losses
    expect(() => c51(cartPole(), { loss: 'huber' }).next()).toThrow(/unknown option "loss"/)
  })
})

describe('algorithms that learn from a teacher or a log', () => {
  const teacher = finish(dqn(cartPole(), { ...optionsFor(algorithm('dqn'), short), hidden: [4] }))
  const sgd: OptimizerFunction = (parameters, { learningRate }) => new SGD(parameters, { learningRate })
  const own = { network: deep, optimizer: sgd, seed: 3 }
  const play = new RecordLog(make('CartPole-v1'))
  const { log } = play
  for (let i = 0, done = true; i < 60; i++) {
    if (done) play.reset({ seed: i })
    const { terminated, truncated } = play.step(i % 2)
    done = terminated || truncated
  }

  it('take networks and optimizers of the caller', () => {
    const brief = { ...own, totalTimesteps: 64, numSteps: 16, critic: deep }
    expect(finish(expectedEntropy(cartPole(), teacher, brief)).sample(new Float32Array(4), new Rng(1))).toBeTypeOf(
      'number',
    )
    const short = { ...own, totalTimesteps: 120, teacherSteps: 60, offlineUpdates: 3, batchSize: 8 }
    const student = finish(qdagger(cartPole(), teacher, { ...short, returnRange: { random: 20, teacher: 100 } }))
    for (const agent of [student, finish(cql(log, { ...own, updates: 4 }))]) {
      expect(agent.network).toBeInstanceOf(Sequential)
      expect(agent.act(new Float32Array(4))).toBeTypeOf('number')
    }
  })

  it('refuse to fuse standardization into other layers', () => {
    const normed: NetworkFunction = (site) => new Sequential(deep(site), new LayerNorm(site.outputs))
    expect(() => finish(cql(log, { ...own, network: normed, updates: 2 }))).toThrow(
      /does not end with a Linear.*standardize: false/,
    )
    expect(
      finish(cql(log, { ...own, network: normed, updates: 2, standardize: false })).act(new Float32Array(4)),
    ).toBeTypeOf('number')
  })
})
