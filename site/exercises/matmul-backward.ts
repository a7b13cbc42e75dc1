import fc from 'fast-check'
import { type Answer, compare, type Exercise, shown, tenthsList } from './exercise.ts'

type Matrix = number[][]

const HELPERS = `type Matrix = number[][]

const transpose = (a: Matrix): Matrix => a[0].map((_, j) => a.map((row) => row[j]))
const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => transpose(b).map((column) => row.reduce((sum, x, i) => sum + x * column[i], 0)))
`

const answer = (da: string, db: string) => `${HELPERS}
/** C = A B. Given A, B and the gradient dC of C, return the gradients [dA, dB]. */
export function matmulBackward(A: Matrix, B: Matrix, dC: Matrix): [Matrix, Matrix] {
  return [${da}, ${db}]
}
`

const transpose = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!))
const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => transpose(b).map((column) => row.reduce((sum, x, i) => sum + x * column[i]!, 0)))

const side = fc.integer({ min: 1, max: 3 })
const matrix = (rows: number, columns: number) => fc.array(tenthsList(columns), { minLength: rows, maxLength: rows })
const inputs = fc
  .tuple(side, side, side)
  .chain(([m, k, n]) => fc.record({ a: matrix(m, k), b: matrix(k, n), dc: matrix(m, n) }))

export const matmulBackward: Exercise = {
  title: 'Both backward rules of a product',
  name: 'matmulBackward',
  stub: answer('A', 'B'),
  solution: answer('product(dC, transpose(B))', 'product(transpose(A), dC)'),
  wrong: [
    answer('product(dC, B)', 'product(A, dC)'), // no transposes: the sizes fit squares alone
    answer('product(transpose(A), dC)', 'product(dC, transpose(B))'), // exchanged
    answer('product(dC, transpose(B))', 'product(dC, transpose(A))'),
    answer('transpose(product(B, transpose(dC)))', 'transpose(product(transpose(A), dC))'),
    answer('product(dC.map((row) => row.map(() => 1)), transpose(B))', 'product(transpose(A), dC)'), // ones for dC
    answer('product(dC, transpose(B))', 'product(transpose(A), dC.map((row) => row.map(() => 1)))'),
    answer('product(dC, transpose(B))', 'B'),
    answer('product(dC, transpose(B))', 'product(transpose(A), dC).map((row) => row.map((x) => x / A.length))'), // a mean
  ],
  property: (f: Answer) =>
    fc.property(inputs, ({ a, b, dc }) => {
      const given = `A = ${shown(a)}, B = ${shown(b)} and dC = ${shown(dc)}`
      compare(given, () => f(a, b, dc), [product(dc, transpose(b)), product(transpose(a), dc)])
    }),
}
