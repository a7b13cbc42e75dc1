import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Box, Discrete } from '../../src/data/spaces.ts'
import { columnNames, LabelledDataset } from '../../src/distill/dataset/dataset.ts'
import { noCost } from '../../src/distill/dataset/provenance.ts'
import { type CsvOptions, datasetFromCsv, datasetToCsv, loadDataset, saveDataset } from '../../src/distill/index.ts'
import { ShapeError, ValueError } from '../../src/tensor/index.ts'
import { forAll } from '../support/property.ts'
import { contentsOf, pendulum, someDataset, somePendulumTeachers } from './support.ts'

const table = 'observation_0,observation_1,q_0,q_1,action,return\n0.5,-1,2,3,1,10\n-0.25,4,1e-3,0,0,7.5\n'
const read = (text: string, options: Partial<CsvOptions> = {}) =>
  datasetFromCsv(text, { envId: 'Somewhere-v0', teacher: 'by hand', ...options })

/** The columns of a dataset, -0 as 0. */
const numbersOf = (dataset: LabelledDataset) =>
  columnNames.filter((name) => dataset.has(name)).map((name) => [name, Array.from(dataset.column(name), (x) => x + 0)])

describe('a table of labelled states', () => {
  it('is read by the names of its columns', () => {
    expect(contentsOf(read(table))).toEqual({
      envId: 'Somewhere-v0',
      observationSize: 2,
      actionSpace: new Discrete(2),
      squashed: false,
      size: 2,
      cleared: new Float32Array(),
      columns: {
        observations: Float32Array.of(0.5, -1, -0.25, 4),
        actions: Float32Array.of(1, 0),
        returns: Float32Array.of(10, 7.5),
        actionValues: Float32Array.of(2, 3, 1e-3, 0),
      },
      provenance: { selection: 'csv', rounds: 1, seed: 0, teacher: 'by hand' },
      labelled: 2,
      cost: { ...noCost(), labels: 2, teacherEvaluations: 2 },
    })
  })

  it('may have its columns in any order, quoted fields, CRLF, a byte order mark, blank lines and no end of line', () => {
    const odd =
      '\ufeff"return",q_1,"observation_1",q_0,action,observation_0\r\n"10",3,-1, 2 ,1,0.5\r\n\r\n7.5,0,4,"1e-3",0,-.25'
    expect(contentsOf(read(odd))).toEqual(contentsOf(read(table)))
  })

  it('needs neither labels nor play', () => {
    const actionSpace = new Discrete(3)
    const dataset = read('observation_0,value\n1,2\n', { actionSpace })
    expect([dataset.numActions, dataset.labels, dataset.isPlayed]).toEqual([3, 1, false])
    expect(dataset.column('stateValues')).toEqual(Float32Array.of(2))
    expect(read('observation_0,action,return\n1,2,3\n', { actionSpace }).labels).toBe(0)
  })

  it('may have continuous actions: a column per number, one of several or one alone', () => {
    const actionSpace = new Box([-1, -1], [1, 1])
    const two = read('observation_0,mean_1,mean_0,log_std_0,log_std_1,action_0,action_1\n1,2,3,4,5,6,7\n', {
      actionSpace,
    })
    expect(two.column('mean')).toEqual(Float32Array.of(3, 2))
    expect(two.column('logStd')).toEqual(Float32Array.of(4, 5))
    expect(two.column('actions')).toEqual(Float32Array.of(6, 7))
    const one = read('observation_0,mean_0,action\n1,2,-0.5\n', { actionSpace: new Box([-1], [1]) })
    expect(one.column('actions')).toEqual(Float32Array.of(-0.5))
  })

  it.each(['gaussian', 'deterministic'] as const)('comes back with all its bits: %s', (kind) => {
    const dataset = someDataset({ env: pendulum(), teacher: somePendulumTeachers[kind]() })
    const { envId, actionSpace, squashed } = dataset
    const back = read(datasetToCsv(dataset), { envId, actionSpace, squashed })
    expect({ ...contentsOf(back), provenance: 0, cost: 0 }).toEqual({ ...contentsOf(dataset), provenance: 0, cost: 0 })
    expect(datasetToCsv(dataset).split('\n')[0]).toBe(
      `observation_0,observation_1,observation_2,action,return,mean_0${kind === 'gaussian' ? ',log_std_0' : ''}`,
    )
  })

  it('comes back with all its bits, whatever the numbers', () => {
    const dataset = someDataset()
    expect(numbersOf(read(datasetToCsv(dataset)))).toEqual(numbersOf(dataset))
    const float = fc.float({ noNaN: true, noDefaultInfinity: true })
    forAll([fc.array(fc.tuple(float, float, float), { minLength: 1, maxLength: 5 })], (rows) => {
      const given = LabelledDataset.of(
        { envId: 'Somewhere-v0', observationSize: 1, actionSpace: new Discrete(2) },
        {
          observations: Float32Array.from(rows, ([x]) => x),
          actionValues: Float32Array.from(rows.flatMap(([, a, b]) => [a, b])),
          stateValues: Float32Array.from(rows, ([, a]) => a),
        },
      )
      expect(numbersOf(read(datasetToCsv(given)))).toEqual(numbersOf(given))
    })
  })
})

describe('the action space of a table', () => {
  it('is that of its actions: choices in one column of small whole numbers, else vectors between the extremes', () => {
    const spaceOf = (text: string) => String(read(text).actionSpace)
    expect(spaceOf('observation_0,action\n1,0\n2,2\n')).toBe('Discrete(0 … 2)')
    expect(spaceOf('observation_0,action\n1,0\n2,256\n')).toBe('Box([0] … [256])')
    expect(spaceOf('observation_0,action\n1,-1\n2,2\n')).toBe('Box([-1] … [2])')
    expect(spaceOf('observation_0,action_0,action_1\n1,0,3\n2,0.5,3\n')).toBe('Box([0, 3] … [0.5, 4])')
  })

  it('leaves room for episodes, which are kept with the states', () => {
    const dataset = read('episode,observation_0,action\n7,1,0\n7,2,1\n8,3,1\n')
    expect(dataset.column('episodes')).toEqual(Float32Array.of(7, 7, 8))
    expect(loadDataset(saveDataset(dataset)).column('episodes')).toEqual(Float32Array.of(7, 7, 8))
    expect(dataset.isLabelled).toBe(false)
  })
})

describe('a bad table', () => {
  it.each([
    ['', ValueError, /expected column names, then lines of numbers/],
    ['observation_0,q_0,q_1\n', ValueError, /then lines of numbers/],
    ['observation_0,q_0,q_1\n1,2\n', ShapeError, /line 2 has 2 fields; the header has 3/],
    [
      'observation_0,q_0,q_1\n1,2,3\n\n1,x,3\n',
      ValueError,
      /line 4, column q_0: "x"; expected a finite decimal number/,
    ],
    ['observation_0,q_0,q_1\n1,,3\n', ValueError, /line 2, column q_0: ""/],
    ['observation_0,q_0,q_1\n1,1e39,3\n', ValueError, /line 2, column q_0: "1e39"/],
    ['observation_0,q_0,q_1\n1,NaN,3\n', ValueError, /line 2, column q_0/],
    [
      'observation_0,q_0,q_1,action\n1,2,3,2\n',
      ValueError,
      /line 2: the action is 2; expected a whole number from 0 to 1/,
    ],
    ['observation_0,q_0,q_1,action\n1,2,3,0.5\n', ValueError, /the action is 0.5/],
    ['observation_0,q_0,q_2\n1,2,3\n', ValueError, /line 1: the column q_2 exists but not all before it/],
    ['observation_0,q_0,q_0\n1,2,3\n', ValueError, /line 1: the column q_0 occurs twice/],
    ['observation_0,valu\n1,2\n', ValueError, /unknown column "valu".* Did you mean "value"/],
    ['q_0,q_1\n1,2\n', ValueError, /no column observation_0/],
    ['observation_0,value\n1,2\n', ValueError, /the number of actions is unknown; give actionSpace/],
    ['observation_0,q_0,q_1,logit_0\n1,2,3,4\n', ValueError, /1 or 2 actions\?/],
    ['observation_0,q_0,q_1\n"1,2,3\n', ValueError, /line 2: a quoted field without an end/],
    ['observation_0,q_0,q_1\n1"2,2,3\n', ValueError, /line 2: a quote inside an unquoted field/],
    ['observation_0,q_0,q_1\n"1"x,2,3\n', ValueError, /line 2: "x" after a quoted field/],
  ])('%j', (text, kind, message) => {
    expect(() => read(text)).toThrow(kind)
    expect(() => read(text)).toThrow(message)
  })

  it('has as many columns as the action space has numbers', () => {
    const actionSpace = new Box([-1, -1], [1, 1])
    expect(() => read('observation_0,mean_0\n1,2\n', { actionSpace })).toThrow(
      /1 numbers of mean for 1 states; expected 2/,
    )
  })
})

it('keeps labels of successors', () => {
  const dataset = someDataset({ target: 'value-successors' as never, labels: 4 })
  const again = datasetFromCsv(datasetToCsv(dataset), { envId: dataset.envId, actionSpace: dataset.actionSpace })
  for (const name of ['successors', 'successorRewards', 'successorDiscounts', 'successorValues'] as const) {
    expect(again.column(name)).toEqual(dataset.column(name))
  }
})
