// Errors in the operations and their gradient rules, in the tape, and in the scopes that own temporaries.

import { mutantsOf } from './mutant.ts'

const ops = (name: string) => [`test/tensor/ops/${name}.test.ts`, 'test/tensor/golden-ops.test.ts']
const table = 'test/gradient-cases.test.ts'

export const operationMutants = [
  ...mutantsOf(
    'src/tensor/ops/elementwise.ts',
    [...ops('elementwise'), table],
    [
      ['neg(sumTo(dy, b.dims))])', 'sumTo(dy, b.dims)])'],
      ['sumTo(mul(dy, b), a.dims)', 'sumTo(mul(dy, a), a.dims)'],
      ['sumTo(mul(dy, a), b.dims)', 'sumTo(mul(dy, b), b.dims)'],
      ['neg(sumTo(div(mul(dy, y), b), b.dims))', 'neg(sumTo(div(dy, b), b.dims))'],
      ['mul(mul(dy, pow(a, p - 1)), p))', 'mul(mul(dy, pow(a, p - 1)), p - 1))'],
      ['add(b, -1)), exponent)', 'add(b, -2)), exponent)'],
      ['pow(select(isRegular, base, constant(y, 1)), add(b, -1))', 'pow(base, add(b, -1))'],
      ['select(exponent, slope, add(slope, 0))', 'select(exponent, slope, zero)'],
      ['log(select(flat, constant(y, 1), base))', 'log(base)'],
      ["map('scale', zip('equal', winner, loser), 0.5)", "zip('equal', winner, loser)"],
      ["extremum('minimum', 'less', a, b)", "extremum('minimum', 'greater', a, b)"],
      ["[(dy) => mul(dy, map('sign', x))]", '[(dy) => mul(dy, x)]'],
      ['[(dy) => div(dy, x)]', '[(dy) => mul(dy, x)]'],
      ['mul(div(dy, y), 0.5)', 'div(dy, y)'],
      ['times(timesEach(dy, x), 2)', 'timesEach(dy, x)'],
      ['neg(mul(dy, square(y)))', 'mul(dy, square(y))'],
      ['[(dy) => times(dy, p)]', '[(dy) => dy]'],
      ["zip('greater', isSame, zip('equal', apart, apart))", 'isSame'],
      [
        "withSlopeOfInput('clamp', 'clampGrad', null, x, low, high)",
        "withSlopeOfInput('clamp', 'clampGrad', null, x, low)",
      ],
      ['zip(slope, dy, v, slope, p, q)', 'zip(slope, dy, v, slope)'],
      ['timesEach(timesEach(g, dy), curvature(v, p))', 'timesEach(g, curvature(v, p))'],
      ["'tanhGrad', (y) => times(y, -2)", "'tanhGrad', (y) => times(y, 2)"],
      ['plusEach(du, timesEach(times(x, 0.5), bend))', 'plusEach(du, timesEach(x, bend))'],
    ],
  ),
  ...mutantsOf('src/tensor/ops/recorded.ts', ops('elementwise'), [
    ['select(mask, dy, constant(dy, 0))', 'select(mask, constant(dy, 0), dy)'],
  ]),
  ...mutantsOf('src/tensor/ops/matmul.ts', ops('matmul'), [
    ['recordedProduct(dC, b, false, !transposeB)', 'recordedProduct(dC, b, false, transposeB)'],
    ['recordedProduct(a, dC, !transposeA, false)', 'recordedProduct(a, dC, transposeA, false)'],
    ['recordedProduct(b, dC, transposeB, true)', 'recordedProduct(b, dC, !transposeB, true)'],
    ['recordedProduct(dC, a, true, transposeA)', 'recordedProduct(dC, a, true, !transposeA)'],
    ["reductions).reduce('sum', x.storage, view)", "reductions).reduce('max', x.storage, view)"],
    ["product(rows, weight, false, true, bias, 'linear')", "product(rows, weight, false, true, undefined, 'linear')"],
    ['bias === undefined ? null : bias.storage', 'null'],
  ]),
  ...mutantsOf('src/tensor/ops/along-axis.ts', ops('reduce'), [
    ['linearOp(x, run(false), run(true))', 'linearOp(x, run(false), run(false))'],
  ]),
  ...mutantsOf(
    'src/tensor/ops/along-axis.ts',
    [...ops('sort'), table],
    [
      ['for (let i = along.size - 2; i >= 0; i--)', 'for (let i = along.size - 3; i >= 0; i--)'],
      ['factors[at(i + 1)]! * r[at(i + 1)]!', 'r[at(i + 1)]!'],
      ['reverse ? [dh(dy), result] : [result, dh(dy)]', '[dh(dy), result]'],
    ],
  ),
  ...mutantsOf('src/tensor/ops/along-axis.ts', ops('sort'), [
    ['sign * compare(', 'compare('],
    ['(lane++ % along.inner)', '(lane++ % along.size)'],
  ]),
  ...mutantsOf('src/tensor/ops/reduce.ts', ops('reduce'), [
    ['spreadBack(mul(dy, share), x.dims, over)', 'spreadBack(dy, x.dims, over)'],
    ['const share = 1 / countOver(x, over)', 'const share = 1 / x.size'],
    ['mul(dy, 2 * divisor)', 'mul(dy, divisor)'],
    [
      'const safe = select(y, y, constant(y, Infinity))\n    return mul(spreadBack(mul(',
      'const safe = y\n    return mul(spreadBack(mul(',
    ],
    ['choose(finite, largest, constant(largest, 0))', 'largest'],
    ['exp(sub(x, reshaped(y, wide.dims)))', 'exp(x)'],
    [
      "const ties = reduceAxes('sum', isExtreme, over, keepDims)",
      "const ties = reduceAxes('max', isExtreme, over, keepDims)",
    ],
  ]),
  ...mutantsOf(
    'src/tensor/ops/primitives.ts',
    ['test/tensor/ops/elementwise.test.ts', 'test/tensor/ops/reduce.test.ts'],
    [
      ['shape[axis - added] === 1 && dy.dims[axis] !== 1', 'false'],
      ['[...kept, ...axes]', '[...axes, ...kept]'],
    ],
  ),
  ...mutantsOf('src/tensor/ops/rows.ts', ops('softmax'), [
    ["byRows('logSoftmax', 'logSoftmaxGrad', x, axis)", "byRows('logSoftmax', 'softmaxGrad', x, axis)"],
    ['const output = back(y)', 'const output = y'],
    ['sub(mul(g, sub(dy, sum(mul(dy, y), axis, true))), mul', 'sub(mul(g, dy), mul'],
  ]),
  ...mutantsOf('src/tensor/ops/layout.ts', ops('layout'), [
    ['linearOp(x, by(order), by(inverse))', 'linearOp(x, by(order), by(order))'],
    ['narrow(dy, at, start, size)', 'narrow(dy, at, 0, size)'],
    ['x.size / known', 'x.size'],
    ['index < 0 ? index + size : index', 'index'],
  ]),
  ...mutantsOf('src/tensor/ops/indexing.ts', ops('indexing'), [
    ['const part = shorter ? slice(x, ranges) : x', 'const part = x'],
    ['value < size && Number.isInteger(value)', 'value <= size && Number.isInteger(value)'],
  ]),
  ...mutantsOf('src/tensor/ops/rows.ts', ops('layer-norm'), [
    ['weight === undefined ? normal : mul(normal, weight)', 'normal'],
    ['mul(dy, average(g))', 'mul(dy, average(dy))'],
  ]),
  ...mutantsOf(
    'src/tensor/autograd/tensor.ts',
    ['test/tensor/autograd/autograd.test.ts', 'test/tensor/autograd/grad.test.ts', 'test/tensor/golden-ops.test.ts'],
    [
      ['    step.used = true\n', ''],
      ['if (tensor.retainsGrad && targets === null) addToLeaf(tensor, gradient)', ''],
      ['if (!isRecording()) return output', ''],
      ['gradient.requiresGrad && isRecording() && !passed.requiresGrad', 'false'],
      ['isRecording() || tensor.grad?.requiresGrad', 'isRecording()'],
      [
        'backendOf(storage, elementwise).addInto(tensor.grad.storage, storage)',
        'backendOf(storage, transfers).copyInto(tensor.grad.storage, storage)',
      ],
      ["backendOf(storage, elementwise).zip('add', sum.storage, dims, storage, dims, dims, 0, 0)", 'storage'],
      ['    home.view().set(x.view())\n', ''],
    ],
  ),
  ...mutantsOf(
    'src/tensor/autograd/graph.ts',
    ['test/tensor/autograd/autograd.test.ts', 'test/tensor/autograd/grad.test.ts'],
    [
      ['return found.sort((a, b) => b.step!.order - a.step!.order)', 'return found'],
      ['(x.step !== null && x.step.order >= targets.since)', 'x.step !== null'],
    ],
  ),
  ...mutantsOf(
    'src/tensor/autograd/scope.ts',
    ['test/tensor/autograd/scope.test.ts'],
    [
      ['    memory.reset(mark)\n', ''],
      ['    own.open = false\n', ''],
      ['values: storage.view().slice()', 'values: storage.view()'],
      ['    enterScope(own.outer)\n', '    enterScope(null)\n'],
    ],
  ),
  ...mutantsOf(
    'src/tensor/memory.ts',
    ['test/tensor/memory.test.ts', 'test/tensor/autograd/scope.test.ts'],
    [
      ['if (top > this.limit) return this.bumpInNextChunk(bytes)', ''],
      ['if (stretch.size < size) continue', ''],
      ['this.free[at]!.size += next.size', ''],
      ['if (mark.chunk !== -1) this.top = mark.top', ''],
    ],
  ),
]
