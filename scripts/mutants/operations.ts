// Errors in the operations and their gradient rules, in the tape, and in the scopes that own temporaries.

import { mutantsOf } from './mutant.ts'

const ops = (name: string) => [`test/tensor/ops/${name}.test.ts`, 'test/tensor/golden-ops.test.ts']

export const operationMutants = [
  ...mutantsOf('src/tensor/ops/elementwise.ts', ops('elementwise'), [
    ["map('neg', sumTo(dy, b.dims))])", 'sumTo(dy, b.dims)])'],
    ["sumTo(zip('mul', dy, b), a.dims)", "sumTo(zip('mul', dy, a), a.dims)"],
    ["sumTo(zip('mul', dy, a), b.dims)", "sumTo(zip('mul', dy, b), b.dims)"],
    ["map('neg', sumTo(zip('div', zip('mul', dy, y), b), b.dims))", "map('neg', sumTo(zip('div', dy, b), b.dims))"],
    ["map('power', a, p - 1)), p)", "map('power', a, p - 1)), p - 1)"],
    ["map('shift', b, -1)), exponent)", "map('shift', b, -2)), exponent)"],
    ['choose(exponent, slope, constant(y, 0))', 'slope'],
    ["choose(flat, constant(y, 0), zip('mul', y, map('log', base)))", "zip('mul', y, map('log', base))"],
    ["map('scale', zip('equal', winner, loser), 0.5)", "zip('equal', winner, loser)"],
    ["extremum('minimum', 'less', a, b)", "extremum('minimum', 'greater', a, b)"],
    ['sumTo(choose(mask, dy, constant(dy, 0)), a.dims)', 'sumTo(choose(mask, constant(dy, 0), dy), a.dims)'],
    ["[(dy) => zip('mul', dy, map('sign', x))]", "[(dy) => zip('mul', dy, x)]"],
    ["[(dy) => zip('div', dy, x)]", "[(dy) => zip('mul', dy, x)]"],
    ["map('scale', zip('div', dy, y), 0.5)", "zip('div', dy, y)"],
    ["map('scale', zip('mul', dy, x), 2)", "zip('mul', dy, x)"],
    ["map('neg', zip('mul', dy, map('square', y)))", "zip('mul', dy, map('square', y))"],
    ["[(dy) => map('scale', dy, p)]", '[(dy) => dy]'],
    ["withSlopeOfInput('clamp', 'clampGrad', x, low, high)", "withSlopeOfInput('clamp', 'clampGrad', x, low)"],
    ['[(dy) => zip(slope, dy, x, slope, p, q)]', '[(dy) => zip(slope, dy, x, slope)]'],
  ]),
  ...mutantsOf('src/tensor/ops/matmul.ts', ops('matmul'), [
    ['(dC) => product(dC, b, false, true), (dC)', '(dC) => product(dC, b, false, false), (dC)'],
    ['(dC) => product(a, dC, true, false)],', '(dC) => product(a, dC, false, false)],'],
    ['(dC) => view(product(view(dC, c.dims), matrix, false, true), a.dims)', '(dC) => view(dC, a.dims)'],
    [
      '(dC) => view(sumTo(product(view(dC, c.dims), wideB, false, true), left), a.dims)',
      '(dC) => view(sumTo(product(view(dC, c.dims), wideB, false, false), left), a.dims)',
    ],
    [
      '(dC) => sumTo(product(wideA, view(dC, c.dims), true, false), b.dims)',
      '(dC) => sumTo(product(wideA, view(dC, c.dims), false, false), b.dims)',
    ],
    ["(dy) => reduceNeighbours('sum', flat(dy)", "(dy) => reduceNeighbours('max', flat(dy)"],
    ["product(rows, weight, false, true, bias, 'linear')", "product(rows, weight, false, true, undefined, 'linear')"],
    ['bias === undefined ? null : bias.storage', 'null'],
  ]),
  ...mutantsOf('src/tensor/ops/cumulative.ts', ops('reduce'), [
    ['[(dy) => run(dy, true)]', '[(dy) => run(dy, false)]'],
  ]),
  ...mutantsOf('src/tensor/ops/cumulative.ts', ops('sort'), [
    ['for (let i = along.size - 2; i >= 0; i--)', 'for (let i = along.size - 3; i >= 0; i--)'],
    ['from[at(i + 1)]! * g[at(i + 1)]!', 'g[at(i + 1)]!'],
  ]),
  ...mutantsOf('src/tensor/ops/sort.ts', ops('sort'), [
    ['sign * compare(', 'compare('],
    ['(lane++ % along.inner)', '(lane++ % along.size)'],
  ]),
  ...mutantsOf('src/tensor/ops/reduce.ts', ops('reduce'), [
    ["spreadBack(map('scale', dy, share), x.dims, over)", 'spreadBack(dy, x.dims, over)'],
    ['const share = 1 / countOver(x, over)', 'const share = 1 / x.size'],
    ["map('scale', dy, 2 * divisor)", "map('scale', dy, divisor)"],
    ["zip('add', y, zip('equal', y, map('scale', y, 0)))", 'y'],
    ['choose(finite, largest, constant(largest, 0))', 'largest'],
    ["map('exp', zip('sub', x, wide)))])", "map('exp', x))])"],
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
  ...mutantsOf('src/tensor/ops/softmax.ts', ops('softmax'), [
    ["byRows('logSoftmax', 'logSoftmaxGrad', x, axis)", "byRows('logSoftmax', 'softmaxGrad', x, axis)"],
    ['customOp(back(y), [x], [dx])', 'customOp(y, [x], [dx])'],
  ]),
  ...mutantsOf('src/tensor/ops/layout.ts', ops('layout'), [
    ['[(dy) => permuted(dy, axes)]', '[(dy) => view(dy, x.dims)]'],
    ['[(dy) => permuted(dy, inverse)]', '[(dy) => permuted(dy, order)]'],
    ['axis === at ? starts[i]! : 0', '0'],
    ['x.size / known', 'x.size'],
    ['index < 0 ? index + size : index', 'index'],
  ]),
  ...mutantsOf('src/tensor/ops/indexing.ts', ops('indexing'), [
    ['const part = shorter ? slice(x, ranges) : x', 'const part = x'],
    ['value < size && Number.isInteger(value)', 'value <= size && Number.isInteger(value)'],
  ]),
  ...mutantsOf('src/tensor/ops/layer-norm.ts', ops('layer-norm'), [
    ['weight === undefined ? normal : mul(normal, weight)', 'normal'],
  ]),
  ...mutantsOf(
    'src/tensor/tensor.ts',
    ['test/tensor/autograd.test.ts', 'test/tensor/golden-ops.test.ts'],
    [
      ['return found.sort((a, b) => b.step!.order - a.step!.order)', 'return found'],
      ['  step.used = true\n', ''],
      ['if (tensor.retainsGrad) addToLeaf(tensor, gradient)', ''],
      [
        'backendOf(storage, elementwise).addInto(tensor.grad.storage, storage)',
        'backendOf(storage, transfers).copyInto(tensor.grad.storage, storage)',
      ],
      ["backend.zip('add', step.pending.storage, shape, gradient.storage, shape, shape, 0, 0)", 'gradient.storage'],
      ['    home.view().set(x.view())\n', ''],
    ],
  ),
  ...mutantsOf('src/tensor/autograd.ts', ['test/tensor/autograd.test.ts'], [['if (!isRecording()) return output', '']]),
  ...mutantsOf(
    'src/tensor/scope.ts',
    ['test/tensor/scope.test.ts'],
    [
      ['    memory.reset(mark)\n', ''],
      ['    own.open = false\n', ''],
      ['values: storage.view().slice()', 'values: storage.view()'],
      ['    enterScope(own.outer)\n', '    enterScope(null)\n'],
    ],
  ),
  ...mutantsOf(
    'src/tensor/memory.ts',
    ['test/tensor/memory.test.ts', 'test/tensor/scope.test.ts'],
    [
      ['if (top > this.limit) return this.bumpInNextChunk(bytes)', ''],
      ['if (stretch.size < size) continue', ''],
      ['this.free[at]!.size += next.size', ''],
      ['if (mark.chunk !== -1) this.top = mark.top', ''],
    ],
  ),
]
