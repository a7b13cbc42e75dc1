// What a round of collection costs, when it is the last one, and which options it refuses, by tiny examples.

import { describe, expect, it } from 'vitest'
import { Collector } from '../../src/distill/collecting/collector.ts'
import { type CollectorValues, collectorOptions } from '../../src/distill/collecting/collector-options.ts'
import { LabelledDataset, type TeacherFunction } from '../../src/distill/index.ts'
import { teacherOf } from '../../src/distill/teachers/teacher.ts'
import { type AnyEnv, type Discrete, defaultsOf, type EnvLike, Rollout } from '../../src/rl/index.ts'
import type { Player } from '../../src/rl/policies/policy.ts'
import { CheckpointError, ValueError } from '../../src/tensor/errors.ts'
import { constantly, corridor, pendulum } from './support.ts'

/** Episodes of one step, from the left end. */
const oneStep = () => corridor(1)
/** `size` different states that took 33 steps and 21 evaluations of a teacher. */
const statesOf = (size: number, envId = oneStep().id, width = 1) => {
  const states = Float32Array.from({ length: size * width }, (_, i) => 1 + i)
  return Rollout.ofStates(envId, width, states, 33, 21)
}
const playing = (action: number): Player => ({ actBatch: (states) => new Int32Array(states.length).fill(action) })

interface Given extends Partial<CollectorValues> {
  readonly env?: EnvLike | AnyEnv
  readonly source?: TeacherFunction
  readonly rollout?: Rollout | undefined
}

function collectorOf(given: Given = {}) {
  const { env = oneStep() as EnvLike, source = constantly(0, 1), rollout, ...values } = given
  const teacher = teacherOf(source, env as EnvLike)
  const o: CollectorValues = {
    ...{ ...defaultsOf(collectorOptions), seed: 1, labels: 12, rounds: 1, roundSteps: 100, roundStudents: 2 },
    ...({ selection: 'random', rolloutSteps: 100 } as const),
    ...values,
  }
  const collector = new Collector(teacher, env as EnvLike, o, playing(0), rollout)
  const { id, actionSpace } = env as EnvLike
  const { observationSize } = teacher.agent
  const dataset = new LabelledDataset({ envId: id, observationSize, actionSpace: actionSpace as Discrete })
  /** Collects and labels a round; whether another is worth its cost. */
  const round = (number: number, students: readonly Player[] = [playing(0)]) => {
    const goesOn = collector.collect(number, students, dataset)
    dataset.label(teacher)
    return goesOn
  }
  return { collector, dataset, round, teacher }
}

describe('the first round', () => {
  it('counts the steps of its play, and the evaluations of the teacher where that acted', () => {
    const costOf = (changes: Given) => {
      const { round, dataset } = collectorOf({ rollout: statesOf(20), ...changes })
      round(0)
      return [dataset.cost.environmentSteps.firstRound, dataset.cost.teacherEvaluations - dataset.cost.labels]
    }
    expect(costOf({})).toEqual([33, 21])
    expect(costOf({ firstBeta: 0 })).toEqual([33, 0])
    expect(costOf({ exploration: 'fixed', epsilon: 1 })).toEqual([33, 0])
    expect(costOf({ exploration: 'fixed', epsilon: 0.5 })).toEqual([33, 21])
    expect(costOf({ exploration: 'per-episode', epsilon: 1 })).toEqual([33, 21])
    expect(costOf({ rollout: undefined, rolloutSteps: 1, labels: 1, maxEpsilon: 0 })).toEqual([1, 1])
  })

  it('of sequential labels the first states; it plays no longer than it needs', () => {
    const sequential = (given: Given) => {
      const { round, dataset } = collectorOf({ selection: 'sequential', labels: 4, ...given })
      round(0)
      return [
        [...dataset.column('observations')].map((x) => Math.round(9 * x)),
        dataset.cost.environmentSteps.firstRound,
      ]
    }
    expect(sequential({ rollout: statesOf(20) })).toEqual([[9, 18, 27, 36], 33])
    // To the end of one episode, nine steps.
    const right = { env: corridor(30), exploration: 'fixed', epsilon: 0 } as const
    expect(sequential(right)).toEqual([[0, 1, 2, 3], 9])
  })

  it('of errors is that of farthest with two candidates: there is no student whose errors could be known', () => {
    const of = (changes: Given) => {
      const { round, dataset } = collectorOf({ rollout: statesOf(40), ...changes })
      round(0)
      return [...dataset.column('observations')]
    }
    expect(of({ selection: 'errors', candidates: 7 })).toEqual(of({ selection: 'farthest', candidates: 2 }))
    expect(of({ selection: 'errors', candidates: 1 })).toEqual(of({ selection: 'farthest', candidates: 1 }))
    const source = () => ({ stateValues: 1 })
    const unranked = { source, firstBeta: 0, exploration: 'fixed', epsilon: 1 } as const
    expect(of({ selection: 'errors', ...unranked })).toEqual(of({ selection: 'farthest', ...unranked }))
    expect(of({ selection: 'farthest' })).not.toEqual(of({ selection: 'farthest', candidates: 2 }))
  })
})

describe('evaluations of the teacher', () => {
  const first = (evaluations: number, changes: Given = {}) => {
    const { round, dataset } = collectorOf({ rollout: statesOf(20), evaluations, ...changes })
    const goesOn = round(0)
    return [goesOn, dataset.labels]
  }

  it('end the rounds when they are spent: 21 of play, then one per label', () => {
    expect(first(30)).toEqual([false, 9])
    expect(first(22)).toEqual([false, 1])
    expect(first(33)).toEqual([false, 12])
    expect(first(34)).toEqual([true, 12])
    expect(first(Infinity)).toEqual([true, 12])
    expect(() => first(21)).toThrow(
      "the first round's play took 21 of 21 evaluations, which leaves no label; give more evaluations or a smaller rolloutSteps",
    )
    expect(() => first(5)).toThrow('took 21 of 5 evaluations')
  })

  it('include a backward pass per output where Jacobians are labels', () => {
    // 9 evaluations are left, a label and the derivatives of its two logits cost 3.
    expect(first(30, { jacobians: true })).toEqual([false, 3])
    expect(first(32, { jacobians: true })).toEqual([false, 3])
    const { collector, dataset } = collectorOf({ rollout: statesOf(20), evaluations: 40, jacobians: true, rounds: 2 })
    dataset.cost.jacobians = 4 // 40 - 21 - 2 · 4 = 11
    expect(collector.collect(0, [], dataset)).toBe(false)
    expect(dataset.size).toBe(3)
  })

  it('of vectors include one per number of the action', () => {
    const source = () => ({ action: [0] })
    const rollout = statesOf(20, 'Pendulum-v1', 3)
    const { collector, dataset } = collectorOf({ env: pendulum(), source, rollout, evaluations: 30, jacobians: true })
    expect(collector.collect(0, [], dataset)).toBe(false)
    expect(dataset.size).toBe(4) // 9 / (1 + 1)
  })

  it('may leave no label to a later round', () => {
    const { round, dataset } = collectorOf({ rollout: statesOf(20), rounds: 2, evaluations: 27, roundSteps: 6 })
    expect(round(0)).toBe(false)
    expect([round(1), dataset.labels, dataset.cost.teacherEvaluations]).toEqual([false, 6, 27])
    const some = collectorOf({ rollout: statesOf(20), rounds: 2, evaluations: 32, roundSteps: 6 })
    expect([some.round(0), some.round(1), some.dataset.labels]).toEqual([true, false, 11])
  })
})

describe('a later round', () => {
  it('is played by its students in equal parts, rounded up', () => {
    const { round, dataset } = collectorOf({ rollout: statesOf(20), rounds: 2, roundSteps: 7 })
    round(0)
    round(1, [playing(0), playing(1)])
    expect(dataset.cost.environmentSteps).toEqual({ firstRound: 33, laterRounds: 8, choice: 0 })
    // The students acted without the teacher. They met the left end alone; the other labels are from the first play.
    expect(dataset.cost.teacherEvaluations).toBe(21 + 12)
    const states = [...dataset.column('observations')]
    expect(states.filter((x) => x === 0)).toHaveLength(1)
    expect(states).toHaveLength(12)
  })

  it('of farthest asks the teacher for labels alone', () => {
    const { round, dataset } = collectorOf({ selection: 'farthest', rollout: statesOf(20), rounds: 2, roundSteps: 7 })
    round(0)
    round(1)
    expect(dataset.cost.teacherEvaluations).toBe(21 + 12)
  })

  it('counts evaluations where the teacher shares in its play, unless all actions are random', () => {
    const costOf = (changes: Given) => {
      const { round, dataset } = collectorOf({ rollout: statesOf(20), rounds: 2, roundSteps: 7, ...changes })
      round(0)
      round(1)
      return dataset.cost.teacherEvaluations - 21 - dataset.cost.labels
    }
    expect(costOf({ betaDecay: 1, studentEpsilon: 0 })).toBe(7)
    expect(costOf({ betaDecay: 0, studentEpsilon: 0 })).toBe(0)
    expect(costOf({ betaDecay: 1, studentEpsilon: 1 })).toBe(0)
  })

  it('is played by the teacher, by the student or by both', () => {
    // The teacher walks right and the student stays; episodes of three steps.
    const actions = (changes: Given) => {
      const { round, dataset } = collectorOf({
        ...{ env: corridor(3), rollout: statesOf(20), rounds: 2, labels: 4, roundSteps: 30, studentEpsilon: 0 },
        ...changes,
      })
      round(0)
      round(1)
      return [...dataset.column('observations')].slice(2).map((x) => Math.round(9 * x))
    }
    expect(actions({ betaDecay: 1 }).every((x) => x <= 2)).toBe(true)
    expect(actions({})).toContain(0)
    expect(actions({}).filter((x) => x === 1 || x === 2)).toEqual([])
  })

  it('is the last where its students disagree in too few of the visited states', () => {
    const goesOn = (minDisagreement: number, other: number) => {
      const { round } = collectorOf({ rollout: statesOf(40), rounds: 2, roundSteps: 20, minDisagreement })
      expect(round(0)).toBe(true)
      return round(1, [playing(0), playing(other)])
    }
    expect(goesOn(0.1, 0)).toBe(false)
    expect(goesOn(0, 0)).toBe(true)
    expect(goesOn(0.1, 1)).toBe(true)
    expect(goesOn(1, 1)).toBe(true) // as many as asked for
  })

  it('of errors pays for the states that it draws, of which those that are labelled are paid once', () => {
    let asked = 0
    const source: TeacherFunction = ([x]) => {
      asked++
      return { actionValues: [0, x!] }
    }
    const { collector, dataset, teacher } = collectorOf({
      ...{ env: corridor(9), source, selection: 'errors', candidates: 4 },
      ...{ rollout: statesOf(20), rounds: 2, labels: 6, roundSteps: 60, studentEpsilon: 0.5 },
    })
    collector.collect(0, [], dataset)
    dataset.label(teacher)
    const { teacherEvaluations } = dataset.cost
    expect(teacherEvaluations).toBe(21 + 3)
    asked = 0
    collector.collect(1, [playing(1)], dataset)
    const drawn = asked
    expect(drawn).toBeGreaterThan(6)
    expect(drawn).toBeLessThanOrEqual(12) // 3 labels of 4 candidates
    expect([...dataset.column('observations')].slice(3).every((x) => x < 1)).toBe(true)
    dataset.label(teacher)
    expect(dataset.cost.teacherEvaluations).toBe(teacherEvaluations + drawn)
  })

  it('of errors has as many labels as the evaluations of its candidates leave', () => {
    // 40 - 21 - 6 = 13 evaluations are left: 3 labels of 4 candidates each.
    const source: TeacherFunction = ([x]) => ({ actionValues: [0, x!] })
    const options = { source, selection: 'errors', candidates: 4, evaluations: 40, rollout: statesOf(30) } as const
    const { round, dataset } = collectorOf({ ...options, rounds: 2, roundSteps: 60 })
    expect(round(0)).toBe(true)
    expect(round(1)).toBe(false)
    expect(dataset.labels).toBe(6 + 3)
  })
})

describe('the states that Jacobians label', () => {
  it('are those of later rounds; they are saved', () => {
    const visited = (jacobians: boolean) => {
      const { collector, round } = collectorOf({ rollout: statesOf(20), rounds: 3, roundSteps: 7, jacobians })
      round(0)
      expect(collector.save().visited).toHaveLength(0)
      round(1, [playing(0), playing(1)])
      const once = collector.save().visited.length
      round(2)
      return [once, collector.save().visited.length]
    }
    expect(visited(false)).toEqual([0, 0])
    expect(visited(true)).toEqual([8, 15])
  })

  it('are whole observations', () => {
    const rollout = statesOf(20, 'Pendulum-v1', 3)
    const { collector } = collectorOf({ env: pendulum(), source: () => ({ action: [0] }), rollout })
    const visited = Float32Array.of(1, 2, 3, 4, 5, 6)
    collector.restore({ visited })
    expect(collector.save().visited).toEqual(visited)
    for (const wrong of [visited.slice(1), [1, 2, 3], undefined]) {
      expect(() => collector.restore({ visited: wrong as never })).toThrow(CheckpointError)
      expect(() => collector.restore({ visited: wrong as never })).toThrow('saved states are not whole observations')
    }
    expect(collector.save().visited).toEqual(visited)
  })
})

describe('options', () => {
  it('of candidates: 5, and for errors 1 + 200 / labels, from 2 to 5', () => {
    // One label a round, and one state less than candidates.
    const candidates = (labels: number, steps: number, given: Given = {}) =>
      expect(() => collectorOf({ selection: 'errors', ...given, labels, rounds: labels, rolloutSteps: steps }))
    candidates(200, 1).toThrow('2 candidates in round 0 from 1 states; make rolloutSteps larger')
    candidates(400, 1).toThrow('2 candidates in round 0')
    candidates(100, 2).toThrow('3 candidates in round 0 from 2 states')
    candidates(67, 3).toThrow('4 candidates in round 0 from 3 states')
    candidates(20, 4).toThrow('5 candidates in round 0 from 4 states')
    candidates(100, 3).not.toThrow()
    candidates(100, 4, { selection: 'farthest' }).toThrow('5 candidates in round 0')
    candidates(100, 4, { source: () => ({ stateValues: 1 }), exploration: 'fixed', epsilon: 1 }).toThrow('5 candidates')
    candidates(100, 4, { candidates: 5 }).toThrow('5 candidates in round 0')
    candidates(5, 9, { roundSteps: 3, candidates: 4 }).toThrow(
      '4 candidates in round 1 from 3 states; make roundSteps larger',
    )
    expect(() => collectorOf({ candidates: 5 })).not.toThrow()
    expect(() => collectorOf({ candidates: 4 })).toThrow('candidates is 4, but selection is random')
  })

  it('leave enough states to label', () => {
    expect(() => collectorOf({ labels: 101 })).toThrow(
      '101 labels in round 0 from 100 states; make rolloutSteps larger',
    )
    for (const selection of ['sequential', 'box'] as const) {
      expect(() => collectorOf({ labels: 101, selection }), selection).not.toThrow()
    }
    expect(() => collectorOf({ labels: 100 })).not.toThrow()
    expect(() => collectorOf({ labels: 21, rollout: statesOf(20) })).toThrow('21 labels in round 0 from 20 states')
    expect(() => collectorOf({ labels: 20, rolloutSteps: 1, rollout: statesOf(20) })).not.toThrow()
    expect(() => collectorOf({ rounds: 2, roundSteps: 5, selection: 'sequential' })).toThrow(
      '6 labels in round 1 from 5 states; make roundSteps larger',
    )
  })

  it('that end by disagreement need discrete actions and two students', () => {
    const vectors = { env: pendulum(), source: () => ({ action: [0] }) } as const
    expect(() => collectorOf({ ...vectors, minDisagreement: 0.1 })).toThrow(/minDisagreement needs discrete actions; P/)
    expect(() => collectorOf({ ...vectors })).not.toThrow()
    expect(() => collectorOf({ minDisagreement: 0.1, roundStudents: 1 })).toThrow('minDisagreement needs 2 or more')
    expect(() => collectorOf({ minDisagreement: 0.1, roundStudents: 2 })).not.toThrow()
    expect(() => collectorOf({ roundStudents: 1 })).not.toThrow()
  })

  it('of a box have one round', () => {
    expect(() => collectorOf({ selection: 'box', rounds: 2 })).toThrow(ValueError)
    expect(() => collectorOf({ selection: 'box', rounds: 2 })).toThrow('selection is box in 2 rounds')
    expect(() => collectorOf({ selection: 'random', rounds: 2 })).not.toThrow()
  })

  it('give a rollout of the same environment', () => {
    expect(() => collectorOf({ rollout: statesOf(20, 'Other-v0') })).toThrow(
      `the rollout is of Other-v0 with 1 numbers per state, not of ${oneStep().id} with 1`,
    )
    expect(() => collectorOf({ rollout: statesOf(20, oneStep().id, 2) })).toThrow(/with 2 numbers per state, not of/)
  })

  it('ask for a teacher that plays where it would', () => {
    const source = () => ({ stateValues: 1 })
    const random = { exploration: 'fixed', epsilon: 1, source } as const
    const cannot = 'cannot choose actions'
    expect(() => collectorOf({ source })).toThrow(cannot)
    expect(() => collectorOf({ source, firstBeta: 0 })).not.toThrow()
    expect(() => collectorOf(random)).not.toThrow()
    expect(() => collectorOf({ ...random, rounds: 2 })).not.toThrow()
    expect(() => collectorOf({ ...random, rounds: 2, betaDecay: 0.5 })).toThrow(cannot)
    expect(() => collectorOf({ ...random, rounds: 2, betaDecay: 0.5, studentEpsilon: 1 })).not.toThrow()
    expect(() => collectorOf({ source, rollout: statesOf(20) })).not.toThrow()
    expect(() => collectorOf({ source, rollout: statesOf(20), rounds: 2, betaDecay: 0.5 })).toThrow(cannot)
  })
})

it('too few different states: are counted, with what to change', () => {
  const few = (given: Given, last = 0) => {
    const { round } = collectorOf({ env: corridor(30), exploration: 'fixed', epsilon: 0, ...given })
    return expect(() => {
      for (let number = 0; number <= last; number++) round(number)
    })
  }
  // The corridor has nine states before its end.
  few({}).toThrow(
    '9 new states in 100 steps of play; expected 12 for round 0. Use a larger rolloutSteps, or exploration fixed with a larger epsilon',
  )
  // First 12 steps, then 6 more each time, until there are 120.
  few({ selection: 'sequential' }).toThrow('9 new states in 120 steps of play; expected 12 for round 0. Use another')
  // First 11 steps, then 4 more each time, until there are 110.
  few({ selection: 'sequential', labels: 11 }).toThrow('9 new states in 111 steps of play; expected 11 for round 0')
  few({ rollout: statesOf(9), selection: 'box' }).not.toThrow()
  few({ rounds: 2, labels: 18 }, 1).toThrow('expected 9 for round 1. Use a larger rolloutSteps, or a larger roundSteps')
  const same = Rollout.ofStates(corridor(30).id, 1, new Float32Array(20), 20)
  few({ rollout: same }).toThrow('1 new states in 20 steps of play; expected 12 for round 0. Use a longer rollout, or')
})
