// Functions over one axis in gpu.js. A thread computes the stages of a rule (../kernels/lines.ts) for one line: a reduction in one
// kernel; softmax and standardisation in two, first the stages of each line, then the elements.

import type { AxisView, Reductions, RunningSums } from '../../tensor/backends/backend.ts'
import type { Storage } from '../../tensor/storage.ts'
import { zips } from '../kernels/elementwise.ts'
import { ElementFunction, toJavaScript } from '../kernels/functions.ts'
import { type AlongLines, type LineRule, lineFunctions, lineRules } from '../kernels/lines.ts'
import { type KernelThis, program, textKernel } from './program.ts'
import type { Runner } from './runner.ts'

/** Length from which a full sum is computed in parts. */
const IN_PARTS_FROM = 1024

const EMPTY = { sum: 0, max: -Infinity, min: Infinity }

/** What rules call. NaN is the only number that is neither at least 0 nor below it. */
const helpers = {
  maximum: zips.maximum,
  minimum: zips.minimum,
  placeOf: new ElementFunction(
    'placeOf',
    'x best place none',
    'if (x == best) { return place; } if (x >= 0.0 || x < 0.0) { return none; } return place;',
  ),
}

export function overAxes(on: Runner): Reductions & RunningSums & ReturnType<typeof lineFunctions> {
  const alongLines: AlongLines = (name, inputs, view, ...settings) => {
    const rule: LineRule = lineRules[name]
    const { sizes, width, height } = threadsOf(view)
    if (rule.perLine) {
      const kernel = textKernel(name, () => stagesText(rule, `return ${rule.result};`))
      return on.run(
        program(kernel, sizes, width, height, helpers),
        inputs,
        [],
        name.startsWith('arg') ? 'int32' : 'float32',
      )
    }
    const { outer, size } = view
    if (size === 0) return on.fill(0, 0)
    const ofLines = textKernel(`${name} of lines`, () => stagesText(rule))
    const stages = on.run(
      program(ofLines, { size, strideX: 0, strideY: size, step: 1 }, rule.stages.length, outer, helpers),
      inputs,
    )
    const ofElements = textKernel(name, () => elementsText(rule, settings.length))
    const result = on.run(program(ofElements, { size }, size, outer), [...inputs, stages], settings)
    stages.release()
    return result
  }

  function sumInParts(x: Storage): Storage {
    const parts = Math.ceil(Math.sqrt(x.length))
    const rounds = Math.ceil(x.length / parts)
    const sums = on.run(program(sumOfPart, { length: x.length, rounds, parts }, parts, 1), [x])
    const total = alongLines('sum', [sums], { outer: 1, size: parts, inner: 1 })
    sums.release()
    return total
  }

  return {
    ...lineFunctions(alongLines),
    reduce(op, x, view) {
      const { outer, size, inner } = view
      if (size === 0) return on.fill(outer * inner, EMPTY[op])
      return op === 'sum' && outer * inner === 1 && size >= IN_PARTS_FROM ? sumInParts(x) : alongLines(op, [x], view)
    },
    cumsum(x, { outer, size, inner }, reverse) {
      const sizes = { size, inner, first: reverse ? size - 1 : 0, step: reverse ? -1 : 1 }
      return on.run(program(cumsum, sizes, inner, outer * size), [x])
    },
  }
}

// The last axis is reduced by a list of threads, any other by a table of threads. No constant may have the name of a parameter of a
// helper: gpu.js would read the constant in its place.
function threadsOf({ outer, size, inner }: AxisView) {
  if (inner === 1) return { sizes: { size, strideX: size, strideY: 0, step: 1 }, width: outer, height: 1 }
  return { sizes: { size, strideX: 1, strideY: size * inner, step: inner }, width: inner, height: outer }
}

const elementAt = (arrays: LineRule['arrays'], index: string) =>
  arrays.map((name) => `const ${name} = ${name}Array[${index}];`).join(' ')

/** A kernel that computes all stages of a line. Without `end`, thread x returns stage x. */
function stagesText({ arrays, stages }: LineRule, end = ''): string {
  const element = elementAt(
    arrays,
    'this.thread.y * this.constants.strideY + this.thread.x * this.constants.strideX + j * this.constants.step',
  )
  const texts = stages.map(([name, combine, term], i) => {
    const next = combine === 'sum' ? `${name} + ${term}` : `${combine}(${name}, ${term})`
    const step = combine === 'sum' ? `${name} = ${next};` : `if (j === 0) ${name} = ${term}; else ${name} = ${next};`
    return `let ${name} = 0;
      for (let j = 0; j < this.constants.size; j++) { ${element} ${step} }
      ${end === '' ? `if (this.thread.x === ${i}) return ${name};` : ''}`
  })
  const parameters = arrays.map((name) => `${name}Array`).join(', ')
  return toJavaScript(`function kernel(${parameters}) { const n = this.constants.size; ${texts.join('')} ${end} }`)
}

/** A kernel that computes the results of a rule for the elements, from the stages of their lines and `numbers` settings. */
function elementsText({ arrays, stages, result }: LineRule, numbers: number): string {
  const parameters = [...arrays.map((name) => `${name}Array`), 'stages', ...(numbers > 0 ? ['epsilon'] : [])]
  const element = elementAt(arrays, 'this.thread.y * this.constants.size + this.thread.x')
  const own = stages.map(([name], i) => `const ${name} = stages[this.thread.y * ${stages.length} + ${i}];`).join(' ')
  return toJavaScript(
    `function kernel(${parameters.join(', ')}) { const n = this.constants.size; ${element} ${own} return ${result}; }`,
  )
}

declare function quotient(a: number, b: number): number

/** The sum of every `parts`-th number. A second kernel adds these, so that no thread sums a long array alone. */
function sumOfPart(this: KernelThis<'length' | 'rounds' | 'parts'>, x: number[]): number {
  let total = 0
  for (let s = 0; s < this.constants.rounds; s++) {
    if (s * this.constants.parts + this.thread.x < this.constants.length) {
      total += x[s * this.constants.parts + this.thread.x]!
    }
  }
  return total
}

/** Row `y` of the threads is index `y - outer · size` of the axis. The sum runs from `first` in steps of 1 or -1. */
function cumsum(this: KernelThis<'size' | 'inner' | 'first' | 'step'>, x: number[]): number {
  const outer = quotient(this.thread.y, this.constants.size)
  const place = this.thread.y - outer * this.constants.size
  const rounds = (place - this.constants.first) * this.constants.step
  let total = 0
  for (let s = 0; s < this.constants.size; s++) {
    if (s <= rounds) {
      total +=
        x[
          (outer * this.constants.size + this.constants.first + s * this.constants.step) * this.constants.inner +
            this.thread.x
        ]!
    }
  }
  return total
}
