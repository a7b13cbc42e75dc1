// Each target: what its students become, what they learn, and how they are read.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LabelledDataset } from '../../src/distill/dataset.ts'
import { relabel } from '../../src/distill/dataset-operations.ts'
import { fitStudent } from '../../src/distill/fit.ts'
import { prepareObjective } from '../../src/distill/objective.ts'
import { type TargetName, targetNames } from '../../src/distill/targets/index.ts'
import { Linear } from '../../src/nn/linear.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { binCentres, binValues } from '../../src/nn/value-bins.ts'
import { GaussianAgent, SquashedGaussianAgent } from '../../src/rl/continuous-policies.ts'
import {
  ActionValueAgent,
  actionScores,
  type DiscreteAgent,
  PolicyAgent,
  type StateValueAgent,
} from '../../src/rl/discrete-policies.ts'
import type { DiscretePolicy } from '../../src/rl/policy.ts'
import { finish } from '../../src/rl/training.ts'
import { argmax, Rng, softmax, tensor, ValueError } from '../../src/tensor/index.ts'
import { acting, every, type Options, prepare, valuing } from './every-target.ts'
import { datasetOf, formulaDataset, gaussianDataset } from './formula-dataset.ts'

const dataset = formulaDataset(80)
const actionValues = dataset.column('actionValues')
const stateValues = dataset.column('stateValues')
const observe = (given: LabelledDataset) => tensor(given.column('observations'), [given.size, given.observationSize])
const observations = observe(dataset)

function learn(name: TargetName, options: Options, updates = 500) {
  const objective = prepare(name, dataset, options)
  const network = new MLP([3, 32, objective.outputs], new Rng(5))
  const losses: number[] = []
  const training = fitStudent(network, dataset, objective, { updates, learningRate: 0.01, seed: 3 })
  for (;;) {
    const step = training.next()
    if (step.done) return { student: step.value, losses, network, objective }
    losses.push(step.value.loss)
  }
}

const meanOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, each) => sum + each, 0) / values.length

describe('students that act', () => {
  const best = argmax(tensor(actionValues, [dataset.size, 3]), 1).toArray()

  it.each(Object.entries(acting))('of %s choose as the teacher does, or as well', (name, [target, options]) => {
    const updates = name === 'q-mse' || name === 'q-hl-gauss' ? 1000 : 500
    const { student, losses } = learn(target, options, updates)
    const chosen = argmax(actionScores(student as DiscreteAgent, observations), 1).toArray()
    const lost = Array.from(chosen, (a, s) => stateValues[s]! - actionValues[3 * s + a]!)
    expect(meanOf(lost)).toBeLessThan(0.1) // a random choice loses 0.9; the standard deviation of Q is 0.8
    expect(meanOf(Array.from(chosen, (a, s) => Number(a === best[s])))).toBeGreaterThan(0.75)
    expect(meanOf(losses.slice(-20))).toBeLessThan(meanOf(losses.slice(0, 20)))
  })

  it('are policies where they learned logits, and action values where they learned what an action is worth', () => {
    for (const [name, [target, options]] of Object.entries(acting)) {
      const kind = /^(policy|soft-actor|expected)/.test(name) ? PolicyAgent : ActionValueAgent
      expect(learn(target, options, 0).student, name).toBeInstanceOf(kind)
    }
  })

  it('of q-hl-gauss give action values in the units of the teacher', () => {
    const { student, network, objective } = learn('q-hl-gauss', {}, 500)
    expect(objective.outputs).toBe(3 * 51)
    expect(network.forward(observations).shape).toEqual([dataset.size, 153])
    const read = (student as ActionValueAgent).actionValues(observations).toArray()
    const errors = Array.from(read, (q, i) => Math.abs(q - actionValues[i]!))
    expect(meanOf(errors)).toBeLessThan(0.5) // the values have a deviation of 8
  })
})

describe('a table of three states', () => {
  // One row of weights per state, so that nothing keeps a student from its optimum.
  const table = datasetOf(
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    [1, 0, 0.5, 10, 10.2, 9, -3, -3, -2],
  )
  const values = table.column('actionValues')
  const tau = 0.7
  const policyAt = (temperature: number) =>
    softmax(
      tensor(
        values.map((q) => q / temperature),
        [3, 3],
      ),
    ).toArray()
  const read = (name: TargetName, options: Options) => {
    const objective = prepare(name, table, options)
    const network = new Linear(3, 3, new Rng(1))
    const fitting = fitStudent(network, table, objective, { updates: 1500, learningRate: 0.05 })
    return actionScores(finish(fitting) as DiscreteAgent, observe(table))
  }
  const learned = (name: TargetName, options: Options) => softmax(read(name, options)).toArray()
  const absolute = { temperature: { absolute: tau } }
  const farthest = (q: ArrayLike<number>) => {
    const expected = policyAt(tau)
    return Math.max(...Array.from(q, (each, i) => Math.abs(each - expected[i]!)))
  }

  it.each(['policy', 'soft-actor'] as const)('%s ends at softmax(Q/τ)', (name) => {
    expect(farthest(learned(name, absolute))).toBeLessThan(1e-3)
  })

  it('q-softmax ends at Q in standard deviations of the action values, but for a constant per state', () => {
    const outputs = read('q-softmax', absolute).toArray()
    const { actionValueStd } = prepare('q-softmax', table, absolute).metrics
    for (let i = 0; i < 9; i++) {
      const first = i - (i % 3)
      expect(outputs[i]! - outputs[first]!).toBeCloseTo((values[i]! - values[first]!) / actionValueStd!, 2)
    }
  })

  it('reverse-kl and jsd end there too, but for the smoothing', () => {
    expect(farthest(learned('policy', { ...absolute, divergence: 'reverse-kl' }))).toBeLessThan(3e-3)
    for (const jsBeta of [0, 0.3, 1]) {
      expect(farthest(learned('policy', { ...absolute, divergence: 'jsd', jsBeta }))).toBeLessThan(3e-3)
    }
  })

  it('expected-regret alone ends at the best action, with entropy short of it', () => {
    expect(learned('expected-regret', {})[0]).toBeGreaterThan(0.98)
    const soft = learned('expected-regret', { entropyCoef: 1 })
    // Optimum of Σ q (max Q - Q)/σ - H(q): softmax(Q/σ)
    const optimum = policyAt(prepare('expected-regret', table).metrics.actionValueStd!)
    for (const [i, q] of soft.entries()) expect(q).toBeCloseTo(optimum[i]!, 3)
  })
})

describe('students that value states', () => {
  const errors = (student: unknown) => {
    const values = (student as StateValueAgent).stateValues(observations).toArray()
    return Array.from(values, (v, s) => v - stateValues[s]!)
  }

  it.each(valuing)('of %s give the values of the teacher, in its units', (name) => {
    const { student } = learn(name, {}, 1500)
    expect(meanOf(errors(student).map(Math.abs))).toBeLessThan(0.5) // the values have a deviation of 8
  })

  it('of value-listnet are calibrated: no error on the average of the dataset, however short the training', () => {
    for (const updates of [0, 30]) {
      const { student } = learn('value-listnet', {}, updates)
      expect(Math.abs(meanOf(errors(student)))).toBeLessThan(1e-4)
      expect(meanOf(errors(student).map(Math.abs))).toBeGreaterThan(0.1)
    }
  })

  it('value-listnet takes its temperature in deviations of the values', () => {
    expect(prepare('value-listnet', dataset).metrics.temperature).toBe(1)
    const { std, temperature } = prepare('value-listnet', dataset, { temperature: { absolute: 4 } }).metrics
    expect(temperature).toBeCloseTo(4 / std!, 6)
  })

  it('one value in all states is learned, not divided by zero', () => {
    const flat = relabel(dataset, { stateValues: new Float32Array(dataset.size).fill(7) }, 'flat')
    for (const name of valuing) {
      const objective = prepare(name, flat)
      const network = new MLP([3, 8, objective.outputs], new Rng(4))
      const student = finish(fitStudent(network, flat, objective, { updates: 300, learningRate: 0.01 }))
      for (const v of (student as StateValueAgent).stateValues(observations).toArray()) {
        expect(Math.abs(v - 7), name).toBeLessThan(0.2)
      }
    }
  })
})

describe('bins', () => {
  const valueLists = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 20 })
  const withValues = (values: readonly number[]) =>
    datasetOf(
      values.map((_, i) => [i]),
      values.flatMap((v) => [v, v - 1]),
    )
  /** The mean of each label over the bins, the values it should have, and the width of a bin. */
  const means = (name: 'value-two-hot' | 'value-hl-gauss', numbers: readonly number[]) => {
    const given = withValues(numbers)
    const { metrics, labels } = prepare(name, given)
    const { low, high } = metrics as { low: number; high: number }
    const positions =
      name === 'value-two-hot'
        ? binValues({ low, high, count: 51 })
        : Float64Array.from({ length: 51 }, (_, j) => low + (j * (high - low)) / 50)
    const expected = given.column('stateValues')
    const read = expected.map((_, i) => positions.reduce((sum, c, j) => sum + c * labels[i * 51 + j]!, 0))
    return { read, expected, width: (high - low) / 50, labels }
  }

  it('value-two-hot labels have the mean y, on two neighbours', () => {
    fc.assert(
      fc.property(valueLists, (numbers) => {
        const { read, expected, width, labels } = means('value-two-hot', numbers)
        for (const [i, mean] of read.entries()) {
          expect(Math.abs(mean - expected[i]!)).toBeLessThan(1e-5 * (width + Math.abs(expected[i]!)) + 1e-4 * width)
          expect(labels.subarray(i * 51, (i + 1) * 51).filter((p) => p > 0).length).toBeLessThanOrEqual(2)
        }
      }),
    )
  })

  it('value-hl-gauss labels have the mean y to 0.02 of a bin, on more than two', () => {
    fc.assert(
      fc.property(valueLists, (numbers) => {
        const { read, expected, width, labels } = means('value-hl-gauss', numbers)
        for (const [i, mean] of read.entries()) {
          expect(Math.abs(mean - expected[i]!)).toBeLessThan(0.02 * width + 1e-5 * Math.abs(expected[i]!))
          expect(labels.subarray(i * 51, (i + 1) * 51).filter((p) => p > 1e-3).length).toBeGreaterThan(3)
        }
      }),
    )
  })

  it('lie from 10 % of the range below the least value to 10 % above the greatest', () => {
    const { low, high } = prepare('value-two-hot', withValues([0, 5, 10])).metrics
    expect(low).toBeCloseTo(-1, 6)
    expect(high).toBeCloseTo(11, 6)
    const centres = binCentres({ low: -1, high: 11, count: 51 })
    expect(prepare('value-hl-gauss', withValues([0, 5, 10])).metrics.low).toBeCloseTo(centres[0]!, 6)
    expect(prepare('value-hl-gauss', withValues([0, 5, 10]), { bins: 9 }).outputs).toBe(9)
  })
})

describe('continuous actions', () => {
  /** One state, one dimension: a teacher N(mean, std²), or its mean alone. */
  const one = (mean: number, std: number, squashed = true) => {
    const given = gaussianDataset(1, squashed)
    const logStd = Float32Array.of(Math.log(std), 0)
    return relabel(given, { mean: Float32Array.of(mean, 0), logStd }, 'one')
  }
  const lossOf = (given: LabelledDataset, outputs: readonly number[], options: Options = {}) => {
    const { loss, labels, width } = prepare('policy', given, options)
    return loss(tensor([outputs]), tensor(labels, [given.size, width])).item()
  }

  it('forward-kl is KL(teacher ‖ student), reverse-kl KL(student ‖ teacher), worked out by hand', () => {
    // KL(N(0, 1) ‖ N(1, 2²)) = ln 2 + (1 + 1)/8 - 1/2; KL(N(1, 2²) ‖ N(0, 1)) = -ln 2 + (4 + 1)/2 - 1/2. The second dimension agrees.
    const wide = [1, 0, Math.LN2, 0]
    for (const squashed of [true, false]) {
      expect(lossOf(one(0, 1, squashed), wide)).toBeCloseTo(Math.LN2 - 0.25, 6)
      expect(lossOf(one(0, 1, squashed), wide, { divergence: 'reverse-kl' })).toBeCloseTo(2 - Math.LN2, 6)
    }
  })

  it('an action alone is learned by ½ ‖tanh z - a‖², with one dimension as with several', () => {
    const given = relabel(gaussianDataset(1, true), { mean: Float32Array.of(0.5, -1) }, 'actions')
    expect(lossOf(given, [Math.atanh(0.25), 0])).toBeCloseTo((0.25 ** 2 + 1) / 2, 6)
  })

  it('the student is of the kind of the teacher', () => {
    const student = (squashed: boolean) =>
      prepare('policy', gaussianDataset(3, squashed)).student(new MLP([2, 4], new Rng(0)))
    expect(student(true)).toBeInstanceOf(SquashedGaussianAgent)
    expect(student(false)).toBeInstanceOf(GaussianAgent)
  })

  it('reverse-kl refuses a teacher of almost no deviation, and names what to use', () => {
    const sure = one(0, 1e-4)
    expect(() => lossOf(sure, [0, 0, 0, 0], { divergence: 'reverse-kl' })).toThrow(ValueError)
    expect(() => lossOf(sure, [0, 0, 0, 0], { divergence: 'reverse-kl' })).toThrow(/logStd is -9.2.*use forward-kl/)
    expect(lossOf(sure, [0, 0, 0, 0])).toBeGreaterThan(0)
  })

  it('has no Jensen-Shannon divergence and no best of several actions', () => {
    for (const divergence of ['jsd', 'hard']) {
      expect(() => prepare('policy', gaussianDataset(3, true), { divergence })).toThrow(
        new RegExp(`divergence is ${divergence}, but formula has continuous actions; use forward-kl or reverse-kl`),
      )
    }
  })

  it('values of states are learned as of any task', () => {
    const given = relabel(
      gaussianDataset(20, true),
      {
        stateValues: gaussianDataset(20, true)
          .column('mean')
          .filter((_, i) => i % 2 === 0),
      },
      'V',
    )
    const objective = prepareObjective('value-mse', given)
    const student = finish(fitStudent(new MLP([2, 32, 1], new Rng(0)), given, objective, { updates: 1500 }))
    const values = student.stateValues(observe(given)).toArray()
    for (const [i, v] of values.entries()) expect(v).toBeCloseTo(given.column('stateValues')[i]!, 1)
  })
})

describe('the units of reward', () => {
  it.each(Object.entries(every))('change nothing in what is learned from %s', (name, [target, options]) => {
    // Times 1000 and 5000 up: another task in name only.
    const dear = relabel(
      dataset,
      {
        actionValues: actionValues.map((q) => 1000 * q + 5000),
        stateValues: stateValues.map((v) => 1000 * v + 5000),
      },
      'dear',
    )
    const outputs = (given: LabelledDataset) => {
      const objective = prepare(target, given, options)
      const network = new MLP([3, 8, objective.outputs], new Rng(5))
      finish(fitStudent(network, given, objective, { updates: 20, learningRate: 0.01 }))
      const y = Array.from(network.forward(observations).toArray())
      return name === 'value-listnet' ? y.map((each) => each - meanOf(y)) : y // its loss leaves a constant open
    }
    const plain = outputs(dataset)
    for (const [i, y] of outputs(dear).entries()) expect(Math.abs(y - plain[i]!)).toBeLessThan(0.02)
  })
})

describe('labels', () => {
  it('of advantages are without the value of the state, those of q-mse with it', () => {
    const shifted = datasetOf([[0], [1]], [1, 3, 101, 103])
    expect(Array.from(prepare('advantage-mse', shifted).labels)).toEqual([-1, 1, -1, 1])
    const values = prepare('q-mse', shifted).labels
    expect(values[0]).toBeLessThan(-0.9)
    expect(values[2]).toBeGreaterThan(0.9)
  })

  it('of the reverse divergences leave every action a probability of 1e-3 / actions, however sure the teacher', () => {
    for (const divergence of ['reverse-kl', 'jsd']) {
      const { labels } = prepare('policy', dataset, { divergence, temperature: { relative: 1e-3 } })
      const least = Math.min(...softmax(tensor(labels, [dataset.size, 3])).toArray())
      expect(least, divergence).toBeGreaterThan(0.999e-3 / 3)
      expect(least, divergence).toBeLessThan(1.001e-3 / 3)
    }
  })

  it('of a teacher with logits are its logits, for the targets that learn its policy', () => {
    const logits = Float32Array.from({ length: 240 }, (_, i) => i % 3)
    const given = relabel(dataset, { logits }, 'policy')
    expect(prepare('policy', given, { temperature: { absolute: 1 } }).labels).toEqual(logits)
    expect(() => prepare('soft-and-hard', given)).toThrow(/learns from actionValues; the labels are .*logits/)
  })

  it('of behaviour cloning are the actions played where there are no others', () => {
    const played = relabel(dataset, {}, 'demonstrations')
    const { labels } = prepare('policy', played, { divergence: 'hard' })
    expect(Array.from(labels.subarray(0, 9))).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 1]) // action i mod 3 in state i
    expect(() => prepare('policy', played)).toThrow(ValueError)
  })
})

describe('types', () => {
  it('tell which students act', () => {
    const network = new MLP([3, 3], new Rng(0))
    const acts: DiscretePolicy = prepareObjective('soft-actor', dataset).student(network)
    const values: StateValueAgent = prepareObjective('value-listnet', dataset).student(new MLP([3, 1], new Rng(0)))
    expect([acts.actionCount, values.actionCount]).toEqual([3, 3])
    // @ts-expect-error: values need a look-ahead to act
    const wrong: DiscretePolicy = prepareObjective('value-two-hot', dataset).student(new MLP([3, 51], new Rng(0)))
    expect('act' in wrong).toBe(false)
  })

  it('know the options of each target', () => {
    prepareObjective('soft-and-hard', dataset, { alpha: 0.5 })
    // @ts-expect-error: q-mse has no alpha
    expect(() => prepareObjective('q-mse', dataset, { alpha: 0.5 })).toThrow(/unknown option "alpha"/)
  })
})

describe('bad input', () => {
  it.each(targetNames)('labels that are NaN, for %s', (name) => {
    const broken = formulaDataset(80)
    broken.column('stateValues')[4] = Number.NaN
    broken.column('actionValues')[14] = Number.NaN
    expect(() => prepare(name, broken)).toThrow(ValueError)
    expect(() => prepare(name, broken)).toThrow(/is NaN in state 4; expected finite numbers/)
  })

  it('a temperature that is not positive, for every target that has one', () => {
    const names = Object.entries(every).filter(([, [target]]) => /policy|soft|listnet/.test(target))
    for (const [name, [target, options]] of names) {
      for (const tau of [0, -1, Number.NaN, Infinity]) {
        for (const temperature of [{ absolute: tau }, { relative: tau }]) {
          expect(() => prepare(target, dataset, { ...options, temperature }), name).toThrow(ValueError)
          expect(() => prepare(target, dataset, { ...options, temperature }), name).toThrow(/temperature is/)
        }
      }
    }
  })

  it('a ranking of a single state', () => {
    const single = datasetOf([[1, 2, 3]], [1, 2, 3])
    expect(() => prepare('value-listnet', single)).toThrow(/at least 2 labels, the dataset has 1/)
  })

  it.each([
    ['soft-and-hard', { alpha: 1.5 }, /alpha is 1.5; expected a number from 0 to 1/],
    ['policy', { jsBeta: -0.1 }, /jsBeta is -0.1; expected a number from 0 to 1/],
    ['policy', { divergence: 'forward' }, /divergence is "forward"; expected one of forward-kl, reverse-kl, jsd, hard/],
    ['value-huber', { delta: 0 }, /delta is 0; expected a number above 0/],
    ['expected-regret', { entropyCoef: Number.NaN }, /entropyCoef is NaN/],
    ['value-hl-gauss', { bins: 1 }, /bins is 1; expected a whole number from 2/],
    ['value-hl-gauss', { bin: 9 }, /value-hl-gauss: unknown option "bin".*Did you mean "bins"/],
  ] as const)('options out of range: %s, %o', (name, options, message) => {
    expect(() => prepare(name, dataset, options)).toThrow(ValueError)
    expect(() => prepare(name, dataset, options)).toThrow(message)
  })

  it('a target that does not exist', () => {
    expect(() => prepare('value-twohot' as TargetName, dataset)).toThrow(/Did you mean "value-two-hot"/)
    expect(() => prepare('toString' as TargetName, dataset)).toThrow(/unknown target/i)
  })
})
