import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DatasetColumns, LabelledDataset } from '../../src/distill/dataset.ts'
import { loadDataset, saveDataset } from '../../src/distill/dataset-files.ts'
import { concatDatasets, relabel, selectRows } from '../../src/distill/dataset-operations.ts'
import { make } from '../../src/rl/registry.ts'
import { Box, Discrete } from '../../src/rl/spaces.ts'
import { ShapeError, ValueError } from '../../src/tensor/index.ts'
import { cartPole, contentsOf, pendulum, someDataset, somePendulumTeachers } from './support.ts'

const some = someDataset()
const discrete = { envId: 'Somewhere-v0', observationSize: 2, actionSpace: new Discrete(3) }
const continuous = { envId: 'Elsewhere-v0', observationSize: 1, actionSpace: new Box([-1, -2], [1, 2]), squashed: true }

/** The columns of a dataset, some of them changed. */
function columnsOf(dataset: LabelledDataset, changes: Partial<DatasetColumns> = {}): DatasetColumns {
  return { ...(dataset.save().columns as unknown as DatasetColumns), ...changes }
}

describe('a labelled dataset', () => {
  it('grows row by row, and asks the teacher about each row once', () => {
    const dataset = new LabelledDataset(discrete)
    const asked: number[][] = []
    const teacher = {
      label(observations: Float32Array, count: number) {
        asked.push(Array.from(observations))
        return { logits: Float32Array.from({ length: 3 * count }, (_, i) => observations[0]! + i) }
      },
    }
    dataset.add({ observation: Float32Array.of(1, 2), action: [2], return: 0.5 })
    dataset.add({ observation: Float32Array.of(3, 4), action: [0], return: 1.5 })
    dataset.label(teacher)
    dataset.add({ observation: Float32Array.of(5, 6), action: [1], return: 2.5 })
    dataset.label(teacher)
    dataset.label(teacher)
    expect(asked).toEqual([
      [1, 2, 3, 4],
      [5, 6],
    ])
    expect([dataset.size, dataset.labels]).toEqual([3, 3])
    expect(dataset.column('observations')).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6))
    expect(dataset.column('actions')).toEqual(Float32Array.of(2, 0, 1))
    expect(dataset.column('returns')).toEqual(Float32Array.of(0.5, 1.5, 2.5))
    expect(dataset.column('logits')).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6, 5, 6, 7))
    expect([dataset.contains(Float32Array.of(3, 4)), dataset.contains(Float32Array.of(4, 3))]).toEqual([true, false])
  })

  it('keeps its counts when it is cleared, and still contains its states', () => {
    const dataset = someDataset()
    const state = dataset.observation(0).slice()
    dataset.clear()
    expect([dataset.size, dataset.labels, dataset.contains(state)]).toEqual([0, 40, true])
    expect(dataset.environmentSteps).toBe(some.environmentSteps)
  })

  it('has columns as wide as its task, for continuous actions too', () => {
    const dataset = LabelledDataset.of(continuous, {
      observations: Float32Array.of(1, 2),
      actions: [0, 1, 0.5, 1],
      mean: Float32Array.of(1, 2, 3, 4),
      logStd: Float32Array.of(0, 0, 0, 0),
    })
    expect([dataset.size, dataset.numActions, dataset.actionSize]).toEqual([2, 0, 2])
    expect(
      ['observations', 'actions', 'returns', 'mean', 'stateValues'].map((name) => dataset.width(name as 'mean')),
    ).toEqual([1, 2, 1, 2, 1])
    expect(dataset.isPlayed).toBe(false) // there are actions, but no returns
  })

  it('names the columns that it has where it is asked for another', () => {
    expect(() => some.column('logits')).toThrow(
      /CartPole-v1 has no "logits"; it has observations, actions, returns, actionValues, stateValues/,
    )
    expect(some.scores()).toEqual(some.column('actionValues'))
  })

  it('must not be empty, and its numbers are finite', () => {
    const of = (columns: DatasetColumns) => () => LabelledDataset.of(some.spec, columns)
    expect(of({ observations: new Float32Array(0) })).toThrow(/LabelledDataset.of: the dataset is empty/)
    const actionValues = some.column('actionValues').slice()
    actionValues[7] = Number.NaN
    expect(of(columnsOf(some, { actionValues }))).toThrow(/actionValues is NaN in state 3; expected finite numbers/)
    expect(of(columnsOf(some, { actionValues }))).toThrow(ValueError)
    expect(of(columnsOf(some, { returns: new Float32Array(39) }))).toThrow(
      /39 numbers of returns for 40 states; expected 40/,
    )
    expect(of(columnsOf(some, { observations: new Float32Array(159) }))).toThrow(ShapeError)
  })

  it('has actions that exist', () => {
    const actions = some.column('actions').slice()
    actions[5] = 2
    expect(() => LabelledDataset.of(some.spec, columnsOf(some, { actions }))).toThrow(
      /the action of state 5 is 2; expected 0 to 1/,
    )
  })

  it('of another environment is refused', () => {
    expect(() => some.requireTask('distill', make('Acrobot-v1'))).toThrow(
      /distill: the dataset is of CartPole-v1, the environment is Acrobot-v1/,
    )
    const three = LabelledDataset.of(
      { ...some.spec, actionSpace: new Discrete(3) },
      { observations: new Float32Array(4) },
    )
    expect(() => three.requireTask('distill', cartPole())).toThrow(ShapeError)
    const steering = someDataset({ env: pendulum(), teacher: somePendulumTeachers.gaussian() })
    expect(() => steering.requireTask('distill', pendulum())).not.toThrow()
    const wide = LabelledDataset.of({ ...steering.spec, actionSpace: new Box([-3], [3]) }, columnsOf(steering))
    expect(() => wide.requireTask('distill', pendulum())).toThrow(/actions Box.*; Pendulum-v1 has 3 and Box/)
  })

  it('restores what it saved, and knows its states again', () => {
    const back = new LabelledDataset(some.spec)
    back.restore(structuredClone(some.save()))
    back.provenance = some.provenance
    expect(contentsOf(back)).toEqual(contentsOf(some))
    expect(back.contains(some.observation(7))).toBe(true)
  })

  it('can be cut: the given rows in the given order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 39 }), { minLength: 1 }), (rows) => {
        const part = selectRows(some, Int32Array.from(rows))
        expect(part.size).toBe(rows.length)
        rows.forEach((row, i) => {
          expect(part.observation(i)).toEqual(some.observation(row))
          expect(part.column('returns')[i]).toBe(some.column('returns')[row])
          expect(part.column('actionValues').subarray(2 * i, 2 * i + 2)).toEqual(
            some.column('actionValues').subarray(2 * row, 2 * row + 2),
          )
        })
      }),
      { numRuns: 20 },
    )
  })

  it('can be labelled anew: the states and what they cost stay, the labels and their teacher change', () => {
    const anew = relabel(some, { logits: new Float32Array(80) }, 'another')
    expect(anew.column('observations')).toEqual(some.column('observations'))
    expect(anew.column('returns')).toEqual(some.column('returns'))
    expect([anew.has('actionValues'), anew.labels, anew.environmentSteps]).toEqual([false, 40, some.environmentSteps])
    expect(anew.provenance).toEqual({ ...some.provenance, teacher: 'another' })
  })
})

describe('two datasets as one', () => {
  const [a, b] = [someDataset({ seed: 1 }), someDataset({ seed: 2, labels: 30, selection: 'sequential' })]

  it('are the states of both, budgets and provenance included', () => {
    const both = concatDatasets(a, b)
    both.requireUsable('test')
    expect([both.size, both.labels]).toEqual([70, 70])
    expect(both.environmentSteps).toBe(a.environmentSteps + b.environmentSteps)
    for (const name of ['observations', 'actionValues', 'actions'] as const) {
      expect(both.column(name)).toEqual(Float32Array.from([...a.column(name), ...b.column(name)]))
    }
    expect(both.provenance).toEqual({
      selection: 'random + sequential',
      rounds: 1,
      seed: 1,
      teacher: 'untrained',
      parts: [a.provenance, b.provenance],
    })
    expect(contentsOf(loadDataset(saveDataset(both)))).toEqual(contentsOf(both))
    const third = someDataset({ seed: 3 })
    expect(concatDatasets(both, third).provenance.parts).toEqual([a, b, third].map(({ provenance }) => provenance))
  })

  it('may have continuous actions', () => {
    const [one, other] = [1, 2].map((seed) =>
      someDataset({ seed, env: pendulum(), teacher: somePendulumTeachers.gaussian() }),
    )
    const both = concatDatasets(one!, other!)
    expect([both.size, both.squashed]).toEqual([80, true])
    expect(both.column('logStd')).toEqual(Float32Array.from([...one!.column('logStd'), ...other!.column('logStd')]))
  })

  const { stateValues: _, ...withoutValues } = columnsOf(b)
  const { actions: __, returns: ___, ...notPlayed } = columnsOf(b)
  it.each([
    [{ ...b.spec, envId: 'Acrobot-v1' }, columnsOf(b), /the first dataset has CartPole-v1, the second Acrobot-v1/],
    [b.spec, withoutValues, /actions,returns,actionValues,stateValues, the second .*actions,returns,actionValues$/],
    [b.spec, notPlayed, /the first dataset has observations,actions,returns.*, the second observations,actionValues/],
    [
      b.spec,
      columnsOf(b, { observations: a.column('observations').slice(0, 120) }),
      /state 0 of the second dataset is also in the first/,
    ],
  ])('that do not go together are refused', (spec, columns, message) => {
    const other = LabelledDataset.of(spec, columns)
    expect(() => concatDatasets(a, other)).toThrow(ValueError)
    expect(() => concatDatasets(a, other)).toThrow(message)
  })

  it('of other sizes are refused', () => {
    const narrow = LabelledDataset.of({ ...b.spec, observationSize: 2 }, { observations: b.column('observations') })
    expect(() => concatDatasets(a, narrow)).toThrow(/has 4 numbers and Discrete\(0 … 1\), the second 2 numbers/)
    expect(() => concatDatasets(a, narrow)).toThrow(ShapeError)
  })
})
