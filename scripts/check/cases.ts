// The cases that can be named on the command line: tables of test/support by kind.

import { nearestMatch, ValueError } from '../../src/tensor/errors.ts'
import { distributionCases } from '../../test/support/distribution-cases.ts'
import type { GradientCase, GradientCases } from '../../test/support/gradient-case.ts'
import { layerCases } from '../../test/support/layer-cases.ts'
import { allLossCases } from '../../test/support/loss-cases.ts'
import { allCases } from '../../test/support/op-cases/all.ts'
import { orderCases } from '../../test/support/op-cases/reduce.ts'
import { symlogCases } from '../../test/support/op-cases/symlog.ts'

export type Kind = 'op' | 'loss' | 'layer' | 'distribution'

export const tables: Readonly<Record<Kind, GradientCases>> = {
  op: { ...allCases, ...symlogCases, ...orderCases },
  loss: allLossCases,
  layer: layerCases,
  distribution: distributionCases,
}

export const kinds = Object.keys(tables) as Kind[]

export interface NamedCase extends GradientCase {
  readonly kind: Kind
  /** As in its table: `max (axis)`. */
  readonly name: string
  /** The name of the wrong rule that replaces its own, if any. */
  readonly plant?: string
}

/** Every case of every table. */
export function everyCase(): NamedCase[] {
  return kinds.flatMap((kind) => Object.entries(tables[kind]).map(([name, each]) => ({ kind, name, ...each })))
}

/** `max` for `max (axis)`: the exported name. */
export function functionOf(name: string): string {
  return name.split(' (')[0]!
}

/** The cases of one name: the case itself, or all cases of the function. Throws a `ValueError` with the nearest name. */
export function casesNamed(kind: Kind, name: string): NamedCase[] {
  const all = everyCase()
  const fits = (each: NamedCase) => each.name === name || functionOf(each.name) === name
  const found = all.filter((each) => each.kind === kind && fits(each))
  if (found.length > 0) return found
  const elsewhere = all.find(fits)
  if (elsewhere !== undefined) {
    throw new ValueError(`--${kind}: "${name}" is not of this kind; use --${elsewhere.kind} ${quoted(name)}`)
  }
  const near = nearestMatch(name, [...new Set(Object.keys(tables[kind]).flatMap((each) => [functionOf(each), each]))])
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`
  throw new ValueError(`--${kind}: unknown ${kind} "${name}".${hint} --list prints all names`)
}

/** A name as one word of a shell's command line. */
export function quoted(name: string): string {
  return /^[\w-]+$/.test(name) ? name : `"${name}"`
}
