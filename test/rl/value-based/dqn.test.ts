import { describe, expect, it } from 'vitest'
import { DuelingHead, huberLoss, type Module, mseLoss, saveParameters } from '../../../src/nn/index.ts'
import { weightedMean } from '../../../src/nn/losses/reduction.ts'
import { evaluatePolicy, finish, make, makeVec, ReplayBuffer } from '../../../src/rl/index.ts'
import { chosenRows, transitionTensors } from '../../../src/rl/replay/off-policy.ts'
import { type DQNOptions, dqn, dqnAlgorithm, dqnLoss, dqnTargets } from '../../../src/rl/value-based/dqn.ts'
import { newValueAgent, type ValueBasedReport } from '../../../src/rl/value-based/value-based.ts'
import { valueBatch } from '../../../src/rl/value-based/value-network.ts'
import { abs, mul, Rng, reshape, sum, type Tensor, tensor, zeros } from '../../../src/tensor/index.ts'
import { goldenArrays } from '../../support/arrays.ts'
import { expectClose, fromGolden, type GoldenCase, type GoldenTensor } from '../../support/golden.ts'
import { casesOf, expectLoss, onEveryEngine } from '../algorithms/golden-loss.ts'
import { constantNetwork, Paying, setNumbers } from '../algorithms/hand-worked.ts'

/** The targets for rewards, discounts, values of the target network, and values of the learner, which then chooses. */
function targetsOf(rewards: Tensor, discounts: Tensor, nextValues: Tensor, learnerValues?: Tensor) {
  const [network, target] = [() => learnerValues!, () => nextValues]
  const batch = { rewards, discounts, nextObservations: tensor([0]), network, target }
  return dqnTargets(batch, learnerValues !== undefined)
}

describe('the targets', () => {
  const nextValues = tensor([
    [2, 8],
    [2, 8],
  ])

  it('values what follows, unless the task ended', () => {
    const targets = targetsOf(tensor([1, 1]), tensor([0.5, 0]), nextValues)
    expect(Array.from(targets.view())).toEqual([5, 1])
  })

  it('with the learner’s choice: its action, the target network’s value', () => {
    const targets = targetsOf(tensor([1]), tensor([0.5]), tensor([[2, 8]]), tensor([[3, 1]]))
    expect(Array.from(targets.view())).toEqual([2])
  })

  const expectTargets = (golden: GoldenCase, discounts: ArrayLike<number>) => {
    onEveryEngine(golden, (dtype, tolerance) => {
      const x = (name: string) => fromGolden(golden.inputs[name]!, dtype)
      const learner = golden.op === 'double_dqn_target' ? x('next_q_online') : undefined
      const rewards = x(golden.op === 'dqn_n_step_target' ? 'reward_sums' : 'rewards')
      const shares = tensor(Float64Array.from(discounts), undefined, { dtype })
      const targets = targetsOf(rewards, shares, x('next_q_target'), learner)
      expectClose(targets, golden.outputs.out!, tolerance, golden.name)
    })
  }

  it.each([...casesOf('dqn_target'), ...casesOf('double_dqn_target')])('are PyTorch’s: $name', (golden) => {
    const { terminated } = goldenArrays(golden)
    const gamma = golden.attrs!.gamma as number
    expectTargets(
      golden,
      terminated!.map((flag) => (flag === 1 ? 0 : gamma)),
    )
  })

  it.each(casesOf('dqn_n_step_target'))('after several steps too: $name', (golden) => {
    expectTargets(golden, goldenArrays(golden).discounts!)
  })
})

it('a sample as tensors: discounts by the steps between; a time limit is no end', () => {
  const buffer = new ReplayBuffer({ capacity: 3, observationSize: 1 })
  buffer.add([0], 1, 1, [1], false, 1)
  buffer.add([1], 0, 1, [2], true, 1) // terminated
  buffer.add([2], 1, 1, [3], false, 3) // truncated, or in the middle of an episode
  const { discounts, actions } = transitionTensors(buffer.gather(Int32Array.of(0, 1, 2)), 0.5)
  expect(Array.from(discounts.view())).toEqual([0.5, 0, 0.125])
  expect([actions.dtype, actions.shape]).toEqual(['int32', [3, 1]])
})

describe('the loss', () => {
  const loss = { dqn_loss_huber: huberLoss, dqn_loss_mse: mseLoss }

  it.each(Object.keys(loss).flatMap(casesOf))(
    'of the actions taken is PyTorch’s, with its gradient: $name',
    (golden) => {
      const distance = loss[golden.op as keyof typeof loss]
      expectLoss(golden, ({ q, actions, targets }) =>
        distance(chosenRows(q!, reshape(actions!, [actions!.size, 1])), targets!),
      )
    },
  )

  it('of a batch is the Huber distance to what the target network says', () => {
    const network = constantNetwork(1, 3)
    const target = constantNetwork(10, 20)
    const buffer = new ReplayBuffer({ capacity: 1, observationSize: 1 })
    buffer.add([0], 0, 2, [1], false)
    const batch = buffer.sample(4, new Rng())
    // The learner prefers action 1: 2 + 0.5 · 20 = 12, against Q(s, 0) = 1.
    const lossOf = (loss: 'huber' | 'mse') =>
      dqnLoss(valueBatch(1, network, target, batch, 0.5), { loss, double: true }, 'mean')
    expect(lossOf('huber').loss.item()).toBeCloseTo(10.5, 5)
    expect(lossOf('mse').loss.item()).toBeCloseTo(121, 3)
    expect([...lossOf('mse').errors().view()]).toEqual([-11, -11, -11, -11])
  })

  it('values the next state by the target network’s own best action, or in double Q-learning by the learner’s', () => {
    const [network, target] = [constantNetwork(1, 3), constantNetwork(20, 10)]
    const buffer = new ReplayBuffer({ capacity: 1, observationSize: 1 })
    buffer.add([0], 0, 2, [1], false)
    const targetOf = (double: boolean) =>
      dqnTargets(valueBatch(1, network, target, buffer.gather(Int32Array.of(0)), 0.5), double).item()
    expect(targetOf(false)).toBe(12) // 2 + 0.5 max(20, 10)
    expect(targetOf(true)).toBe(7) // 2 + 0.5 · 10: the learner prefers action 1
  })

  it.each(casesOf('dqn_loss_weighted'))('with the weights of prioritised draws is PyTorch’s: $name', (golden) => {
    expectLoss(golden, ({ q, actions, targets, is_weights }) => {
      const choices = reshape(actions!, [actions!.size, 1])
      const same = () => q!
      // Without what follows, y is the reward.
      const sample = { observations: q!, actions: choices, rewards: targets!, nextObservations: q! }
      const ends = { discounts: zeros(targets!.shape, { dtype: q!.dtype }), network: same, target: same }
      const batch = { ...sample, ...ends, chosen: (x: Tensor) => chosenRows(x, choices) }
      const { loss, errors } = dqnLoss(batch, { loss: 'huber', double: false }, 'none')
      return { loss: weightedMean(loss, is_weights!), abs_td: abs(errors()) }
    })
  })
})

it.each(casesOf('dueling'))(
  'the dueling head: joins its streams as PyTorch’s, with their gradients: $name',
  (golden) => {
    const stream = (output: Tensor): Module => ({ forward: () => output, parameters: () => ({ output }) })
    expectLoss({ ...golden, outputs: { ...golden.outputs, loss: weighted(golden) } }, ({ value, advantage }) => {
      const out = new DuelingHead(stream(value!), stream(advantage!)).forward(zeros([8, 1], { dtype: value!.dtype }))
      return { out, loss: sum(mul(out, fromGolden(golden.W!, value!.dtype))) }
    })
  },
)

/** ⟨W, out⟩, whose gradients the case has. */
function weighted({ W, outputs }: GoldenCase): GoldenTensor {
  const data = outputs.out!.data.map((each, i) => Number(each) * Number(W!.data[i]))
  return { shape: [], data: [data.reduce((total, each) => total + each, 0)] }
}

describe('prioritised replay by hand', () => {
  // Schaul et al. 2016, arXiv:1511.05952, algorithm 1, with the default α = 0.6: Q = 1 for both actions, episodes of one step that pay
  // 2 and 4, so that the errors are δ = -1 and -3.
  const learned = () => {
    const training = dqn(new Paying([2, 4]), {
      ...{ prioritized: true, network: () => constantNetwork(1, 1), learningRate: 1e-12, seed: 0 },
      ...{ totalTimesteps: 4, learningStarts: 2, trainInterval: 2, gradientSteps: 2, batchSize: 2 },
    })
    return training.next().value as ValueBasedReport
  }

  it('writes the errors back as priorities: |δ|^α, up to ε = 1e-6', () => {
    const { priorities } = learned().save().parts.buffer as { priorities: Float64Array }
    expect(priorities[0]).toBeCloseTo(1, 5)
    expect(priorities[1]).toBeCloseTo(1.933182, 5) // 3^0.6
  })

  it('weighs each loss by (N P)^-β over its maximum, β on its way from 0.4 to 1', () => {
    // 1st update, equal priorities: both transitions, weights 1: (huber(-1) + huber(-3)) / 2 = (0.5 + 2.5) / 2 = 1.5
    // 2nd update, P in proportion to 1 and 3^0.6, of each half of their sum one: both again with this seed. After 2 of 4 steps
    // β = 0.4 + 0.6 / 2 = 0.7: weights 1 and (3^0.6)^-0.7 = 3^-0.42 = 0.630390: (0.5 + 0.630390 · 2.5) / 2 = 1.037988
    expect(learned().loss).toBeCloseTo((1.5 + 1.037988) / 2, 5)
  })
})

describe('noise in the weights', () => {
  it('is drawn to explore, and left out of the greedy action', () => {
    const rng = new Rng(2)
    const agent = newValueAgent(dqnAlgorithm, make('CartPole-v1'), { noisy: true, hidden: [] } as DQNOptions)
    setNumbers(agent, {
      ...{ '0.weight_mu': [0, 0, 0, 0, 0, 0, 0, 0], '0.bias_mu': [0.1, 0] },
      ...{ '0.weight_sigma': [0, 0, 0, 0, 0, 0, 0, 0], '0.bias_sigma': [1, 1] },
    })
    const state = Float32Array.of(1, 2, 3, 4)
    const greedy = Array.from({ length: 30 }, () => agent.act(state))
    const drawn = Array.from({ length: 30 }, () => agent.sample(state, rng))
    expect(new Set(greedy)).toEqual(new Set([0]))
    expect(new Set(drawn)).toEqual(new Set([0, 1]))
  })

  it('is in the play of a training', () => {
    const env = new Paying([0])
    const options = { noisy: true, hidden: [], totalTimesteps: 60, learningStarts: 0, trainInterval: 1000 }
    finish(dqn(env, options))
    expect(new Set(env.actions)).toEqual(new Set([0, 1]))
  })
})

describe('dqn', () => {
  const short = { totalTimesteps: 600, learningStarts: 100, trainInterval: 50, gradientSteps: 5, hidden: [16] }

  it('reports after each stretch of updates: steps, episodes, epsilon, loss', () => {
    const reports = [...dqn(make('CartPole-v1'), short)]
    expect(reports.map(({ step }) => step)).toEqual([100, 150, 200, 250, 300, 350, 400, 450, 500, 550, 600])
    expect(reports.every(({ loss }) => Number.isFinite(loss))).toBe(true)
    expect(reports.at(-1)!.epsilon).toBeCloseTo(0.04, 12)
    const finished = reports.flatMap(({ episodes }) => episodes)
    for (const { step, length, return: total } of finished) {
      expect(length).toBe(total) // CartPole's reward is 1 a step
      expect(step).toBeLessThanOrEqual(600)
    }
  })

  it('has both streams when dueling, with hidden layers or without', () => {
    const names = (hidden: number[]) =>
      Object.keys(
        newValueAgent(dqnAlgorithm, make('CartPole-v1'), { dueling: true, hidden } as DQNOptions).parameters(),
      )
    const streams = ['value.weight', 'value.bias', 'advantage.weight', 'advantage.bias']
    expect(names([])).toEqual(streams.map((name) => `0.${name}`))
    expect(names([8])).toEqual(['0.weight', '0.bias', ...streams.map((name) => `2.${name}`)])
  })

  it('goes on as the unbroken run with all extensions', () => {
    const options = { ...short, dueling: true, nStep: 3, prioritized: true, noisy: true }
    const unbroken = dqn(make('CartPole-v1'), options)
    const saved = unbroken.next().value as ValueBasedReport
    const resumed = dqn(make('CartPole-v1'), { ...options, resume: saved.save() })
    expect(saveParameters(finish(resumed))).toEqual(saveParameters(finish(unbroken)))
  })

  it('lowers the learning rate to 0, and no further where the last step of several sub-environments passes totalTimesteps', () => {
    const options = { ...short, totalTimesteps: 100, learningStarts: 10, trainInterval: 1, annealLearningRate: true }
    const steps = [...dqn(makeVec('CartPole-v1', 3), options)].map(({ step }) => step)
    expect(steps.at(-1)).toBe(102)
  })

  it('waits for the first whole transition if asked to learn from the first step on', () => {
    const reports = [
      ...dqn(make('CartPole-v1'), { ...short, totalTimesteps: 5, learningStarts: 0, trainInterval: 1, nStep: 3 }),
    ]
    expect(reports.map(({ step }) => step)).toEqual([3, 4, 5])
  })

  it('explores by its noise alone once it has learnt for the first time', () => {
    const reports = [...dqn(make('CartPole-v1'), { ...short, noisy: true })]
    expect(reports.every(({ epsilon }) => epsilon === 0)).toBe(true)
  })

  it.each([{}, { noisy: true }])('solves the corridor with all extensions and %o', (noise) => {
    const corridor = () => make<Float32Array, number>('Corridor-v0', { length: 5 })
    const agent = finish(
      dqn(corridor(), {
        ...{ totalTimesteps: 4000, seed: 1, hidden: [16], learningRate: 0.005, gamma: 0.95, explorationFraction: 0.5 },
        ...{ learningStarts: 100, trainInterval: 8, gradientSteps: 4, targetUpdateInterval: 64, batchSize: 32 },
        ...{ dueling: true, nStep: 3, prioritized: true, ...noise },
      }),
    )
    expect(evaluatePolicy(agent, corridor, { episodes: 5 }).mean).toBe(-4)
  })

  it('throws on observations that are no vectors', () => {
    expect(() => dqn(make('FrozenLake-v1')).next()).toThrow(/networks need vectors/)
  })
})
