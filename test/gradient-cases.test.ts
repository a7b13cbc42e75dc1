// Every exported op, loss, layer and distribution has a case in the tables of test/support, which the unit tests and
// `npm run check` search. What has none is listed here, with the reason. The table of ops is searched here for what is beside their
// gradients: NaN, kinks and ties.

import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { functionOf, type Kind, kinds, tables } from '../scripts/check/cases.ts'
import * as nn from '../src/nn/index.ts'
import * as rl from '../src/rl/index.ts'
import * as tensor from '../src/tensor/index.ts'
import { cotangentOf, seeds } from './support/arbitraries.ts'
import { expectThirdGradients } from './support/gradients.ts'
import { expectNumbers, f64, listOf } from './support/numbers.ts'
import { passOf } from './support/parity.ts'
import { forAll } from './support/property.ts'

type Exports = Readonly<Record<string, unknown>>

const withoutCase: Readonly<Record<string, readonly string[]>> = {
  'makes a tensor from numbers': 'arange eye full normal oneHot ones tensor uniform zeros zerosLike'.split(' '),
  'has no gradient: a comparison': ['equal', 'greater', 'greaterEqual', 'less', 'lessEqual', 'notEqual'],
  'has no gradient: an index': ['argmax', 'argmin'],
  'changes the element type, where central differences need float64; see create.test.ts': ['cast'],
  'records, stops or checks gradients': ['customOp', 'detach', 'grad', 'gradcheck', 'hessianVectorProduct', 'noGrad'],
  'is no op': ['getBackend', 'getThreads', 'scope', 'setBackend', 'setThreads', 'unknownName'],
  'a loss label without a gradient: it detaches its input': ['smoothedLogits'],
  'a layer with a float32 constant, where central differences need float64; see value-bins.test.ts': ['BinReadOut'],
}

const exceptions = Object.values(withoutCase).flat()

const isClass = (value: unknown) => typeof value === 'function' && /^class\b/.test(value.toString())

/** What `index` exports of the modules in a folder of src/. */
async function exportedFrom(folder: string, index: Exports): Promise<string[]> {
  const path = fileURLToPath(new URL(`../src/${folder}`, import.meta.url))
  const modules = await Promise.all(
    readdirSync(path).map((file) => import(/* @vite-ignore */ `${path}/${file}`) as Promise<Exports>),
  )
  const values = new Set(modules.flatMap((module) => Object.values(module)))
  return Object.keys(index).filter((name) => values.has(index[name]))
}

const exported: Readonly<Record<Kind, readonly string[]>> = {
  op: Object.entries(tensor as Exports).flatMap(([name, value]) =>
    typeof value === 'function' && !isClass(value) ? [name] : [],
  ),
  loss: await exportedFrom('nn/losses', nn),
  layer: Object.entries(nn as Exports).flatMap(([name, value]) =>
    isClass(value) && 'forward' in (value as { prototype: object }).prototype ? [name] : [],
  ),
  distribution: await exportedFrom('rl/policies/distributions', rl),
}

/** One name of each kind, which the test finds if it reads exports at all. */
const known: Readonly<Record<Kind, string>> = {
  op: 'softmax',
  loss: 'mseLoss',
  layer: 'Linear',
  distribution: 'Categorical',
}

describe.each(kinds)('every exported %s', (kind) => {
  it('has a case, or a reason to have none', () => {
    expect(exported[kind]).toContain(known[kind])
    const covered = new Set(Object.keys(tables[kind]).map(functionOf))
    const missing = exported[kind].filter((name) => !covered.has(name) && !exceptions.includes(name))
    expect(missing, `without a case in test/support (${kind} cases)`).toEqual([])
  })
})

it('no exception has a case or has gone', () => {
  const covered = kinds.flatMap((kind) => Object.keys(tables[kind]).map(functionOf))
  const all = kinds.flatMap((kind) => exported[kind])
  expect(exceptions.filter((name) => covered.includes(name) || !all.includes(name))).toEqual([])
})

it('a distribution has a case for each of logProb, entropy and kl that it has', () => {
  for (const name of exported.distribution) {
    const { prototype } = (rl as Exports)[name] as { prototype: object }
    for (const method of ['logProb', 'entropy', 'kl'].filter((each) => each in prototype)) {
      expect(Object.keys(tables.distribution)).toContain(`${name} (${method})`)
    }
  }
})

it('every equation gives a gradient', () => {
  for (const kind of kinds) {
    for (const [name, { equation }] of Object.entries(tables[kind])) expect(equation, name).toMatch(/.; {2}./)
  }
})

const opCases = Object.entries(tables.op)

it.each(opCases)('a NaN in an input reaches the value, wherever the gradient is not 0: %s', (_, { calls }) => {
  forAll([calls, seeds()], { numRuns: 4 }, ({ run, inputs, call }, seed) => {
    const { grads } = passOf({ run, inputs, call }, seed)
    const place = seed % inputs.length
    const element = listOf(grads[place]!).findIndex((each) => each !== 0)
    if (element < 0) return
    const spoilt = inputs.map((x, i) => {
      const values = listOf(x)
      if (i === place) values[element] = Number.NaN
      return f64(values, x.shape)
    })
    expect(listOf(run(...spoilt)).some(Number.isNaN), call).toBe(true)
  })
})

it.each(opCases.filter(([, { kinks = [] }]) => kinks.length > 0))(
  'at a kink or a tie the gradient and the second gradient are those of the table: %s',
  (_, { kinks }) => {
    for (const { run, inputs, first, second } of kinks!) {
      const [at, ...others] = inputs.map((values) => f64([...values]))
      const slope = tensor.grad((x: tensor.Tensor) => tensor.sum(run(x, ...others)))
      expectNumbers(listOf(slope(at!)), first)
      expectNumbers(listOf(tensor.grad((x: tensor.Tensor) => tensor.sum(slope(x)))(at!)), second)
    }
  },
)

it.each(opCases)('gradients have gradients of any order: the third: %s', (_, { calls }) => {
  forAll([calls, seeds()], { numRuns: 3 }, (each, seed) => expectThirdGradients(each, cotangentOf(seed)))
})
