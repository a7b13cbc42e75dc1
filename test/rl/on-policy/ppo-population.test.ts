import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { namedParameters } from '../../../src/nn/module.ts'
import { make } from '../../../src/rl/envs/tasks/make.ts'
import { makeVec } from '../../../src/rl/envs/vector/make-vec.ts'
import { SyncVectorEnv } from '../../../src/rl/envs/vector/sync-vector-env.ts'
import { evaluatePolicy } from '../../../src/rl/evaluate.ts'
import { ppo } from '../../../src/rl/on-policy/ppo.ts'
import { ppoPopulation } from '../../../src/rl/on-policy/ppo-population.ts'
import { setBackend } from '../../../src/tensor/index.ts'
import { Masked } from '../masked-env.ts'

const numbersOf = (agent: Parameters<typeof namedParameters>[0]) =>
  Object.values(namedParameters(agent)).map((each) => [...each.view()])

/** Reports of a population and of the single runs that it stands for, side by side. */
function expectSameRuns(id: string, numEnvs: number, seeds: readonly number[], options: object, own?: object[]): void {
  const members = own === undefined ? {} : { members: own }
  const together = [...ppoPopulation(makeVec(id, numEnvs * seeds.length), { ...options, ...members, seeds })]
  seeds.forEach((seed, i) => {
    const alone = [...ppo(makeVec(id, numEnvs), { ...options, ...own?.[i], seed })]
    expect(together.map(({ step }) => step)).toEqual(alone.map(({ step }) => step))
    expect(together.map(({ episodes }) => episodes[i])).toEqual(alone.map(({ episodes }) => episodes))
    expect(numbersOf(together.at(-1)!.agents[i]!)).toEqual(numbersOf(alone.at(-1)!.agent))
  })
}

const ownOptions = fc.record(
  {
    learningRate: fc.constantFrom(0.001, 0.05),
    gamma: fc.constantFrom(0.5, 1),
    gaeLambda: fc.constantFrom(0, 0.9),
    entropyCoef: fc.constantFrom(0, 0.3),
    valueCoef: fc.constantFrom(0.1, 2),
    maxGradNorm: fc.constantFrom(0.01, 3),
  },
  { requiredKeys: [] },
)

const runs = fc.record({
  id: fc.constantFrom('CartPole-v1', 'MountainCar-v0'),
  numEnvs: fc.integer({ min: 1, max: 5 }),
  seeds: fc.array(fc.nat(1000), { minLength: 1, maxLength: 3 }),
  own: fc.option(fc.array(ownOptions, { minLength: 3, maxLength: 3 }), { nil: undefined }),
  options: fc.record({
    hidden: fc.array(fc.integer({ min: 1, max: 18 }), { maxLength: 2 }),
    numSteps: fc.integer({ min: 25, max: 110 }),
    totalTimesteps: fc.integer({ min: 1, max: 300 }),
    numEpochs: fc.integer({ min: 1, max: 2 }),
    numMinibatches: fc.integer({ min: 1, max: 3 }),
    learningRate: fc.constantFrom(0.003, 0.1),
    maxGradNorm: fc.constantFrom(0.05, 0.5, Infinity),
    clipValueLoss: fc.boolean(),
    normalizeAdvantages: fc.boolean(),
    annealLearningRate: fc.boolean(),
  }),
})

// An episode of MountainCar is cut off after 200 steps.
const truncated: typeof runs extends fc.Arbitrary<infer Run> ? Run : never = {
  id: 'MountainCar-v0',
  numEnvs: 1,
  seeds: [7, 2],
  own: [{ learningRate: 0.05, maxGradNorm: 3 }, {}],
  options: {
    ...{ hidden: [9], numSteps: 101, totalTimesteps: 300, numEpochs: 1, numMinibatches: 2 },
    ...{
      learningRate: 0.1,
      maxGradNorm: 0.05,
      clipValueLoss: true,
      normalizeAdvantages: false,
      annealLearningRate: true,
    },
  },
}

describe('a population', () => {
  it('has the episodes and the bits of its members alone', () => {
    fc.assert(
      fc.property(runs, ({ id, numEnvs, seeds, options, own }) =>
        expectSameRuns(id, numEnvs, seeds, options, own?.slice(0, seeds.length)),
      ),
      { numRuns: 6, examples: [[truncated]] },
    )
  })

  it('has them on the reference backend too', () => {
    setBackend('reference')
    try {
      // A single run does not round coefficients to float32 here, so they are numbers that need none.
      const options = { hidden: [3], numSteps: 8, totalTimesteps: 32, maxGradNorm: Infinity }
      expectSameRuns('CartPole-v1', 2, [4, 9], { ...options, entropyCoef: 0.1, valueCoef: 0.7 })
      expectSameRuns('CartPole-v1', 2, [4, 9], options, [{ learningRate: 0.3, entropyCoef: 0 }, { entropyCoef: 0.5 }])
    } finally {
      setBackend('wasm')
    }
  })

  it('is made of agents that play by themselves', () => {
    const [report] = ppoPopulation(makeVec('CartPole-v1', 4), { seeds: [1, 2], numSteps: 16, totalTimesteps: 1 })
    const [first, second] = report!.agents.map(
      (agent) => evaluatePolicy(agent, make('CartPole-v1'), { episodes: 5 }).returns,
    )
    expect(first).not.toEqual(second)
  })

  it('needs sub-environments for each seed, and actions that are choices without masks', () => {
    const train = (id: string, numEnvs: number, options: object = {}) =>
      ppoPopulation(makeVec(id, numEnvs), { seeds: [1, 2], ...options }).next()
    expect(() => train('CartPole-v1', 3)).toThrow('ppoPopulation: 3 sub-environments for 2 seeds')
    expect(() => train('CartPole-v1', 4, { seeds: [] })).toThrow('ppoPopulation: 4 sub-environments for 0 seeds')
    expect(() => train('Pendulum-v1', 2)).toThrow('ppoPopulation: Pendulum-v1 takes Box')
    const masked = new SyncVectorEnv([new Masked(), new Masked()], 'same-step')
    expect(() => ppoPopulation(masked, { seeds: [1, 2] }).next()).toThrow('masks actions; train it with ppo')
    expect(() => train('CartPole-v1', 2, { targetKl: 0.01 })).toThrow('targetKl')
    expect(() => train('CartPole-v1', 2, { members: [{}] })).toThrow('1 members for 2 seeds; expected one each')
    expect(() => train('CartPole-v1', 2, { members: [{}, { numSteps: 9 }] })).toThrow('a member: unknown')
    expect(() => train('CartPole-v1', 2, { members: [{ gamma: 2 }, {}] })).toThrow('gamma is 2')
  })

  it.each([
    [5, 0],
    [8, 1],
  ])('names the seed whose loss is not finite, %i', (seed, i) => {
    const training = ppoPopulation(makeVec('CartPole-v1', 4), { seeds: [5, 8], hidden: [4], numSteps: 8 })
    const { agents } = training.next().value as Exclude<ReturnType<typeof training.next>['value'], readonly unknown[]>
    namedParameters(agents[i]!)['critic.0.weight']!.view()[0] = Number.NaN
    expect(() => training.next()).toThrow(`ppoPopulation: the loss of seed ${seed} is NaN`)
  })
})
