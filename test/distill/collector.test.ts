import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { playTeacher } from '../../src/distill/collector.ts'
import { distill } from '../../src/distill/distill.ts'
import type { TeacherFunction } from '../../src/distill/function-teacher.ts'
import { Teacher } from '../../src/distill/teacher.ts'
import type { TeachingAgent } from '../../src/distill/teaching-agent.ts'
import { MLP } from '../../src/nn/mlp.ts'
import { ActionValueAgent, PolicyAgent } from '../../src/rl/discrete-policies.ts'
import { make } from '../../src/rl/registry.ts'
import { Rollout } from '../../src/rl/rollout.ts'
import { makeVector } from '../../src/rl/vector/make-vector.ts'
import { Rng, ShapeError, ValueError } from '../../src/tensor/index.ts'
import {
  type Changes,
  cartPole,
  contentsOf,
  corridor,
  pendulum,
  someAgent,
  someDataset,
  somePendulumTeachers,
  someTeacher,
  statesOf,
  ways,
} from './support.ts'

/** An environment that must not be played. */
function untouchable() {
  const still = () => {
    throw new Error('a step was played')
  }
  return Object.assign(cartPole(), { step: still, reset: still })
}

const critic: TeacherFunction = () => ({ stateValues: 1 })

describe.each(Object.entries(ways))('%s', (_, way) => {
  it('labels exactly as many states as asked, each once, and counts them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 60 }), fc.integer({ min: 0, max: 1000 }), (labels, seed) => {
        const teacher = someTeacher(labels)
        const dataset = someDataset({ teacher, ...way, labels, seed, rolloutSteps: 100 })
        expect([dataset.labels, dataset.size, teacher.labels]).toEqual([labels, labels, labels])
        expect(new Set(statesOf(dataset)).size).toBe(labels)
        expect(dataset.environmentSteps).toBeGreaterThanOrEqual(labels)
      }),
      { numRuns: 6 },
    )
  })

  it('is a function of its seed', () => {
    const contents = (seed: number) => contentsOf(someDataset({ ...way, seed }))
    expect(contents(5)).toEqual(contents(5))
    expect(contents(5).columns).not.toEqual(contents(6).columns)
  })

  it('gives a dataset to train on, with the name and sizes of the environment', () => {
    const dataset = someDataset(way)
    dataset.requireUsable('test')
    dataset.requireTask('test', cartPole())
    const { selection = 'random', rounds = 1 } = way
    expect(dataset.provenance).toEqual({ selection, rounds, seed: 3, teacher: 'untrained' })
  })
})

describe('play of the teacher', () => {
  it('is kept with all labels, with V = max Q, and the returns that were seen', () => {
    const dataset = someDataset({ selection: 'sequential', labels: 6, gamma: 0.5 })
    const [actionValues, stateValues] = [dataset.column('actionValues'), dataset.column('stateValues')]
    dataset.column('returns').forEach((following, i) => {
      expect(stateValues[i]).toBe(Math.max(...actionValues.subarray(2 * i, 2 * i + 2)))
      expect(following).toBeGreaterThanOrEqual(1) // at least the reward of its own step
      expect(following).toBeLessThanOrEqual(2) // 1 + ½ + ¼ + …
    })
    expect(dataset.has('logits')).toBe(false)
  })

  it('is greedy but for epsilon', () => {
    const dataset = someDataset({ exploration: 'fixed', epsilon: 0, labels: 100 })
    const actionValues = dataset.column('actionValues')
    dataset.column('actions').forEach((action, i) => {
      const [left, right] = actionValues.subarray(2 * i, 2 * i + 2)
      expect(action).toBe(right! > left! ? 1 : 0)
    })
  })

  it('gives continuous actions their columns', () => {
    const teacher = new Teacher(somePendulumTeachers.gaussian(), 'untrained')
    const dataset = someDataset({ teacher, env: pendulum(), labels: 30, rolloutSteps: 200 })
    expect(dataset.column('actions')).toHaveLength(30)
    expect(dataset.column('mean')).toHaveLength(30)
    expect([...dataset.column('actions')].every((action) => Math.abs(action) <= 2)).toBe(true)
  })
})

describe('states that are met again and again', () => {
  const right: TeacherFunction = ([x]) => ({ logits: [0, x! + 1] })
  const few = { teacher: right, env: corridor(), studentEpsilon: 0.5, rolloutSteps: 500 }
  const repeating = Object.entries(ways).filter(([, { selection }]) => selection !== 'box')

  it.each(repeating)('are labelled once by %s', (_, way) => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 9 }), fc.integer({ min: 0, max: 1000 }), (labels, seed) => {
        const options = way.selection === 'sequential' ? { ...way, epsilon: 0.5 } : way
        const dataset = someDataset({ ...few, ...options, labels, seed })
        expect([new Set(statesOf(dataset)).size, dataset.size, dataset.labels]).toEqual([labels, labels, labels])
      }),
      { numRuns: 8 },
    )
  })

  const first = (labels: number) =>
    someDataset({
      ...{ teacher: right, env: corridor(30), selection: 'sequential', exploration: 'fixed', epsilon: 0.5 },
      ...{ labels, seed: 0 },
    })

  it('are skipped in sequential play, which goes on until enough are different', () => {
    const dataset = first(9)
    expect(new Set(statesOf(dataset)).size).toBe(9)
    expect(dataset.environmentSteps).toBeGreaterThan(9)
    expect(statesOf(first(4))).toEqual(statesOf(dataset).slice(0, 4))
  })

  it('are not played without end where fewer are different than asked', () => {
    expect(() => first(30)).toThrow(/collect: (9|10) new states in \d{3} steps of play; expected 30/)
  })
})

describe('a rollout that is given', () => {
  const rollout = playTeacher(cartPole(), someTeacher(), { seed: 8, rolloutSteps: 200 })

  it.each(['random', 'farthest', 'sequential'] as const)(
    'serves many datasets of %s: nothing is played',
    (selection) => {
      const dataset = (seed: number) => someDataset({ env: untouchable(), rollout, labels: 50, seed, selection })
      expect(contentsOf(dataset(1))).toEqual(contentsOf(dataset(1)))
      expect(dataset(1).environmentSteps).toBe(rollout.environmentSteps)
      const states = Array.from({ length: 200 }, (_, i) => rollout.observation(i).join())
      if (selection === 'sequential') expect(statesOf(dataset(1))).toEqual(states.slice(0, 50))
      else expect(statesOf(dataset(1))).not.toEqual(statesOf(dataset(2)))
      expect(states).toEqual(expect.arrayContaining(statesOf(dataset(1))))
    },
  )

  it('is what a distillation with the same options plays itself', () => {
    const options = { selection: 'sequential', labels: 50, exploration: 'fixed', epsilon: 0.2 } as const
    const play = { exploration: 'fixed', epsilon: 0.2, seed: 3, rolloutSteps: 50 } as const
    const given = playTeacher(cartPole(), someTeacher(), play)
    expect(contentsOf(someDataset({ ...options, rollout: given }))).toEqual(contentsOf(someDataset(options)))
  })

  it('may be of a teacher that cannot play, if it is random', () => {
    const random = { exploration: 'fixed', epsilon: 1, rolloutSteps: 30 } as const
    expect(playTeacher(cartPole(), critic, random).size).toBe(30)
    expect(() => playTeacher(cartPole(), critic, { rolloutSteps: 30 })).toThrow(
      /gives stateValues, so it cannot choose/,
    )
    const noted = someDataset({ teacher: critic, target: 'value-mse', rollout, labels: 20 } as Changes)
    expect([noted.size, noted.has('stateValues')]).toEqual([20, true])
  })

  it('counts the steps of all sub-environments, and more states than the label budget cost no labels', () => {
    const teacher = someTeacher(7)
    const played = playTeacher(makeVector('CartPole-v1', 5), teacher, { rolloutSteps: 60 })
    expect([played.size, played.environmentSteps % 5, teacher.labels]).toEqual([60, 0, 0])
    expect(someDataset({ teacher, rollout: played, labels: 7 }).labels).toBe(7)
  })

  it.each([
    [{ labels: 201 }, /201 labels in round 0 from 200 states; make rolloutSteps larger/],
    [
      { env: corridor(), teacher: () => ({ logits: [0, 1] }) },
      /rollout is of CartPole-v1 with 4 numbers .* not of Corr/,
    ],
    [
      { rollout: Rollout.ofStates('CartPole-v1', 3, new Float32Array(300), 0) },
      /rollout is of CartPole-v1 with 3 numbers per state, not of CartPole-v1 with 4/,
    ],
  ] as [Changes, RegExp][])('does not fit: %#', (changes, message) => {
    expect(() => someDataset({ rollout, ...changes })).toThrow(ValueError)
    expect(() => someDataset({ rollout, ...changes })).toThrow(message)
  })

  it('takes the options of play alone', () => {
    expect(() => playTeacher(cartPole(), someAgent(), { labels: 5 } as object)).toThrow(
      /playTeacher: unknown option "labels"/,
    )
    expect(() => playTeacher(cartPole(), someAgent(), { rolloutSteps: 0 })).toThrow(/rolloutSteps is 0/)
    expect(() => playTeacher(make('Acrobot-v1'), someAgent())).toThrow(ShapeError)
  })
})

describe('bad input is found before any play', () => {
  it.each([
    [{ labels: 0 }, /labels is 0; expected a whole number from 1/],
    [{ labels: 1.5 }, /labels is 1.5/],
    [{ labels: 101, rolloutSteps: 100 }, /101 labels in round 0 from 100 states; make rolloutSteps larger/],
    [{ epsilon: 2 }, /epsilon is 2; expected a number from 0 to 1/],
    [{ gamma: Number.NaN }, /gamma is NaN/],
    [{ firstBeta: -0.1 }, /firstBeta is -0.1/],
    [{ betaDecay: 1.1 }, /betaDecay is 1.1/],
    [{ rolloutSteps: 0, selection: 'box' }, /rolloutSteps is 0/],
    [{ selection: 'randm' as 'random' }, /selection is "randm"; expected one of farthest, random/],
    [{ exploration: 'fixd' as 'fixed' }, /exploration is "fixd"; expected one of per-episode, fixed/],
    [{ candidates: 0 }, /candidates is 0/],
    [{ candidates: 1.5 }, /candidates is 1.5/],
    [{ candidates: Number.NaN }, /candidates is NaN/],
    [{ rounds: 2, selection: 'box' }, /selection is box in 2 rounds; .* so use rounds 1/],
    [{ rounds: 2, selection: 'disagreement', committee: 1 }, /committee is 1; expected 2 or more/],
  ] as [Changes, RegExp][])('%j', (options, message) => {
    const collect = () => someDataset({ env: untouchable(), ...options })
    expect(collect).toThrow(ValueError)
    expect(collect).toThrow(message)
  })

  it('disagreement about continuous actions', () => {
    const teacher = new Teacher(somePendulumTeachers.gaussian(), 'untrained')
    const collect = () => someDataset({ teacher, env: pendulum(), selection: 'disagreement', rounds: 2 })
    expect(collect).toThrow(ValueError)
    expect(collect).toThrow(/selection is disagreement, which needs discrete actions; Pendulum-v1 has Box/)
  })

  it('a teacher for other spaces', () => {
    const threeActions = new ActionValueAgent(new MLP([4, 3], new Rng(0)), 4, 3)
    expect(() => distill(cartPole(), threeActions)).toThrow(/chooses among 3 actions; CartPole-v1 has Discrete/)
    expect(() => distill(make('Acrobot-v1'), someTeacher())).toThrow(ShapeError)
  })

  it('a teacher that cannot play, unless nobody asks it to', () => {
    const learned = { teacher: critic, target: 'value-mse' } as Changes
    expect(() => someDataset({ ...learned, labels: 5 })).toThrow(
      /teacher "CartPole-v1" gives stateValues, so it cannot choose actions; play at random/,
    )
    const random = { exploration: 'fixed', epsilon: 1 } as const
    expect(someDataset({ ...learned, ...random, labels: 5 }).size).toBe(5)
    expect(() => someDataset({ ...learned, ...random, rounds: 2 })).toThrow(
      /the dataset of CartPole-v1 has no "actionValues"; it has .*stateValues/,
    )
    // It would play in the second round.
    const agent: TeachingAgent = {
      observationSize: 4,
      actionCount: 2,
      logits: new PolicyAgent(new MLP([4, 2], new Rng(0)), 4, 2).logits,
    }
    const later = { ...random, rounds: 2, betaDecay: 0.5 }
    expect(() => someDataset({ teacher: agent, env: untouchable(), ...later })).toThrow(/cannot choose actions/)
  })
})

it('more labels than the teacher may give are refused', () => {
  expect(() => someDataset({ teacher: someTeacher(10), labels: 11 })).toThrow(/11 more states after 0; .* may label 10/)
})

it('observations that are not numbers are refused', () => {
  const policy = new PolicyAgent(new MLP([4, 2], new Rng(0)), 4, 2)
  expect(() => policy.act(Float32Array.of(0, Number.NaN, 0, 0))).toThrow(/observation is NaN at place 1/)
})
