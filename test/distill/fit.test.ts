import { describe, expect, it } from 'vitest'
import { type FitOptions, fitStudent, minibatchesOf } from '../../src/distill/fit.ts'
import { type Objective, prepareObjective, relabel, type TargetName } from '../../src/distill/index.ts'
import { LayerNorm, Linear, MLP, type Module, Sequential, saveParameters } from '../../src/nn/index.ts'
import { fitStandardizer, standardize } from '../../src/nn/layers/standardize.ts'
import { type Checkpoint, type DiscretePolicy, finish, readCheckpoint, writeCheckpoint } from '../../src/rl/index.ts'
import {
  DeterministicPolicy,
  GaussianPolicy,
  SquashedGaussianPolicy,
} from '../../src/rl/policies/continuous-policies.ts'
import { CategoricalPolicy, QPolicy, ValueFunction } from '../../src/rl/policies/discrete-policies.ts'
import {
  argmax,
  CheckpointError,
  DivergenceError,
  mean,
  mul,
  Rng,
  relu,
  ShapeError,
  type Tensor,
  tensor,
  ValueError,
} from '../../src/tensor/index.ts'
import { monteCarloReturns, valueListNet } from '../../studies/controls.ts'
import { targetsOfStates } from './every-target.ts'
import { datasetOf, formulaDataset, gaussianDataset } from './formula-dataset.ts'
import { contentsOf, someAgent, someDataset, someTeacher } from './support.ts'

const dataset = someDataset({ labels: 60 })
const states = dataset.column('observations')
const observations = tensor(states, [dataset.size, 4])
const teacherActions = argmax(tensor(dataset.column('actionValues'), [dataset.size, 2]), 1).toArray()

function fitted(name: TargetName, { hard = false, ...options }: FitOptions & { hard?: boolean } = {}) {
  const objective = prepareObjective(name, dataset, (hard ? { divergence: 'hard' } : {}) as never) as Objective<unknown>
  const network = new MLP([4, 16, objective.outputs], new Rng(2))
  return { network, student: finish(fitStudent(network, dataset, objective, { updates: 600, seed: 4, ...options })) }
}

describe('a student', () => {
  it.each(['policy', 'policy, hard', 'q-softmax', 'q-mse'])('of %s chooses as its teacher does', (name) => {
    const [target, hard] = name.split(', ')
    const student = fitted(target as TargetName, { hard: hard !== undefined }).student as DiscretePolicy
    const scores = argmax(student.logits?.(observations) ?? student.actionValues!(observations), 1).toArray()
    const agreement = teacherActions.filter((action, i) => action === scores[i]).length / dataset.size
    expect(agreement).toBeGreaterThan(0.95)
  })

  it('of state values gives those of the teacher, in its units', () => {
    const values = (fitted('value-mse').student as ValueFunction).stateValues(observations).toArray()
    const errors = dataset.column('stateValues').map((v, i) => Math.abs(v - values[i]!))
    expect(Math.max(...errors)).toBeLessThan(0.1)
  })

  it('without a teacher learns the returns that were seen', () => {
    const objective = prepareObjective(monteCarloReturns, dataset)
    expect(finish(fitStudent(new MLP([4, 2], new Rng(0)), dataset, objective, { updates: 5 }))).toBeInstanceOf(QPolicy)
  })

  it('is read as what it was trained to be', () => {
    expect(fitted('policy', { updates: 1 }).student).toBeInstanceOf(CategoricalPolicy)
    expect(fitted('value-mse', { updates: 1 }).student).toBeInstanceOf(ValueFunction)
  })

  it('is a function of the seed, bit for bit', () => {
    const bytes = (seed: number) => saveParameters(fitted('policy', { seed, updates: 50 }).network)
    expect(bytes(1)).toEqual(bytes(1))
    expect(bytes(1)).not.toEqual(bytes(2))
  })
})

describe('a student of continuous actions', () => {
  const observe = (given: ReturnType<typeof gaussianDataset>) => tensor(given.column('observations'), [given.size, 2])
  const learn = (given: ReturnType<typeof gaussianDataset>) => {
    const objective = prepareObjective('policy', given)
    const network = new MLP([2, 32, objective.outputs], new Rng(1))
    return finish(fitStudent(network, given, objective, { updates: 2000 }))
  }

  it.each([
    ['before tanh, as that of SAC', true, SquashedGaussianPolicy],
    ["in the environment's units, as that of PPO", false, GaussianPolicy],
  ])('learns mean and ln σ of a Gaussian %s', (_, squashed, kind) => {
    const given = gaussianDataset(60, squashed)
    const student = learn(given) as SquashedGaussianPolicy | GaussianPolicy
    expect(student).toBeInstanceOf(kind)
    const policy = student.distribution(observe(given))
    const { mean, logStd } = 'gaussian' in policy ? policy.gaussian : policy
    const errors = (values: ArrayLike<number>, labels: Float32Array) =>
      labels.reduce((sum, label, i) => sum + Math.abs(label - values[i]!), 0) / labels.length
    expect(errors(mean.toArray(), given.column('mean'))).toBeLessThan(0.05)
    expect(errors(logStd.toArray(), given.column('logStd'))).toBeLessThan(0.05)
  })

  it('learns actions alone', () => {
    const given = gaussianDataset(60, true)
    const actions = relabel(given, { mean: given.column('mean').map((x) => Math.tanh(x)) }, 'tanh')
    const student = learn(actions) as DeterministicPolicy
    expect(student).toBeInstanceOf(DeterministicPolicy)
    const chosen = student.choose(observe(given)).view()
    const errors = actions.column('mean').map((label, i) => Math.abs(label - chosen[i]!))
    expect(errors.reduce((a, b) => a + b) / errors.length).toBeLessThan(0.03)
  })
})

describe('a fit', () => {
  it('leaves the teacher as it was: no gradient reaches it and no bit changes', () => {
    const agent = someAgent()
    const before = saveParameters(agent)
    const own = relabel(dataset, someTeacher().label(states, dataset.size), 'the same')
    for (const name of targetsOfStates) {
      const objective = prepareObjective(name, own) as Objective<unknown>
      finish(fitStudent(new MLP([4, 8, objective.outputs], new Rng(0)), own, objective, { updates: 3 }))
    }
    expect(saveParameters(agent)).toEqual(before)
    for (const parameter of Object.values(agent.parameters())) expect(parameter.grad).toBeNull()
  })

  it('leaves the dataset as it was', () => {
    const before = structuredClone({ ...contentsOf(dataset), actionSpace: 0 })
    fitted('policy', { updates: 20 })
    expect({ ...contentsOf(dataset), actionSpace: 0 }).toEqual(before)
  })

  it.each([1, 7, 59, 60])('saved after %i updates, to a file and back, ends with the same bits', (k) => {
    const objective = prepareObjective('policy', dataset)
    const start = (resume?: Checkpoint) => {
      const network = new MLP([4, 8, 2], new Rng(0))
      return { network, steps: fitStudent(network, dataset, objective, { updates: 60, seed: 3, resume }) }
    }
    const whole = start()
    finish(whole.steps)
    const first = start()
    let saved: Checkpoint | undefined
    for (const { update, save } of first.steps) {
      if (update === k) saved = readCheckpoint(writeCheckpoint(save()))
    }
    const second = start(saved!)
    expect([...second.steps].map(({ update }) => update)).toEqual(Array.from({ length: 60 - k }, (_, i) => k + 1 + i))
    expect(saveParameters(second.network)).toEqual(saveParameters(whole.network))
  })
})

describe('standardized observations', () => {
  const given = formulaDataset(60)
  const objective = prepareObjective('policy', given)
  const column = given.column('observations')
  const raw = tensor(column, [60, 3])
  const standardizer = fitStandardizer((row) => given.observation(row), 60, 3)
  const scaled = tensor(standardize(column, standardizer), [60, 3])
  const start = (network: Module, options: FitOptions = {}) =>
    fitStudent(network, given, objective, { updates: 40, ...options })

  it('are fused into the student: on raw ones it gives what it gave on them at the end of its training', () => {
    const network = new MLP([3, 16, 3], new Rng(1))
    const training = start(network)
    let trained: ArrayLike<number> = []
    let step = training.next()
    while (!step.done) {
      trained = network.forward(scaled).toArray()
      step = training.next()
    }
    const finished = (step.value as CategoricalPolicy).logits(raw).toArray()
    for (const [i, y] of Array.from(trained).entries()) expect(Math.abs(finished[i]! - y)).toBeLessThan(1e-5)
  })

  it('are fused after an early end as well', () => {
    const network = new MLP([3, 16, 3], new Rng(1))
    let last: ArrayLike<number> = []
    for (const { update } of start(network)) {
      last = network.forward(scaled).toArray()
      if (update === 10) break
    }
    const now = network.forward(raw).toArray()
    for (const [i, y] of Array.from(last).entries()) expect(Math.abs(now[i]! - y)).toBeLessThan(1e-5)
  })

  it('make learnable what comes in unlike units', () => {
    const units = [1e-3, 1e3, 1]
    const unlike = formulaDataset(60)
    unlike.column('observations').set(column.map((x, i) => x * units[i % 3]!))
    const taught = argmax(tensor(given.column('actionValues'), [60, 3]), 1).toArray()
    const agreement = (options: FitOptions) => {
      const network = new MLP([3, 32, 3], new Rng(2))
      const student = finish(fitStudent(network, unlike, objective, { updates: 600, ...options })) as CategoricalPolicy
      const chosen = argmax(student.logits(tensor(unlike.column('observations'), [60, 3])), 1).toArray()
      return Array.from(chosen).filter((a, i) => a === taught[i]).length / 60
    }
    expect(agreement({})).toBeGreaterThan(0.9)
    expect(agreement({ standardize: false })).toBeLessThan(0.8)
  })

  it.each([true, false])('are what the student in a report takes, at any time; standardized: %s', (scales) => {
    const network = new MLP([3, 4, 3], new Rng(1))
    const steps = start(network, { updates: 3, standardize: scales })
    const { student, update } = steps.next().value as { student(): CategoricalPolicy; update: number }
    expect(update).toBe(1)
    const outputs = () => Array.from(student().logits(raw).toArray())
    expect(outputs()).toEqual(Array.from(network.forward(scales ? scaled : raw).toArray()))
    finish(steps)
    expect(outputs()).toEqual(Array.from(network.forward(raw).toArray()))
  })

  it('are left raw on request, after a warm start too', () => {
    const network = new MLP([3, 16, 3], new Rng(1))
    const before = saveParameters(network)
    finish(start(network, { updates: 0, standardize: false, warmStart: true }))
    expect(saveParameters(network)).toEqual(before)
  })

  it('are left raw on request', () => {
    const network = new MLP([3, 16, 3], new Rng(1))
    const before = saveParameters(network)
    finish(start(network, { updates: 0, standardize: false }))
    expect(saveParameters(network)).toEqual(before)
  })

  it('go on from a student that takes raw ones: a warm start', () => {
    const network = new MLP([3, 16, 3], new Rng(1))
    finish(start(network))
    const before = network.forward(raw).toArray()
    finish(start(network, { updates: 0, warmStart: true }))
    const after = network.forward(raw).toArray()
    for (const [i, y] of Array.from(before).entries()) expect(Math.abs(after[i]! - y)).toBeLessThan(1e-4)
  })

  it('need a first Linear layer with a bias; the message tells what to do without one', () => {
    const rng = new Rng(0)
    const networks = [
      new Sequential(new LayerNorm(3), new Linear(3, 3, rng)),
      new Sequential(relu, new Linear(3, 3, rng)),
      new Sequential(new Linear(3, 3, rng, { bias: false })),
    ]
    for (const network of networks) {
      expect(() => start(network).next()).toThrow(ValueError)
      expect(() => start(network).next()).toThrow(/pass standardize: false/)
      expect(start(network, { standardize: false }).next().done).toBe(false)
    }
    const nested = new Sequential(new Sequential(new Linear(3, 4, rng), relu), new Linear(4, 3, rng))
    expect(start(nested).next().done).toBe(false)
  })

  it('come in the number that the student takes', () => {
    expect(() => start(new MLP([5, 3], new Rng(0))).next()).toThrow(ShapeError)
  })
})

describe('minibatches', () => {
  // State i is [i, i + ½], with label 10 i. The network returns its inputs, the loss notes what it gets.
  const some = (size: number, batchSize: number, changes: Partial<Objective<unknown>> = {}, seed = 0) => {
    const given = datasetOf(
      Array.from({ length: size }, (_, i) => [i, i + 0.5]),
      new Float32Array(2 * size),
    )
    const seen: number[][] = []
    const shapes: (readonly number[] | undefined)[][] = []
    const objective: Objective<unknown> = {
      ...{ outputs: 2, width: 1, metrics: {}, student: () => null },
      labels: Float32Array.from({ length: size }, (_, i) => 10 * i),
      loss: (outputs, labels) => {
        seen.push(Array.from(labels.toArray(), (label) => label / 10))
        shapes.push([outputs.dims, labels.dims])
        const rows = seen.at(-1)!
        if (changes.inputs === undefined) expect([...outputs.toArray()]).toEqual(rows.flatMap((i) => [i, i + 0.5]))
        return mean(outputs)
      },
      ...changes,
    }
    const network: Module = { forward: (x: Tensor) => mul(x, 1), parameters: () => ({}) }
    const batches = minibatchesOf(network, given, objective, { standardize: false, batchSize, seed })
    const draw = (times: number) => {
      for (let k = 0; k < times; k++) batches.loss()
      return seen.splice(0).flat()
    }
    return { batches, draw, shapes }
  }

  it('are drawn from shuffled passes, in each of which every state occurs once; one may span two passes', () => {
    const { draw, shapes } = some(6, 4)
    const rows = draw(6)
    const passes = [0, 6, 12, 18].map((at) => rows.slice(at, at + 6))
    for (const pass of passes) expect([...pass].sort()).toEqual([0, 1, 2, 3, 4, 5])
    expect(new Set(passes.map(String)).size).toBe(4)
    expect(shapes[0]).toEqual([
      [4, 2],
      [4, 1],
    ])
    expect(some(6, 4).draw(6)).toEqual(rows)
    expect(some(6, 4, {}, 1).draw(6)).not.toEqual(rows)
  })

  it('are the whole dataset where it is smaller', () => {
    const { draw, shapes } = some(3, 64)
    expect(draw(1).sort()).toEqual([0, 1, 2])
    expect(shapes).toEqual([
      [
        [3, 2],
        [3, 1],
      ],
    ])
  })

  it('may have several inputs a state', () => {
    const { draw, shapes } = some(3, 2, { inputs: Float32Array.from({ length: 12 }, (_, i) => i) })
    draw(1)
    expect(shapes).toEqual([
      [
        [4, 2],
        [2, 1],
      ],
    ])
  })

  it('have at least as many states as the objective needs', () => {
    expect(some(4, 3, { minBatch: 3 }).draw(1)).toHaveLength(3)
    expect(() => some(4, 2, { minBatch: 3 })).toThrow('minibatches of 2 from 4 states; this target needs at least 3')
    expect(() => some(2, 5, { minBatch: 3 })).toThrow('minibatches of 2 from 2 states; this target needs at least 3')
  })

  it('name the first state that cannot be learned', () => {
    const labels = Float32Array.of(0, 1, Number.NaN, Infinity)
    expect(() => some(4, 2, { labels })).toThrow('labels is NaN in state 2; expected finite numbers')
    expect(() => some(4, 2, { labels: new Float32Array(8), width: 1 })).toThrow(
      'the objective has 8 numbers of labels, 4 states need 4',
    )
    expect(() => some(3, 2, { labels: Float32Array.of(-Infinity, 1, 1) })).toThrow('is -Infinity in state 0')
  })

  it('go on from a saved order; one that does not fit is refused and changes nothing', () => {
    const { batches, draw } = some(4, 3)
    draw(1)
    const saved = structuredClone(batches.save())
    expect([saved.order.length, saved.position]).toEqual([4, 3])
    const next = draw(5)
    batches.restore(saved)
    expect(draw(5)).toEqual(next)
    const now = structuredClone(batches.save())
    for (const wrong of [
      { order: saved.order.slice(1) },
      { order: Int32Array.of(0, 1, 2, 3, 0) },
      { order: Int32Array.of(0, 1, 2, 4) },
      { order: Int32Array.of(-1, 1, 2, 3) },
      { order: Float32Array.of(0, 1, 2.5, 3) as never },
      { position: 5 },
      { position: -1 },
      { position: 1.5 },
      { position: Number.NaN },
    ]) {
      expect(() => batches.restore({ ...saved, ...wrong }), JSON.stringify(wrong)).toThrow(CheckpointError)
      expect(batches.save()).toEqual(now)
    }
    expect(() => batches.restore({ ...saved, order: saved.order.slice(1) })).toThrow(
      'the saved order of 3 states does not fit a dataset of 4',
    )
    batches.restore({ ...saved, order: Int32Array.of(3, 0, 1, 2), position: 0 })
    expect(draw(1)).toEqual([3, 0, 1])
    batches.restore({ ...saved, position: 4 }) // the end of a pass
    expect(draw(1)).toHaveLength(3)
  })
})

describe('the learning rate', () => {
  it('falls to 0 along half a cosine', () => {
    // The gradient of the mean output is the same at each step, so Adam moves the bias by the learning rate: 0.1, then half of it.
    const given = formulaDataset(4)
    const loss = (outputs: Tensor) => mean(outputs)
    const objective = { ...prepareObjective('policy', given), loss }
    const biasAfter = (updates: number, stop: number) => {
      const network = new Linear(3, 3, new Rng(0))
      const before = network.bias!.view()[0]!
      const steps = fitStudent(network, given, objective, {
        ...{ updates, learningRate: 0.1, standardize: false, maxGradNorm: 1e9 },
      })
      for (let k = 0; k < stop; k++) steps.next()
      return before - network.bias!.view()[0]!
    }
    expect(biasAfter(1, 1)).toBeCloseTo(0.1, 5)
    expect(biasAfter(2, 1)).toBeCloseTo(0.1, 5)
    expect(biasAfter(2, 2)).toBeCloseTo(0.15, 5)
    expect(biasAfter(3, 3)).toBeCloseTo(0.1 * (1 + 0.75 + 0.25), 5)
  })
})

describe('bad input', () => {
  const objective = prepareObjective('policy', dataset)
  const start = (network: MLP, options: FitOptions = {}, given: Objective<unknown> = objective) =>
    fitStudent(network, dataset, given, options).next()
  const some = () => new MLP([4, 2], new Rng(0))

  it('a student with another action count than its teacher, before any training', () => {
    expect(() => start(new MLP([4, 8, 3], new Rng(0)))).toThrow(ShapeError)
    expect(() => start(new MLP([4, 8, 3], new Rng(0)))).toThrow(/gives 3 outputs a state; expected 2/)
  })

  it('a misspelt option, a target that does not exist, one that the teacher has no labels for', () => {
    expect(() => start(some(), { learningrate: 1 } as never)).toThrow(/"learningrate".*Did you mean "learningRate"/)
    expect(() => prepareObjective('polcy' as TargetName, dataset)).toThrow(/Did you mean "policy"/)
    const values = relabel(dataset, { stateValues: dataset.column('stateValues') }, 'critic')
    expect(() => prepareObjective('q-softmax', values)).toThrow(
      /q-softmax: learns from actionValues; the labels are actions, returns, stateValues/,
    )
  })

  it('a number of updates or a batch size that is none', () => {
    expect(() => start(some(), { updates: -1 })).toThrow(ValueError)
    for (const batchSize of [0, -3, 1.5, Number.NaN]) {
      expect(() => start(some(), { batchSize })).toThrow(/batchSize is .*; expected a whole number from 1/)
    }
  })

  it('a minibatch too small to rank states', () => {
    const ranking = prepareObjective(valueListNet, dataset)
    expect(() => start(new MLP([4, 1], new Rng(0)), { batchSize: 1 }, ranking)).toThrow(
      /minibatches of 1 from 60 states; this target needs at least 2/,
    )
  })

  it('a student whose outputs do not fit its target, for every target', () => {
    for (const name of targetsOfStates) {
      const fitting = prepareObjective(name, dataset) as Objective<unknown>
      const network = new MLP([4, 8, fitting.outputs + 1], new Rng(0))
      expect(() => start(network, {}, fitting), name).toThrow(ShapeError)
      expect(() => start(network, {}, fitting), name).toThrow(
        new RegExp(`gives ${fitting.outputs + 1} outputs a state; expected ${fitting.outputs}`),
      )
    }
    expect(() => start(new MLP([3, 2], new Rng(0)))).toThrow(ShapeError)
  })

  it('an objective of another dataset, or with numbers that are not finite', () => {
    const other = prepareObjective('policy', someDataset({ labels: 40 }))
    expect(() => start(some(), {}, other)).toThrow(
      /80 numbers of labels, 60 states need 120; prepare it from the dataset/,
    )
    const labels = objective.labels.map((each, i) => (i === 7 ? Number.NaN : each))
    expect(() => start(some(), {}, { ...objective, labels })).toThrow(/labels is NaN in state 3/)
  })

  it('leaves the network as it was', () => {
    const network = new MLP([4, 8, 2], new Rng(0))
    const before = saveParameters(network)
    const labels = objective.labels.map(() => Number.NaN)
    expect(() => start(network, {}, { ...objective, labels })).toThrow(ValueError)
    expect(() => start(network, { batchSize: 0 })).toThrow(ValueError)
    expect(() => start(network, { updates: 0.5 })).toThrow(ValueError)
    expect(saveParameters(network)).toEqual(before)
  })

  it('a loss that is not a number stops the training and names the step', () => {
    const training = () =>
      finish(fitStudent(new MLP([4, 8, 2], new Rng(0)), dataset, objective, { learningRate: 1e30, maxGradNorm: 1e30 }))
    expect(training).toThrow(DivergenceError)
    expect(training).toThrow(/of step \d+ is/)
  })
})
