// The kernels of the wasm backend called directly, beside plain loops in the same run: an upper bound for the layers above.
// `npm run bench -- raw-kernels`

import { do_not_optimize } from 'mitata'
import type { AdamSettings, MapOp, MatmulSpec } from '../src/tensor/backends/backend.ts'
import { wasm as backend, relaxedWasm as fused } from '../test/support/backends.ts'
import { arithmeticCeiling } from './lib/arithmetic-ceiling.ts'
import { inOneScope, randomStorage } from './lib/operands.ts'
import { printMachine, printRow, timeCalls } from './lib/table.ts'

const SIZE = 4096 // elements of a map: 64 rows of 64 hidden units

function naiveMatmul(n: number): () => void {
  const [a, b, c] = [0, 1, 2].map((seed) => Float32Array.from(randomStorage(n * n, seed).view()))
  return () => {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0
        for (let l = 0; l < n; l++) sum += a![i * n + l]! * b![l * n + j]!
        c![i * n + j] = sum
      }
    }
    do_not_optimize(c)
  }
}

function product(spec: MatmulSpec, times: number, on = backend): () => void {
  const a = randomStorage(spec.m * spec.k, 1)
  const b = randomStorage(spec.k * spec.n, 2)
  return inOneScope(times, () => on.matmul(spec, a, b, null))
}

const spec = (m: number, k: number, n: number, transposeA = false, transposeB = false): MatmulSpec => {
  return { batch: 1, m, k, n, transposeA, transposeB }
}

async function squareProducts(): Promise<void> {
  printRow('matmul, GFLOP/s', 'plain', 'A transp.', 'B transp.', 'median', 'naive loop', 'ratio')
  for (const n of [64, 128, 256, 512, 1024]) {
    const times = n === 64 ? 10 : 1
    const speed = (ns: number) => (2 * n ** 3) / ns
    const plain = await timeCalls(product(spec(n, n, n), times), times)
    const transposedA = await timeCalls(product(spec(n, n, n, true), times), times)
    const transposedB = await timeCalls(product(spec(n, n, n, false, true), times), times)
    const cells = [plain.fast, transposedA.fast, transposedB.fast, plain.median].map(speed)
    if (n > 256) printRow(`${n} cubed`, ...cells)
    else {
      const naive = await timeCalls(naiveMatmul(n))
      printRow(`${n} cubed`, ...cells, speed(naive.fast), naive.fast / plain.fast)
    }
  }
}

// Fused multiply-add (opt-in), whose last bits depend on the machine.
async function fusedProducts(): Promise<void> {
  if (fused === null) {
    console.log('\nrelaxed SIMD: this engine or machine does not have it')
    return
  }
  printRow('\nmatmul with relaxed SIMD, GFLOP/s', 'default', 'relaxed', 'gain, %')
  for (const n of [64, 128, 256, 1024]) {
    const times = n === 64 ? 10 : 1
    const own = await timeCalls(product(spec(n, n, n), times), times)
    const relaxed = await timeCalls(product(spec(n, n, n), times, fused), times)
    printRow(`${n} cubed`, (2 * n ** 3) / own.fast, (2 * n ** 3) / relaxed.fast, 100 * (own.fast / relaxed.fast - 1))
  }
  const [own, relaxed] = [await arithmeticCeiling(false), await arithmeticCeiling(true)]
  printRow('registers alone: the ceiling', own, relaxed, 100 * (relaxed / own - 1))
}

// The products of a 4-64-64-2 network, one observation and a batch of 64.
async function networkProducts(): Promise<void> {
  printRow('\nmatmul of a small network', 'us', 'median', 'GFLOP/s')
  const cases: Record<string, MatmulSpec> = {
    '1×64 · 64×64': spec(1, 64, 64),
    '1×64 · (64×64)ᵀ': spec(1, 64, 64, false, true),
    '1×4 · (64×4)ᵀ': spec(1, 4, 64, false, true),
    '1×64 · (2×64)ᵀ': spec(1, 64, 2, false, true),
    '64×4 · (64×4)ᵀ': spec(64, 4, 64, false, true),
    '64×64 · (64×64)ᵀ': spec(64, 64, 64, false, true),
    '64×64 · (2×64)ᵀ': spec(64, 64, 2, false, true),
    '64×2 · 2×64': spec(64, 2, 64),
    '(64×2)ᵀ · 64×64': spec(2, 64, 64, true),
    '(64×64)ᵀ · 64×64': spec(64, 64, 64, true),
    '(64×64)ᵀ · 64×4': spec(64, 64, 4, true),
  }
  for (const [label, each] of Object.entries(cases)) {
    const { fast, median } = await timeCalls(product(each, 50), 50)
    printRow(label, fast / 1000, median / 1000, (2 * each.m * each.k * each.n) / fast)
  }
}

const plainMaps: Partial<Record<MapOp, (x: number) => number>> = {
  exp: Math.exp,
  log: Math.log,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  relu: (x) => Math.max(x, 0),
}

async function maps(): Promise<void> {
  printRow(`\nmap of ${SIZE}, ns an element`, 'wasm', 'median', 'plain loop', 'ratio')
  const x = randomStorage(SIZE)
  const ops = ['relu', 'square', 'sqrt', 'exp', 'log', 'tanh', 'sigmoid', 'softplus', 'silu', 'elu', 'gelu', 'geluTanh']
  for (const op of ops as MapOp[]) {
    const { fast, median } = await timeCalls(
      inOneScope(10, () => backend.map(op, x, 1, 0)),
      10 * SIZE,
    )
    const plain = plainMaps[op]
    if (plain === undefined) printRow(op, fast, median)
    else {
      const loop = await timeCalls(plainMap(plain, Float32Array.from(x.view())), SIZE)
      printRow(op, fast, median, loop.fast, loop.fast / fast)
    }
  }
}

function plainMap(f: (x: number) => number, x: Float32Array): () => void {
  const y = new Float32Array(x.length)
  return () => {
    for (let i = 0; i < x.length; i++) y[i] = f(x[i]!)
    do_not_optimize(y)
  }
}

const adamSettings: AdamSettings = {
  ...{ learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, decoupled: false },
  ...{ beta1Power: 0.9 ** 100, beta2Power: 0.999 ** 100 },
}

function plainAdam(length: number): () => void {
  const [p, g, m, v] = [0, 1, 2, 3].map((seed) => Float32Array.from(randomStorage(length, seed).view(), Math.abs))
  const { beta1, beta2, epsilon, learningRate, beta1Power, beta2Power } = adamSettings
  const rate = learningRate / (1 - beta1Power)
  const correction = 1 / Math.sqrt(1 - beta2Power)
  return () => {
    for (let i = 0; i < length; i++) {
      m![i] = beta1 * m![i]! + (1 - beta1) * g![i]!
      v![i] = beta2 * v![i]! + (1 - beta2) * g![i]! * g![i]!
      p![i] = p![i]! - (rate * m![i]!) / (Math.sqrt(v![i]!) * correction + epsilon)
    }
    do_not_optimize(p)
  }
}

async function others(): Promise<void> {
  const length = 4674 // the parameters of 4-64-64-2
  printRow('\nothers, ns an element', 'wasm', 'median', 'plain loop', 'ratio')
  const [p, g, m] = [randomStorage(length), randomStorage(length, 2), randomStorage(length, 3)]
  const v = backend.map('abs', randomStorage(length, 4), 0, 0)
  const second = randomStorage(length)
  backend.copyInto(second, v)
  const adam = await timeCalls(
    inOneScope(10, () => backend.adam(p, g, m, second, null, adamSettings)),
    10 * length,
  )
  const loop = await timeCalls(plainAdam(length), length)
  printRow('adam', adam.fast, adam.median, loop.fast, loop.fast / adam.fast)

  const [x, y] = [randomStorage(SIZE), randomStorage(SIZE, 2)]
  const [row, square] = [[64], [64, 64]]
  const bias = randomStorage(64)
  const rest: Record<string, () => unknown> = {
    'add, one shape': () => backend.zip('add', x, square, y, square, square, 0, 0),
    'add, a row of 64': () => backend.zip('add', x, square, bias, row, square, 0, 0),
    tanhGrad: () => backend.zip('tanhGrad', x, square, y, square, square, 0, 0),
    'sum of all': () => backend.reduce('sum', x, { outer: 1, size: SIZE, inner: 1 }),
    'sum of columns, 64×64': () => backend.reduce('sum', x, { outer: 1, size: 64, inner: 64 }),
    'softmax, 64×64': () => backend.softmax(x, 64, 64),
    'softmax, 2048×2': () => backend.softmax(x, 2048, 2),
    'logSoftmax, 2048×2': () => backend.logSoftmax(x, 2048, 2),
    'transpose, 64×64': () => backend.permute(x, square, [1, 0]),
    'argmax, 2048×2': () => backend.argReduce('argmax', x, { outer: 2048, size: 2, inner: 1 }),
  }
  for (const [label, f] of Object.entries(rest)) {
    const { fast, median } = await timeCalls(inOneScope(10, f), 10 * SIZE)
    printRow(label, fast, median)
  }
}

printMachine()
await squareProducts()
await fusedProducts()
await networkProducts()
await maps()
await others()
