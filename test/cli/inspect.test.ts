import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { storedCrossover } from '../../src/cli/gpu-crossover.ts'
import { run } from '../../src/cli/program.ts'

const printed = () => vi.mocked(console.log).mock.calls.join('\n')
afterEach(() => vi.restoreAllMocks())

it('prints a kernel as text, and the names of all', async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {})
  expect(await run(['inspect', 'kernel', 'matmul'])).toBe(0)
  expect(printed()).toMatch(/^\(func \$matmul \(export "matmul"\)/)
  expect(printed()).toContain('f32x4.mul')
  expect(await run(['inspect', 'kernel'])).toBe(0)
  expect(printed()).toContain('map.tanh')
})

it('answers a misspelt kernel with the nearest one', async () => {
  const errors = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  expect(await run(['inspect', 'kernel', 'matmull'])).toBe(2)
  expect(errors.mock.calls.join()).toContain('Did you mean "matmul"?')
})

it('lists the devices, what the absent ones need, and how to learn from which size on a GPU is worth it', async () => {
  vi.spyOn(console, 'log').mockImplementation(() => {})
  expect(await run(['inspect', 'devices'])).toBe(0)
  expect(printed()).toMatch(/^cpu +wasm +yes +none +this processor$/m)
  expect(printed()).toMatch(/^gpu +cpu +yes +none /m)
  expect(printed()).toMatch(/^webgl2: absent; needs a browser with WebGL2$/m)
  expect(printed()).toMatch(/npm run bench:kernels/)
})

describe('from which size on a GPU is worth it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'alambic-crossover-'))
  const path = join(folder, 'kernels.json')
  afterAll(() => rmSync(folder, { recursive: true }))
  const stored = (content: unknown) => {
    writeFileSync(path, JSON.stringify(content))
    return storedCrossover(path)
  }
  const card = { name: 'gpu.js webgpu', device: 'gpu', adapter: 'Card X', hardware: 'hardware' }
  const times = [
    { side: 64, cpu: 1, resident: 2, roundTrip: 3 },
    { side: 128, cpu: 4, resident: 2, roundTrip: 5 },
    { side: 256, cpu: 20, resident: 3, roundTrip: 25 },
  ]
  const measured = { machine: 'M', runtime: 'Node', date: '2026-01-31', places: [card], figures: [] }

  it('is what the bench has stored', () => {
    const lines = stored({ ...measured, crossovers: [{ place: card.name, times }] })
    expect(lines[0]).toContain('Measured 2026-01-31 on M, Node')
    expect(lines[1]).toBe(
      'gpu.js webgpu on Card X: products are faster than on the CPU from 128×128 with operands on the device, ' +
        'at no size up to 256×256 including transfers.',
    )
    expect(lines[2]).toContain('Nothing moves to a GPU by itself')
  })

  it('of a software adapter is no speed figure', () => {
    const places = [{ ...card, adapter: 'llvmpipe', hardware: 'software' }]
    expect(stored({ ...measured, places, crossovers: [{ place: card.name, times }] })[1]).toContain(
      'llvmpipe (software adapter: not a speed figure)',
    )
  })

  it('is to be measured where nothing is stored', () => {
    expect(storedCrossover(join(folder, 'absent.json')).join()).toMatch(/not been measured here: add --measure/)
  })

  it('is not known from a run that was cut off before the first GPU', () => {
    expect(stored({ ...measured, crossovers: [] }).join()).toContain('holds no figures of a GPU')
  })

  it('refuses a file of another kind, with what to do', () => {
    for (const content of [{}, [], null, { ...measured, crossovers: [{ place: 'other', times }] }]) {
      expect(() => stored(content)).toThrow('delete it, or run the bench again')
    }
    writeFileSync(path, '{"machine": "M", ')
    expect(() => storedCrossover(path)).toThrow('delete it, or run the bench again')
  })
})
