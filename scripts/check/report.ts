// What `npm run check` prints: a counterexample, the table at the end, the list of names.

import { formatCount } from '../../src/plot/index.ts'
import type { Shape, Tensor } from '../../src/tensor/index.ts'
import type { GradientCall } from '../../test/support/gradient-case.ts'
import type { Mismatch } from '../../test/support/parity.ts'
import { everyCase, type NamedCase, quoted } from './cases.ts'
import { cotangentFor, type ElementGradient, indexText, inputName, wrongGradients } from './elements.ts'
import { plants } from './plants.ts'
import type { Outcome, SearchOptions } from './search.ts'

type Fact = readonly [name: string, text: string]

/** A counterexample in readable form, with the equation that it breaks and the command that replays it. */
export function describeBroken({ searched, runs, broken }: Outcome, options: SearchOptions): string {
  const { call, cotangentSeed, path, shrinks, message, mismatch } = broken!
  const { plant } = searched
  const y = attempt(() => call.run(...call.inputs))
  const elements = (options.backend === undefined ? attempt(() => wrongGradients(call, cotangentSeed)) : null) ?? []
  const facts: Fact[] = [
    ['equation', searched.equation],
    ...(plant === undefined ? [] : [['planted rule', plants[plant]!.rule] as const]),
    ['call', call.call],
    ...call.inputs.map((x, place) => [inputName(call, place), described(x)] as const),
    ...(y === null ? [] : [['cotangent dy', described(cotangentFor(y, cotangentSeed))] as const]),
    [
      'differs',
      mismatch === null ? differenceText(elements, message) : mismatchText(mismatch, call, y, options.backend!),
    ],
    ['replay', replayLine(searched, path, options)],
  ]
  const title = `BROKEN: ${searched.kind} ${searched.name}, in run ${formatCount(runs)}, shrunk ${shrinks} times`
  const width = Math.max(...facts.map(([name]) => name.length)) + 2
  const lines = facts.map(
    ([name, text]) => `  ${name.padEnd(width)}${text.replaceAll('\n', `\n${' '.repeat(width + 2)}`)}`,
  )
  const details = elements.length === 0 ? [] : ['', elementTable(elements)]
  return `${[title, '', ...lines.slice(0, -1), ...details, '', lines.at(-1)!].join('\n')}\n`
}

/** `npm run check -- --op softmax --seed 7 --path "2:0:1"`. */
export function replayLine({ kind, name, plant }: NamedCase, path: string, { seed, backend }: SearchOptions): string {
  const options = { [kind]: quoted(name), plant, backend, seed, path: `"${path}"` }
  const words = Object.entries(options).flatMap(([option, value]) =>
    value === undefined ? [] : `--${option} ${value}`,
  )
  return `npm run check -- ${words.join(' ')}`
}

/** The first wrong element, or the error where the call itself fails. */
function differenceText(elements: readonly ElementGradient[], message: string): string {
  const wrong = elements.find(({ isWrong }) => isWrong)
  if (wrong === undefined) return message
  return columns([
    [`the gradient in ${wrong.name}, element ${wrong.index}`],
    ['analytic', String(wrong.analytic)],
    ['numeric', `${wrong.numeric}  (central difference)`],
  ])
}

function mismatchText(
  { place, element, got, wanted }: Mismatch,
  call: GradientCall,
  y: Tensor | null,
  backend: string,
): string {
  const shape = (place === 0 ? y : call.inputs[place - 1])?.shape ?? []
  const what = place === 0 ? 'the value' : `the gradient in ${inputName(call, place - 1)}`
  return columns([
    [`${what}, element ${indexText(element, shape)}`],
    [`${backend}, float32`, String(got)],
    ['reference, float64', String(wanted)],
  ])
}

function elementTable(elements: readonly ElementGradient[]): string {
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
  const rows = outcomes.map(({ searched, runs, milliseconds, result }) => [
    `${searched.kind} ${searched.name}`,
    formatCount(runs),
    (milliseconds / 1000).toFixed(1),
    result,
  ])
  const count = (which: Outcome['result']) => outcomes.filter(({ result }) => result === which).length
  const all = outcomes.length === 1 ? '1 case' : `${outcomes.length} cases`
  const absent = count('absent') === 0 ? '' : `, ${count('absent')} absent (not on this backend)`
  const counts = `${all}: ${count('held')} held, ${count('BROKEN')} broken${absent}`
  return `${table(['case', 'runs', 'seconds', 'result'], rows)}\n\n  ${counts}\n`
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
  return columns([header, ...rows]).replace(/^/gm, '  ')
}

/** Rows of cells, aligned; a row of one cell takes no part. */
function columns(rows: readonly (readonly string[])[]): string {
  const aligned = rows.filter((row) => row.length > 1)
  const widths = aligned[0]!.map((_, column) => Math.max(...aligned.map((row) => row[column]!.length)))
  const line = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ')
  return rows.map((row) => (row.length > 1 ? line(row) : row[0]!).trimEnd()).join('\n')
}

/** Null where the call throws. */
function attempt<T>(body: () => T): T | null {
  try {
    return body()
  } catch {
    return null
  }
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
