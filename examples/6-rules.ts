// A teacher of 67,586 parameters as a handful of rules: a decision tree learns the teacher's actions in the states that such trees
// visit, and can then be read. Run: npx tsx examples/6-rules.ts

import { readFileSync } from 'node:fs'
import { viper } from '../src/distill/index.ts'
import { countParameters, loadParameters, MLP } from '../src/nn/index.ts'
import { evaluatePolicy, finish, make, QPolicy } from '../src/rl/index.ts'
import { Rng } from '../src/tensor/index.ts'

const makeEnv = () => make('CartPole-v1')
const names = {
  observations: ['cart position', 'cart velocity', 'pole angle', 'pole angular velocity'],
  actions: ['push left', 'push right'],
}

const teacher = new QPolicy(new MLP([4, 256, 256, 2], new Rng(0)), 4, 2)
loadParameters(teacher, readFileSync(new URL('../bench/teachers/cartpole-1.safetensors', import.meta.url)))
console.log(
  `teacher: ${countParameters(teacher)} parameters, mean return ${evaluatePolicy(teacher, makeEnv).mean.toFixed(1)}`,
)

// Fewer and fewer rules: how few still balance the pole?
for (const maxLeafNodes of [8, 4, 2]) {
  const { tree, dataset } = finish(viper(makeEnv, teacher, { labels: 1000, maxLeafNodes, seed: 1 }))
  const { mean } = evaluatePolicy(tree, makeEnv)
  console.log(`\n${tree.leaves} leaves from ${dataset.labels} labels, mean return ${mean.toFixed(1)}`)
  console.log(tree.toText(names))
}
