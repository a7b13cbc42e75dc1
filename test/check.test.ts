// `npm run check`, driven as its command line drives it.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { everyCase, type NamedCase } from '../scripts/check/cases.ts'
import { run } from '../scripts/check/command.ts'
import { plants } from '../scripts/check/plants.ts'
import { describeBroken, summary } from '../scripts/check/report.ts'
import { search } from '../scripts/check/search.ts'
import { add, customOp, DeviceError, detach, mul, type Tensor } from '../src/tensor/index.ts'
import { tensorOf } from './support/arbitraries.ts'

let [out, errors] = ['', '']

beforeEach(() => {
  out = errors = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += text
    return true
  })
})
afterEach(() => vi.restoreAllMocks())

/** The words of a command line, quotes removed. */
const words = (line: string) => (line.match(/(?:"[^"]*"|[^\s"])+/g) ?? []).map((word) => word.replaceAll('"', ''))

const check = (line: string) => run(words(line))

describe('a case that holds', () => {
  it('exits 0 with a table of runs and seconds', async () => {
    expect(await check('--op softmax --runs 20 --seed 7')).toBe(0)
    expect(out).toMatch(/^ {2}case +runs +seconds +result$/m)
    expect(out).toMatch(/^ {2}op softmax +20 +\d+\.\d +held$/m)
    expect(out).toContain('1 case: 1 held, 0 broken')
    expect(errors).toMatch(/^op softmax: done in .*: 20 runs, held$/m)
  })

  it('may be several: every case of a function, and names of other kinds', async () => {
    expect(await check('--op max,"min (all)" --loss l1Loss --layer Embedding --distribution "Delta" --runs 5')).toBe(0)
    const names = ['op max (axis)', 'op max (all)', 'op min (all)', 'loss l1Loss', 'layer Embedding', 'Delta (kl)']
    for (const name of names) expect(out).toContain(name)
    expect(out).toContain('6 cases: 6 held, 0 broken')
  })

  it('may be given a time instead of a number of runs', async () => {
    expect(await check('--op neg --seconds 1')).toBe(0)
    expect(out).toMatch(/^ {2}op neg +[\d,]+ +1\.\d +held$/m)
  })

  it('may be compared in float32 between backends', async () => {
    const line = '--op matmul --loss mseLoss --layer MLP --distribution "Categorical (kl)" --runs 20'
    expect(await check(`${line} --backend reference`)).toBe(0)
    expect(await check(`${line} --backend wasm`)).toBe(0)
  })
})

describe('a planted rule', () => {
  it('is found: the counterexample, the equation that it breaks, and the line that replays it', async () => {
    expect(await check('--op softmax --plant --seed 7')).toBe(1)
    expect(out).toMatch(/^BROKEN: op softmax, in run \d+, shrunk \d+ times$/m)
    expect(out).toMatch(/^ {2}equation +y = softmax\(x\); {2}dx = y ⊙ \(dy − Σ y ⊙ dy\)$/m)
    expect(out).toMatch(/^ {2}planted rule +dx = y ⊙ dy, without/m)
    expect(out).toMatch(/^ {2}call +softmax\(\[2\], /m)
    expect(out).toMatch(/^ {2}input 0 +\[2\]: \[0, 0\]$/m)
    expect(out).toMatch(
      /^ {2}differs +the gradient in input 0, element \[0\]\n +analytic +-?0\.\d+\n +numeric +-?0\.\d+/m,
    )
    expect(out).toMatch(/^ {2}op softmax +\d+ +\d+\.\d +BROKEN$/m)
    expect(out).toMatch(/^ {2}replay +npm run check -- --op softmax --plant softmax-no-sum --seed 7 --path "[\d:]+"$/m)
  })

  it('is replayed to the same counterexample', async () => {
    await check('--loss mseLoss --plant --seed 3')
    const counterexample = /equation[\s\S]*replay.*/
    const [first] = counterexample.exec(out)!
    const [, line] = / -- (.*)$/m.exec(first)!
    out = ''
    expect(await check(line!)).toBe(1)
    expect(counterexample.exec(out)![0]).toBe(first)
  })

  it('is not replayed from a path that no run has', async () => {
    await check('--op softmax --plant --seed 7')
    const [, path] = / --path "(.*)"$/m.exec(out)!
    out = ''
    expect(await check(`--op softmax --plant --seed 7 --path ${path}:9999`)).toBe(2)
    expect(errors).toContain(`--path: no run of seed 7 has the path "${path}:9999"`)
  })

  it('that has been mended holds when it is replayed', async () => {
    expect(await check('--op softmax --seed 7 --path 4')).toBe(0)
    expect(out).toMatch(/^ {2}op softmax +1 +\d+\.\d +held$/m)
  })

  it('of its own name selects its case', async () => {
    for (const [name, { of }] of Object.entries(plants)) {
      out = ''
      expect(await check(`--plant ${name} --runs 200`), name).toBe(1)
      expect(out).toContain(`BROKEN: ${of === null ? 'op softmax' : `${of.kind} ${of.name}`}`)
    }
  })

  it('is found in every case: none is vacuous', async () => {
    expect(await check('--all --plant --runs 200')).toBe(1)
    expect(out).toContain(`${everyCase().length} cases: 0 held, ${everyCase().length} broken`)
  })
})

describe('a backend', () => {
  const inFloat32 = (run: (x: Tensor) => Tensor): NamedCase => ({
    kind: 'op',
    name: 'fake',
    equation: 'y = x;  dx = dy',
    calls: tensorOf([2, 2]).map((x) => ({
      call: 'fake([2, 2])',
      run: (y) => (y!.dtype === 'float32' ? run(y!) : mul(y!, 1)),
      inputs: [x],
    })),
  })
  const options = { seed: 7, runs: 50, backend: 'reference' }

  it('that computes another value is shown beside the reference', async () => {
    const outcome = await search(
      inFloat32((x) => add(x, 1)),
      options,
    )
    expect(outcome.result).toBe('BROKEN')
    const text = describeBroken(outcome, options)
    expect(text).toMatch(/differs +the value, element \[0, 0\]\n +reference, float32 +1\n +reference, float64 +0$/m)
    expect(text).toMatch(/npm run check -- --op fake --backend reference --seed 7 --path "[\d:]+"/)
  })

  it('that computes another gradient is shown beside the reference', async () => {
    const doubled = (x: Tensor) => customOp(detach(x), [x], [(dy) => mul(dy, 2)])
    const outcome = await search(inFloat32(doubled), options)
    expect(describeBroken(outcome, options)).toMatch(/differs +the gradient in input 0, element \[0, 0\]/)
  })

  it('on which a case does not run breaks nothing', async () => {
    const outcome = await search(
      inFloat32(() => {
        throw new DeviceError('not here')
      }),
      options,
    )
    expect(outcome).toMatchObject({ result: 'absent', broken: null })
    expect(summary([outcome])).toContain('1 case: 0 held, 0 broken, 1 absent (not on this backend)')
  })

  it('whose call fails is shown with the error', async () => {
    const outcome = await search(
      inFloat32(() => {
        throw new Error('out of order')
      }),
      options,
    )
    expect(describeBroken(outcome, options)).toMatch(/differs +out of order$/m)
  })
})

it('the list: has every case with its equation, and every plant', async () => {
  expect(await check('--list')).toBe(0)
  for (const { name, equation } of everyCase()) {
    expect(out).toContain(name)
    expect(out).toContain(equation)
  }
  for (const [name, { rule }] of Object.entries(plants)) {
    expect(out).toContain(`--plant ${name}`)
    expect(out).toContain(rule)
  }
})

describe('bad usage exits 2', () => {
  it.each([
    ['--op sofmax', 'unknown op "sofmax". Did you mean "softmax"?'],
    ['--distribution Gausian', 'unknown distribution "Gausian"'],
    ['--op mseLoss', 'use --loss mseLoss'],
    ['--backend wasn', 'unknown backend "wasn"; known are wasm, wasm-relaxed, gpu, reference. Did you mean "wasm"?'],
    ['--op tanh --plant tanh-no-squar', 'Did you mean "tanh-no-square"?'],
    ['--op exp --plant tanh-no-square', 'it breaks op tanh, not op exp'],
    ['--plant doubled --backend wasm', 'Use one of them'],
    ['', 'nothing to check'],
    ['softmax', 'unexpected "softmax"'],
    ['--all --op tanh', '--all checks every case'],
    ['--op tanh --runs 0', '--runs: expected a whole number'],
    ['--op tanh --runs 5 --seconds 5', 'exclude each other'],
    ['--op tanh --seed -1', '--seed: expected a whole number'],
    ['--op tanh --path 0:1', '--path needs the --seed'],
    ['--op tanh --seed 1 --path 0:x', '--path: expected numbers'],
    ['--op pow --seed 1 --path 0', '--path replays one case; 2 are named: "pow (number)", "pow (tensor)"'],
    ['--opp tanh', "unknown option '--opp'"],
  ])('%s', async (line, message) => {
    expect(await check(line)).toBe(2)
    expect(errors).toContain(message)
    expect(out).toBe('')
  })

  it('and help exits 0', async () => {
    expect(await check('--help')).toBe(0)
    expect(out).toContain('Exit codes: 0 all held, 1 a counterexample, 2 bad usage.')
  })
})
