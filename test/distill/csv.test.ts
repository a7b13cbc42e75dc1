import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { labelledSetFromCsv, labelledSetToCsv } from '../../src/distill/csv.ts'
import { labelKinds } from '../../src/distill/labelled-set.ts'
import { ShapeError, ValueError } from '../../src/tensor/index.ts'
import { someSet } from './support.ts'

const table = 'observation_0,observation_1,q_0,q_1,action,return\n0.5,-1,2,3,1,10\n-0.25,4,1e-3,0,0,7.5\n'
const read = (text: string, actionCount?: number) =>
  labelledSetFromCsv(text, {
    envId: 'Somewhere-v0',
    teacher: 'by hand',
    ...(actionCount !== undefined && { actionCount }),
  })

describe('a table of labelled states', () => {
  it('is read by the names of its columns', () => {
    expect(read(table)).toEqual({
      envId: 'Somewhere-v0',
      observationSize: 2,
      actionCount: 2,
      size: 2,
      observations: Float32Array.of(0.5, -1, -0.25, 4),
      actions: Int32Array.of(1, 0),
      returns: Float32Array.of(10, 7.5),
      actionValues: Float32Array.of(2, 3, 1e-3, 0),
      provenance: { mode: 'csv', seed: 0, teacher: 'by hand' },
      labels: 2,
      environmentSteps: 0,
    })
  })

  it('may have its columns in any order, quoted fields, CRLF, a byte order mark, blank lines and no end of line', () => {
    const odd =
      '\ufeff"return",q_1,"observation_1",q_0,action,observation_0\r\n"10",3,-1, 2 ,1,0.5\r\n\r\n7.5,0,4,"1e-3",0,-.25'
    expect(read(odd)).toEqual(read(table))
  })

  it('needs neither labels nor play', () => {
    const set = read('observation_0,value\n1,2\n', 3)
    expect([set.actionCount, set.labels, set.actions.length, set.returns.length]).toEqual([3, 1, 0, 0])
    expect(set.stateValues).toEqual(Float32Array.of(2))
    expect(read('observation_0,action,return\n1,2,3\n', 3).labels).toBe(0)
  })

  it('comes back with all its bits', () => {
    const { provenance: _, environmentSteps: __, envId: ___, ...numbers } = someSet()
    const { provenance: _a, environmentSteps: _b, envId: _c, ...back } = read(labelledSetToCsv(someSet()))
    expect(back).toEqual(numbers)
    const float = fc.float({ noNaN: true, noDefaultInfinity: true })
    fc.assert(
      fc.property(fc.array(fc.tuple(float, float, float), { minLength: 1, maxLength: 5 }), (rows) => {
        const set = {
          ...someSet(),
          size: rows.length,
          observationSize: 1,
          observations: Float32Array.from(rows, ([x]) => x),
          actions: new Int32Array(0),
          returns: new Float32Array(0),
          actionValues: Float32Array.from(rows.flatMap(([, a, b]) => [a, b])),
          stateValues: Float32Array.from(rows, ([, a]) => a),
        }
        const again = read(labelledSetToCsv(set))
        const same = (a: Float32Array, b: Float32Array) =>
          expect(Array.from(a, (x) => x + 0)).toEqual(Array.from(b, (x) => x + 0))
        same(again.observations, set.observations)
        for (const kind of labelKinds) if (set[kind] !== undefined) same(again[kind]!, set[kind])
      }),
    )
  })
})

describe('a bad table', () => {
  it.each([
    ['', ValueError, /expected a line of column names and at least one line of numbers/],
    ['observation_0,q_0,q_1\n', ValueError, /at least one line of numbers/],
    ['observation_0,q_0,q_1\n1,2\n', ShapeError, /line 2 has 2 fields; the header has 3/],
    ['observation_0,q_0,q_1\n1,2,3\n\n1,x,3\n', ValueError, /line 4, column q_0: "x"; expected a finite number/],
    ['observation_0,q_0,q_1\n1,,3\n', ValueError, /line 2, column q_0: ""/],
    ['observation_0,q_0,q_1\n1,1e39,3\n', ValueError, /line 2, column q_0: "1e39"/],
    ['observation_0,q_0,q_1\n1,NaN,3\n', ValueError, /line 2, column q_0/],
    [
      'observation_0,q_0,q_1,action\n1,2,3,2\n',
      ValueError,
      /line 2: the action is 2; expected a whole number from 0 to 1/,
    ],
    ['observation_0,q_0,q_1,action\n1,2,3,0.5\n', ValueError, /the action is 0.5/],
    ['observation_0,q_0,q_2\n1,2,3\n', ValueError, /line 1: there is a column q_2 but not all before it/],
    ['observation_0,q_0,q_0\n1,2,3\n', ValueError, /line 1: the column q_0 is there twice/],
    ['observation_0,valu\n1,2\n', ValueError, /unknown column "valu".* Did you mean "value"/],
    ['q_0,q_1\n1,2\n', ValueError, /no column observation_0/],
    ['observation_0,value\n1,2\n', ValueError, /the number of actions is unknown; give actionCount/],
    ['observation_0,q_0,q_1,logit_0\n1,2,3,4\n', ValueError, /1 or 2 actions\?/],
    ['observation_0,q_0,q_1\n"1,2,3\n', ValueError, /line 2: a quote where none can be/],
    ['observation_0,q_0,q_1\n"1"x,2,3\n', ValueError, /line 2: a quote/],
  ])('%j', (text, kind, message) => {
    expect(() => read(text)).toThrow(kind)
    expect(() => read(text)).toThrow(message)
  })
})
