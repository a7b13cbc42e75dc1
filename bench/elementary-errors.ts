// Errors of the kernels of exp, log, tanh and similar functions: at every 257th float, or with
// `npm run bench -- elementary-errors 1 exp` at every float (seven minutes per function). elementary.ts holds the figures
// and states which floats they are from.

import { type ElementaryName, exactly, largestErrors } from '../test/tensor/backends/wasm/largest-errors.ts'
import { printRow } from './lib/table.ts'

const stride = Number(process.argv[2] ?? 257)
const names = (process.argv.length > 3 ? process.argv.slice(3) : Object.keys(exactly)) as ElementaryName[]

printRow(`largest error, every ${stride}. float`, 'ulp', 'at', 'absolute*', 'at')
for (const name of names) {
  const { ulps, ulpsAt, error, errorAt } = largestErrors(name, stride)
  printRow(name, ulps, ulpsAt.toPrecision(6), error.toExponential(1), errorAt.toPrecision(6))
}
console.log('* relative where the result is larger than 1')
