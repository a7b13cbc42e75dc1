// Tests for memory leaks in a million training steps. Prints the resident set, the JavaScript heap and the linear memory as the
// steps go by, draws them into runs/bench/memory.html, and counts the typed arrays made inside a step.
// `npm run bench -- memory`; a number sets the steps: `npm run bench -- memory 100000`.

import { mkdirSync, writeFileSync } from 'node:fs'
import { newDocument } from '../src/cli/terminal/document.ts'
import { MLP } from '../src/nn/layers/mlp.ts'
import { mseLoss } from '../src/nn/losses/regression.ts'
import { Adam } from '../src/nn/optimizers/adam.ts'
import { report } from '../src/plot/index.ts'
import { normal, Rng, tensor } from '../src/tensor/index.ts'
import { memory } from '../src/tensor/memory.ts'
import { memoryChart } from './lib/memory-chart.ts'
import { printMachine, printRow } from './lib/table.ts'

const steps = Number(process.argv[2] ?? 1_000_000)
const batch = 8 // small, so that a million steps take minutes; a leak shows at any size
const rng = new Rng(1)
const network = new MLP([4, 64, 64, 2], rng)
const optimizer = new Adam(network)
const x = normal(rng, [batch, 4]).toArray()
const y = normal(rng, [batch, 2]).toArray()
const step = () => optimizer.minimize(() => mseLoss(network.forward(tensor(x, [batch, 4])), tensor(y, [batch, 2])))

/** Number of typed arrays that `body` creates, counted by replacing their constructors. */
function typedArraysMade(body: () => void): number {
  const own = { Float32Array, Float64Array, Int32Array }
  let made = 0
  for (const [name, original] of Object.entries(own)) {
    const counting = new Proxy(original, {
      construct(target, args) {
        made++
        return new target(...(args as [number]))
      },
    })
    Object.assign(globalThis, { [name]: counting })
  }
  body()
  Object.assign(globalThis, own)
  return made
}

const MB = 1 / (1 << 20)
const samples: { step: number; resident: number; heap: number; linear: number }[] = []

function sample(done: number): void {
  globalThis.gc?.()
  const { rss, heapUsed } = process.memoryUsage()
  const now = { step: done, resident: rss * MB, heap: heapUsed * MB, linear: memory.bytes * MB }
  samples.push(now)
  printRow(String(done), now.resident, now.heap, now.linear)
}

printMachine()
printRow('steps', 'resident, MB', 'heap, MB', 'linear, MB')
const every = Math.max(1, Math.floor(steps / 20))
for (let done = 0; done <= steps; done++) {
  if (done % every === 0) sample(done)
  step()
}
const warm = samples[Math.min(2, samples.length - 1)]!
const last = samples.at(-1)!
console.log(
  `after warm-up: resident ${(last.resident - warm.resident).toFixed(1)} MB, heap ${(last.heap - warm.heap).toFixed(2)} MB, ` +
    `linear ${(last.linear - warm.linear).toFixed(1)} MB`,
)
console.log(`typed arrays made in a step: ${typedArraysMade(step)}`)

mkdirSync('runs/bench', { recursive: true })
const figure = memoryChart(newDocument(), samples)
const section = {
  title: 'Memory over training steps',
  figure,
  howToRead: 'Flat lines: what a step takes, its end gives back.',
}
const page = {
  title: 'Memory',
  lead: `${steps} training steps of 4-64-64-2 at batch ${batch}.`,
  facts: [],
  sections: [section],
}
writeFileSync('runs/bench/memory.html', report({ ...page, command: 'npm run bench -- memory' }))
console.log('runs/bench/memory.html')
