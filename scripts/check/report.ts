// What `npm run check` prints: a counterexample, the table at the end, the list of names.

import { formatCount } from '../../src/plot/index.ts'
import { type Shape, type Tensor, tensor } from '../../src/tensor/index.ts'
import { cotangentOf } from '../../test/support/arbitraries.ts'
import type { GradientCall } from '../../test/support/gradient-case.ts'
import { mismatchOf } from './backends.ts'
import { everyCase, type NamedCase, quoted } from './cases.ts'
import { plants } from './plants.ts'
import type { Counterexample, Outcome, SearchOptions } from './search.ts'

// The defaults of `gradcheck`, which finds the counterexample.
const STEP = 1e-5
const TOLERANCE = 1e-6

/** A counterexample in readable form, with the equation that it breaks and the command that replays it. */
export async function describeBroken(outcome: Outcome, options: SearchOptions): Promise<string> {
  const { searched, runs, broken } = outcome
  const { call, cotangentSeed, path, shrinks, message } = broken!
  const { plant } = searched
  const planted = plant === undefined ? [] : [['planted rule', plants[plant]!.rule] as const]
  const facts = [
    ['equation', searched.equation],
    ...planted,
    ['call', call.call],
    ...call.inputs.map((x, i) => [nameOf(call, i), described(x)] as const),
    ...(await differenceOf(broken!, options.backend)),
    ['replay', replayLine(searched, path, options)],
  ] as const
  const title = `BROKEN: ${searched.kind} ${searched.name}, in run ${formatCount(runs)}, shrunk ${shrinks} times`
  const width = Math.max(...facts.map(([name]) => name.length)) + 2
  const lines = facts.map(
    ([name, text]) => `  ${name.padEnd(width)}${text.replaceAll('\n', `\n  ${' '.repeat(width)}`)}`,
  )
  const elements = options.backend === undefined ? elementTable(call, cotangentSeed) : null
  const details = elements === null ? `  ${message}` : elements
  return `${[title, ...lines.slice(0, -1), '', details, '', lines.at(-1)!].join('\n')}\n`
}

/** `npm run check -- --op softmax --seed 7 --path "2:0:1"`. */
export function replayLine({ kind, name, plant }: NamedCase, path: string, { seed, backend }: SearchOptions): string {
  const options = { [kind]: quoted(name), plant, backend, seed, path: `"${path}"` }
  const words = Object.entries(options).flatMap(([option, value]) =>
    value === undefined ? [] : `--${option} ${value}`,
  )
  return `npm run check -- ${words.join(' ')}`
}

async function differenceOf(
  { call, cotangentSeed }: Counterexample,
  backend: string | undefined,
): Promise<(readonly [string, string])[]> {
  const out = outputOf(call)
  const cotangent = out === null ? [] : ([['cotangent dy', described(cotangentFor(out, cotangentSeed))]] as const)
  if (backend !== undefined) {
    const mismatch = await mismatchOf(backend, call, cotangentSeed)
    if (mismatch === null) return [...cotangent]
    const { place, element, got, wanted } = mismatch
    const what = place === 0 ? 'the value' : `the gradient in ${nameOf(call, place - 1)}`
    return [...cotangent, ['differs', `${what}, element ${element}\n${backend}  ${got}\nreference  ${wanted}`]]
  }
  const wrong = firstWrong(call, cotangentSeed)
  if (wrong === null) return [...cotangent]
  const { name, index, analytic, numeric } = wrong
  return [
    ...cotangent,
    [
      'differs',
      `the gradient in ${name}, element ${index}\nanalytic  ${analytic}\nnumeric   ${numeric}  (central difference)`,
    ],
  ]
}

interface ElementGradient {
  /** Of the input. */
  readonly name: string
  /** `[1, 0]`. */
  readonly index: string
  readonly value: number
  readonly analytic: number
  readonly numeric: number
  readonly isWrong: boolean
}

/** Every element of the inputs whose gradient is wrong somewhere; null where the call itself fails. */
function gradientsOf(call: GradientCall, cotangentSeed: number): ElementGradient[] | null {
  try {
    return call.inputs.flatMap((_, place) => {
      const elements = gradientOfInput(call, place, cotangentSeed)
      return elements.some(({ isWrong }) => isWrong) ? elements : []
    })
  } catch {
    return null
  }
}

function firstWrong(call: GradientCall, cotangentSeed: number): ElementGradient | null {
  return gradientsOf(call, cotangentSeed)?.find(({ isWrong }) => isWrong) ?? null
}

// As `gradcheck` computes them: ⟨dy, f(x)⟩ differentiated in one input, the others constant.
function gradientOfInput(call: GradientCall, place: number, cotangentSeed: number): ElementGradient[] {
  const x = call.inputs[place]!
  const values = x.toArray()
  const run = (input: Tensor) => call.run(...call.inputs.map((other, i) => (i === place ? input : other)))
  const leaf = tensor(values, x.shape, { requiresGrad: true })
  const y = run(leaf)
  const dy = cotangentFor(y, cotangentSeed)
  if (y.requiresGrad) y.backward(dy)
  const moved = (element: number, step: number) => {
    const out = run(
      tensor(
        values.map((value, i) => (i === element ? value + step : value)),
        x.shape,
      ),
    ).view()
    return Array.from(dy.view()).reduce((sum, weight, j) => sum + weight * out[j]!, 0)
  }
  return Array.from(values, (value, element) => {
    const analytic = leaf.grad === null ? 0 : leaf.grad.view()[element]!
    const numeric = (moved(element, STEP) - moved(element, -STEP)) / (2 * STEP)
    const isWrong = !(Math.abs(numeric - analytic) <= TOLERANCE * Math.max(1, Math.abs(numeric)))
    return { name: nameOf(call, place), index: indexText(element, x.shape), value, analytic, numeric, isWrong }
  })
}

function elementTable(call: GradientCall, cotangentSeed: number): string | null {
  const elements = gradientsOf(call, cotangentSeed)
  if (elements === null || elements.length === 0) return null
  return table(
    ['input', 'element', 'value', 'analytic', 'numeric', ''],
    elements.map(({ name, index, value, analytic, numeric, isWrong }) => [
      name,
      index,
      String(value),
      analytic.toPrecision(8),
      numeric.toPrecision(8),
      isWrong ? '← differs' : '',
    ]),
  )
}

/** The cases with their runs, seconds and results. */
export function summary(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ searched, runs, milliseconds, broken }) => [
    `${searched.kind} ${searched.name}`,
    formatCount(runs),
    (milliseconds / 1000).toFixed(1),
    broken === null ? 'held' : 'BROKEN',
  ])
  const count = outcomes.filter(({ broken }) => broken !== null).length
  const all = outcomes.length === 1 ? '1 case' : `${outcomes.length} cases`
  return `${table(['case', 'runs', 'seconds', 'result'], rows)}\n\n  ${all}: ${outcomes.length - count} held, ${count} broken\n`
}

/** Every name of every kind with its equation, then the plants. */
export function listing(): string {
  const cases = everyCase().map(({ kind, name, equation }) => [`--${kind}`, quoted(name), equation])
  const planted = Object.entries(plants).map(([name, { of, rule }]) => [
    `--plant ${name}`,
    of === null ? 'any case' : `--${of.kind} ${quoted(of.name)}`,
    rule,
  ])
  return [
    'Cases. The name before the parentheses selects all cases of a function.',
    table(['kind', 'name', 'equation'], cases),
    '',
    'Plants: wrong rules that the search must find.',
    table(['option', 'of', 'wrong rule'], planted),
    '',
  ].join('\n')
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows]
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')}`.trimEnd())
    .join('\n')
}

function nameOf({ names }: GradientCall, place: number): string {
  return names?.[place] ?? `input ${place}`
}

function outputOf({ run, inputs }: GradientCall): Tensor | null {
  try {
    return run(...inputs)
  } catch {
    return null
  }
}

// Repeated to the size of the output, as `gradcheck` does.
function cotangentFor(y: Tensor, seed: number): Tensor {
  const given = cotangentOf(seed)
  return tensor(
    Float64Array.from({ length: y.size }, (_, i) => given[i % given.length]!),
    y.shape,
  )
}

/** `[2, 2]: [[0, 1], [2, 3]]`. */
function described(x: Tensor): string {
  return `[${x.shape.join(', ')}]: ${nested(Array.from(x.toArray()), x.shape)}`
}

function nested(values: readonly number[], shape: Shape): string {
  const [size, ...others] = shape
  if (size === undefined) return String(values[0])
  const each = size === 0 ? 0 : values.length / size
  const parts = Array.from({ length: size }, (_, i) => nested(values.slice(i * each, (i + 1) * each), others))
  return `[${parts.join(', ')}]`
}

function indexText(element: number, shape: Shape): string {
  let left = element
  const index = shape.toReversed().map((size) => {
    const i = left % size
    left = (left - i) / size
    return i
  })
  return `[${index.reverse().join(', ')}]`
}
