import fc from 'fast-check'
import { type Answer, compare, type Exercise, shown, tenthsList } from './exercise.ts'

interface Layer {
  weight: number[][]
  bias: number[]
}

const answer = (sum: string, activation: string) => `/** weight[i][j] leads from input i to output j. */
interface Layer { weight: number[][]; bias: number[] }

/** The outputs of a network: each layer is x W + b, and all but the last are followed by tanh. */
export function forward(layers: Layer[], x: number[]): number[] {
  layers.forEach(({ weight, bias }, l) => {
    const z = ${sum}
    x = ${activation}
  })
  return x
}
`

const SUM = 'bias.map((b, j) => x.reduce((sum, xi, i) => sum + xi * weight[i][j], b))'
const ACTIVATION = 'l < layers.length - 1 ? z.map(Math.tanh) : z'

const layer = (inputs: number, outputs: number): fc.Arbitrary<Layer> =>
  fc.record({
    weight: fc.array(tenthsList(outputs), { minLength: inputs, maxLength: inputs }),
    bias: tenthsList(outputs),
  })
const width = fc.integer({ min: 1, max: 3 })
const networks = fc
  .tuple(width, width, width, width)
  .chain(([a, b, c, d]) => fc.tuple(fc.tuple(layer(a, b), layer(b, c), layer(c, d)), tenthsList(a)))

function outputs(layers: readonly Layer[], x: readonly number[]): readonly number[] {
  return layers.reduce((values, { weight, bias }, l) => {
    const z = bias.map((b, j) => values.reduce((sum, value, i) => sum + value * weight[i]![j]!, b))
    return l < layers.length - 1 ? z.map(Math.tanh) : z
  }, x)
}

export const forwardPass: Exercise = {
  title: 'A forward pass by hand',
  name: 'forward',
  stub: answer('bias', 'z'),
  solution: answer(SUM, ACTIVATION),
  wrong: [
    answer(SUM, 'z.map(Math.tanh)'), // tanh after the last layer too
    answer(SUM, 'z'), // no activation
    answer('bias.map((b, j) => x.reduce((sum, xi, i) => sum + xi * weight[i][j], 0))', ACTIVATION), // no bias
    answer('bias.map((b, j) => x.reduce((sum, xi, i) => sum + xi * weight[j][i], b))', ACTIVATION), // transposed
    answer(SUM, 'l < layers.length - 1 ? z.map((v) => Math.max(0, v)) : z'), // relu
    answer(SUM, 'l === 0 ? z.map(Math.tanh) : z'), // after the first layer alone
    answer(SUM, 'l > 0 ? z.map(Math.tanh) : z'), // after all but the first
    answer('bias.map((b, j) => x.reduce((sum, xi, i) => sum + xi * weight[i][j] + b, 0))', ACTIVATION), // the bias once an input
  ],
  property: (f: Answer) =>
    fc.property(networks, ([layers, x]) => {
      const words = layers.map(({ weight, bias }) => `{ weight: ${shown(weight)}, bias: ${shown(bias)} }`).join(', ')
      compare(`layers = [${words}] and x = ${shown(x)}`, () => f(layers, x), outputs(layers, x))
    }),
}
