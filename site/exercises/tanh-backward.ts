import fc from 'fast-check'
import { type Answer, compare, type Exercise, tenths } from './exercise.ts'

const answer = (expression: string) => `export function tanhBackward(y: number, dy: number): number {
  return ${expression}
}
`

export const tanhBackward: Exercise = {
  title: 'The backward rule of tanh',
  name: 'tanhBackward',
  stub: `/** y = tanh(x). Given y and the gradient dy of y, return the gradient dx of x. */
export function tanhBackward(y: number, dy: number): number {
  return 0
}
`,
  solution: answer('dy * (1 - y * y)'),
  wrong: [
    answer('1 - y * y'), // the gradient that arrives is left out
    answer('dy * (1 - y)'),
    answer('dy * (1 + y * y)'),
    answer('dy - y * y'),
    answer('dy * (1 - Math.tanh(y) ** 2)'), // takes y for x
    answer('dy * y * (1 - y)'), // the rule of the sigmoid
    answer('-dy * (1 - y * y)'),
    answer('dy * Math.sqrt(1 - y * y)'), // the rule of the sine
  ],
  property: (f: Answer) =>
    fc.property(tenths(-0.9, 0.9), tenths(-2, 2), (y, dy) => {
      compare(`y = ${y} and dy = ${dy}`, () => f(y, dy), dy * (1 - y * y))
    }),
}
