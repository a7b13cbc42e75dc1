// Export: a student is distilled from two hundred labels and written as one JavaScript module without dependencies, which then
// balances the pole. Run: npx tsx examples/8-take-it-away.ts

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { distill } from '../src/distill/index.ts'
import { agentLayers, toJavaScript } from '../src/export/index.ts'
import { countParameters, loadParameters, MLP } from '../src/nn/index.ts'
import { evaluatePolicy, finish, make, type PolicyLike, QPolicy } from '../src/rl/index.ts'
import { Rng } from '../src/tensor/index.ts'

const makeEnv = () => make('CartPole-v1')
const teacher = new QPolicy(new MLP([4, 256, 256, 2], new Rng(0)), 4, 2)
loadParameters(teacher, readFileSync(new URL('../bench/teachers/cartpole-1.safetensors', import.meta.url)))

const network = new MLP([4, 16, 2], new Rng(1))
const { student, dataset } = finish(distill(makeEnv(), teacher, { labels: 200, network, seed: 1 }))
console.log(`${countParameters(teacher)} parameters teach ${countParameters(network)} with ${dataset.labels} labels`)

const { layers, meaning } = agentLayers(student)
const { code } = toJavaScript(layers, { meaning, title: 'Balances a pole' })
const folder = mkdtempSync(join(tmpdir(), 'alambic-'))
const file = join(folder, 'pole.mjs')
writeFileSync(file, code)
console.log(`pole.mjs has ${Buffer.byteLength(code)} bytes, and these are its last lines:`)
console.log(code.trimEnd().split('\n').slice(-6).join('\n'))

// The module needs nothing of this library: an observation in, 0 or 1 out.
const { act } = (await import(pathToFileURL(file).href)) as { act: (observation: Float32Array) => number }
rmSync(folder, { recursive: true })
console.log(`the file by itself: mean return ${evaluatePolicy({ act }, makeEnv).mean.toFixed(1)}`)
console.log(`the student it was: mean return ${evaluatePolicy(student as PolicyLike, makeEnv).mean.toFixed(1)}`)
