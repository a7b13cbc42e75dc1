// Each target: what its students become, what they learn, and how they are read.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ActingTargetName,
  prepareTarget,
  type TargetName,
  type TargetOptions,
  targetNames,
} from '../../src/distill/targets.ts'
import { trainStudent } from '../../src/distill/train-student.ts'
import { saveParameters } from '../../src/nn/checkpoint.ts'
import { Linear } from '../../src/nn/linear.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { binCentres, binValues } from '../../src/nn/value-bins.ts'
import { ActionValueAgent, actionScores, PolicyAgent, type StateValueAgent } from '../../src/rl/discrete-policies.ts'
import type { DiscretePolicy } from '../../src/rl/policy.ts'
import { finish } from '../../src/rl/training.ts'
import { argmax, Rng, softmax, tensor, ValueError } from '../../src/tensor/index.ts'
import { formulaSet, setOf } from './targets-set.ts'

const set = formulaSet(80)
const observations = tensor(set.observations, [set.size, set.observationSize])

function learn<Name extends TargetName>(name: Name, updates = 500, options: TargetOptions = {}) {
  const target = prepareTarget(name, set, options)
  const network = new MLP([3, 32, target.outputs], new Rng(5))
  const losses: number[] = []
  const training = trainStudent(network, set, target, { updates, learningRate: 0.01, seed: 3 })
  for (;;) {
    const step = training.next()
    if (step.done) return { student: step.value, losses, network, target }
    losses.push(step.value.loss)
  }
}

const meanOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, each) => sum + each, 0) / values.length

describe('students that act', () => {
  const best = argmax(tensor(set.actionValues!, [set.size, 3]), 1).toArray()
  const acting: ActingTargetName[] = [
    'policy',
    'reverseKL',
    'jensenShannon',
    'teacherCritic',
    'regret',
    'hard',
    'actionValues',
    'actionValuesMse',
    'advantages',
    'mix',
    'hlGaussQ',
  ]

  it.each(acting)('of %s choose as the teacher does, or as well', (name) => {
    const { student, losses } = learn(name, name === 'actionValuesMse' || name === 'hlGaussQ' ? 1000 : 500)
    const chosen = argmax(actionScores(student, observations), 1).toArray()
    const lost = Array.from(chosen, (a, s) => set.stateValues![s]! - set.actionValues![3 * s + a]!)
    expect(meanOf(lost)).toBeLessThan(0.1) // a random choice loses 0.9, an action gap is 0.8
    expect(meanOf(Array.from(chosen, (a, s) => Number(a === best[s])))).toBeGreaterThan(0.75)
    expect(meanOf(losses.slice(-20))).toBeLessThan(meanOf(losses.slice(0, 20)))
  })

  it('are policies where they learned logits, and action values where they learned what an action is worth', () => {
    for (const name of ['policy', 'reverseKL', 'jensenShannon', 'teacherCritic', 'regret', 'hard'] as const) {
      expect(learn(name, 0).student, name).toBeInstanceOf(PolicyAgent)
    }
    for (const name of ['actionValues', 'actionValuesMse', 'advantages', 'mix', 'hlGaussQ', 'returns'] as const) {
      expect(learn(name, 0).student, name).toBeInstanceOf(ActionValueAgent)
    }
  })

  it('of hlGaussQ give action values in the teacher’s units', () => {
    const { student, network, target } = learn('hlGaussQ', 500)
    expect(target.outputs).toBe(3 * 51)
    expect(network.forward(observations).shape).toEqual([set.size, 153])
    const read = student.actionValues!(observations).toArray()
    const off = Array.from(read, (q, i) => Math.abs(q - set.actionValues![i]!))
    expect(meanOf(off)).toBeLessThan(0.5) // the values have a deviation of 8
  })
})

describe('a table of three states', () => {
  // One row of weights a state, so that nothing keeps a student from its optimum.
  const table = setOf(
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    [1, 0, 0.5, 10, 10.2, 9, -3, -3, -2],
  )
  const tau = 0.7
  const expected = softmax(
    tensor(
      table.actionValues!.map((q) => q / tau),
      [3, 3],
    ),
  ).toArray()
  const learned = (name: ActingTargetName, options: TargetOptions = {}) => {
    const target = prepareTarget(name, table, { temperature: { kind: 'abs', value: tau }, ...options })
    const network = new Linear(3, 3, new Rng(1))
    const student = finish(trainStudent(network, table, target, { updates: 1500, learningRate: 0.05 }))
    return softmax(actionScores(student, tensor(table.observations, [3, 3]))).toArray()
  }
  const farthest = (q: ArrayLike<number>) => Math.max(...Array.from(q, (each, i) => Math.abs(each - expected[i]!)))

  it.each(['policy', 'teacherCritic'] as const)('%s ends at softmax(Q/τ)', (name) => {
    expect(farthest(learned(name))).toBeLessThan(1e-3)
  })

  it('actionValues ends at Q in action gaps, but for a constant a state', () => {
    const target = prepareTarget('actionValues', table, { temperature: { kind: 'abs', value: tau } })
    const network = new Linear(3, 3, new Rng(1))
    const student = finish(trainStudent(network, table, target, { updates: 1500, learningRate: 0.05 }))
    const read = student.actionValues!(tensor(table.observations, [3, 3])).toArray()
    for (let i = 0; i < 9; i++) {
      const first = i - (i % 3)
      const wanted = (table.actionValues![i]! - table.actionValues![first]!) / target.settings.gap!
      expect(read[i]! - read[first]!).toBeCloseTo(wanted, 2)
    }
  })

  it('reverseKL and jensenShannon end there too, but for the floor', () => {
    expect(farthest(learned('reverseKL'))).toBeLessThan(3e-3)
    for (const jsBeta of [0, 0.3, 1]) expect(farthest(learned('jensenShannon', { jsBeta }))).toBeLessThan(3e-3)
  })

  it('regret alone ends at the best action, with an entropy bonus short of it', () => {
    expect(learned('regret')[0]).toBeGreaterThan(0.98)
    const soft = learned('regret', { entropyBonus: 1 })
    // Optimum of Σ q (V - Q)/gap - H(q): softmax(Q/gap)
    const { gap } = prepareTarget('regret', table).settings
    const optimum = softmax(
      tensor(
        table.actionValues!.map((q) => q / gap!),
        [3, 3],
      ),
    ).toArray()
    for (const [i, q] of soft.entries()) expect(q).toBeCloseTo(optimum[i]!, 3)
  })
})

describe('students that value states', () => {
  const off = (student: StateValueAgent) => {
    const values = student.stateValues(observations).toArray()
    return Array.from(values, (v, s) => v - set.stateValues![s]!)
  }

  it.each(['stateValues', 'stateValuesHuber', 'listwise', 'twoHot', 'hlGauss'] as const)(
    'of %s give the teacher’s values, in its units',
    (name) => {
      const { student } = learn(name, 1500)
      expect(meanOf(off(student).map(Math.abs))).toBeLessThan(0.5) // the values have a deviation of 8
    },
  )

  it('of listwise are calibrated: no error on the average of the set, however short the training', () => {
    for (const updates of [0, 30]) {
      const { student } = learn('listwise', updates)
      expect(Math.abs(meanOf(off(student)))).toBeLessThan(1e-4)
      expect(meanOf(off(student).map(Math.abs))).toBeGreaterThan(0.1)
    }
  })

  it('listwise takes its temperature in deviations of the values', () => {
    expect(prepareTarget('listwise', set).settings.tau).toBe(1)
    const { deviation, tau } = prepareTarget('listwise', set, { temperature: { kind: 'abs', value: 4 } }).settings
    expect(tau).toBeCloseTo(4 / deviation!, 6)
  })

  it('of literal are read as they come', () => {
    const { student, network, losses } = learn('literal', 200)
    expect(student.stateValues(observations).toArray()).toEqual(network.forward(observations).toArray())
    expect(losses.at(-1)).toBeLessThan(losses[0]!)
  })

  it('of literalKeras have learned nothing: every bit is as it was', () => {
    const target = prepareTarget('literalKeras', set)
    const network = new MLP([3, 8, 1], new Rng(4))
    const before = saveParameters(network)
    const student = finish(trainStudent(network, set, target, { updates: 50, scaleObservations: false }))
    expect(saveParameters(network)).toEqual(before)
    expect(student.stateValues(observations).toArray()).toEqual(network.forward(observations).toArray())
  })

  it('one value in all states is learned, not divided by zero', () => {
    const flat = { ...set, stateValues: new Float32Array(set.size).fill(7) }
    for (const name of ['stateValues', 'stateValuesHuber', 'listwise', 'twoHot', 'hlGauss'] as const) {
      const target = prepareTarget(name, flat)
      const network = new MLP([3, 8, target.outputs], new Rng(4))
      const student = finish(trainStudent(network, flat, target, { updates: 300, learningRate: 0.01 }))
      for (const v of student.stateValues(observations).toArray()) expect(Math.abs(v - 7), name).toBeLessThan(0.2)
    }
  })
})

describe('bins', () => {
  const values = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 20 })
  const withValues = (stateValues: number[]) => ({
    ...setOf(
      stateValues.map((_, i) => [i]),
      stateValues.flatMap((v) => [v, v - 1]),
    ),
  })
  /** The mean of each label over the bins, the values it should have, and the width of a bin. */
  const means = (name: 'twoHot' | 'hlGauss', numbers: number[]) => {
    const given = withValues(numbers)
    const target = prepareTarget(name, given)
    const { low, high } = target.settings
    const ends = { low: low!, high: high!, count: 51 }
    const positions =
      name === 'twoHot'
        ? binValues(ends)
        : Float64Array.from({ length: 51 }, (_, j) => low! + (j * (high! - low!)) / 50)
    const read = given.stateValues!.map((_, i) =>
      positions.reduce((sum, c, j) => sum + c * target.labels[i * 51 + j]!, 0),
    )
    return { read, wanted: given.stateValues!, width: (high! - low!) / 50, target }
  }

  it('twoHot labels have the mean y, on two neighbours', () => {
    fc.assert(
      fc.property(values, (numbers) => {
        const { read, wanted, width, target } = means('twoHot', numbers)
        for (const [i, mean] of read.entries()) {
          expect(Math.abs(mean - wanted[i]!)).toBeLessThan(1e-5 * (width + Math.abs(wanted[i]!)) + 1e-4 * width)
          expect(target.labels.subarray(i * 51, (i + 1) * 51).filter((p) => p > 0).length).toBeLessThanOrEqual(2)
        }
      }),
    )
  })

  it('hlGauss labels have the mean y to 0.02 of a bin, on more than two', () => {
    fc.assert(
      fc.property(values, (numbers) => {
        const { read, wanted, width, target } = means('hlGauss', numbers)
        for (const [i, mean] of read.entries()) {
          expect(Math.abs(mean - wanted[i]!)).toBeLessThan(0.02 * width + 1e-5 * Math.abs(wanted[i]!))
          expect(target.labels.subarray(i * 51, (i + 1) * 51).filter((p) => p > 1e-3).length).toBeGreaterThan(3)
        }
      }),
    )
  })

  it('lie from 10 % below the least value to 10 % above the greatest', () => {
    const { low, high } = prepareTarget('twoHot', withValues([0, 5, 10])).settings
    expect(low).toBeCloseTo(-1, 6)
    expect(high).toBeCloseTo(11, 6)
    const centres = binCentres({ low: -1, high: 11, count: 51 })
    expect(prepareTarget('hlGauss', withValues([0, 5, 10])).settings.low).toBeCloseTo(centres[0]!, 6)
    expect(prepareTarget('hlGauss', withValues([0, 5, 10]), { bins: 9 }).outputs).toBe(9)
  })
})

describe('the units of reward', () => {
  const acting = targetNames.filter((name) => !/^(literal|returns)/.test(name))

  it.each(acting)('change nothing in what is learned from %s', (name) => {
    // Times 1000 and 5000 up: another task in name only.
    const dear = {
      ...set,
      actionValues: set.actionValues!.map((q) => 1000 * q + 5000),
      stateValues: set.stateValues!.map((v) => 1000 * v + 5000),
    }
    const outputs = (given: typeof set) => {
      const target = prepareTarget(name, given)
      const network = new MLP([3, 8, target.outputs], new Rng(5))
      finish(trainStudent(network, given, target, { updates: 20, learningRate: 0.01 }))
      const y = Array.from(network.forward(observations).toArray())
      return name === 'listwise' ? y.map((each) => each - meanOf(y)) : y // its loss leaves a constant open
    }
    const plain = outputs(set)
    for (const [i, y] of outputs(dear).entries()) expect(Math.abs(y - plain[i]!)).toBeLessThan(0.02)
  })
})

describe('labels', () => {
  it('of advantages are without the state’s own value, those of actionValuesMse with it', () => {
    const shifted = setOf([[0], [1]], [1, 3, 101, 103])
    const advantages = prepareTarget('advantages', shifted).labels
    expect(Array.from(advantages)).toEqual([-1, 1, -1, 1])
    const values = prepareTarget('actionValuesMse', shifted).labels
    expect(values[0]).toBeLessThan(-0.9)
    expect(values[2]).toBeGreaterThan(0.9)
  })

  it('of the reverse divergences leave every action a share of 1e-3 / actions, however sure the teacher', () => {
    for (const name of ['reverseKL', 'jensenShannon'] as const) {
      const { labels } = prepareTarget(name, set, { temperature: { kind: 'gap', c: 1e-3 } })
      const least = Math.min(...softmax(tensor(labels, [set.size, 3])).toArray())
      expect(least, name).toBeGreaterThan(0.999e-3 / 3)
      expect(least, name).toBeLessThan(1.001e-3 / 3)
    }
  })

  it('of a teacher with logits are its logits, for the targets that learn its policy', () => {
    const logits = Float32Array.from({ length: 240 }, (_, i) => i % 3)
    const { actionValues: _, ...without } = set
    const target = prepareTarget('policy', { ...without, logits }, { temperature: { kind: 'abs', value: 1 } })
    expect(target.labels).toEqual(logits)
    expect(() => prepareTarget('mix', { ...without, logits })).toThrow(/gave no actionValues; it gave logits/)
  })
})

describe('types', () => {
  it('say which students act', () => {
    const network = new MLP([3, 3], new Rng(0))
    const acts: DiscretePolicy = prepareTarget('teacherCritic', set).student(network)
    const values: StateValueAgent = prepareTarget('listwise', set).student(new MLP([3, 1], new Rng(0)))
    expect([acts.actionCount, values.actionCount]).toEqual([3, 3])
    // @ts-expect-error: values need a look-ahead to act
    const wrong: DiscretePolicy = prepareTarget('twoHot', set).student(new MLP([3, 51], new Rng(0)))
    expect('act' in wrong).toBe(false)
  })
})

describe('bad input', () => {
  it.each(targetNames)('labels that are NaN, for %s', (name) => {
    const spoilt = set.returns.map((each, i) => (i === 4 ? Number.NaN : each))
    const values = set.actionValues!.map((each, i) => (i === 14 ? Number.NaN : each))
    const broken = { ...set, stateValues: spoilt, returns: spoilt, actionValues: values }
    expect(() => prepareTarget(name, broken)).toThrow(ValueError)
    expect(() => prepareTarget(name, broken)).toThrow(/hold NaN for state 4; expected finite numbers/)
  })

  it('a temperature that is not positive, for every target that has one', () => {
    const names = ['policy', 'reverseKL', 'jensenShannon', 'teacherCritic', 'actionValues', 'mix', 'listwise'] as const
    for (const name of names) {
      for (const tau of [0, -1, Number.NaN, Infinity]) {
        for (const temperature of [{ kind: 'abs', value: tau } as const, { kind: 'gap', c: tau } as const]) {
          expect(() => prepareTarget(name, set, { temperature }), name).toThrow(ValueError)
          expect(() => prepareTarget(name, set, { temperature }), name).toThrow(/temperature is/)
        }
      }
    }
  })

  it('a ranking of a single state', () => {
    const single = setOf([[1, 2, 3]], [1, 2, 3])
    for (const name of ['listwise', 'literal'] as const) {
      expect(() => prepareTarget(name, single)).toThrow(/at least 2 labels; the set has 1/)
    }
  })

  it.each([
    [{ mixAlpha: 1.5 }, /mixAlpha is 1.5; it must be from 0 to 1/],
    [{ jsBeta: -0.1 }, /jsBeta is -0.1; it must be from 0 to 1/],
    [{ huberDelta: 0 }, /huberDelta is 0; it must be a positive/],
    [{ entropyBonus: Number.NaN }, /entropyBonus is NaN/],
    [{ bins: 1 }, /bins is 1; expected a whole number from 2/],
  ] as const)('options out of range: %o', (options, message) => {
    expect(() => prepareTarget('hlGauss', set, options)).toThrow(ValueError)
    expect(() => prepareTarget('hlGauss', set, options)).toThrow(message)
  })

  it('a target that nobody knows', () => {
    expect(() => prepareTarget('twohot' as TargetName, set)).toThrow(/Did you mean "twoHot"/)
    expect(() => prepareTarget('toString' as TargetName, set)).toThrow(/unknown target/i)
  })
})
