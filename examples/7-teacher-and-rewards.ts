// A teacher during reinforcement learning: PPO alone, PPO with a term that weakens as its returns approach the teacher's
// (kickstarting), and PPO with a term within its trust region (proximal policy distillation). All three play the same steps.
// Run: npx tsx examples/7-teacher-and-rewards.ts

import { readFileSync } from 'node:fs'
import { loadParameters, MLP } from '../src/nn/index.ts'
import {
  evaluatePolicy,
  Kickstart,
  make,
  makeVec,
  type PolicyLike,
  ProximalDistillation,
  ppo,
  QPolicy,
} from '../src/rl/index.ts'
import { Rng } from '../src/tensor/index.ts'

const makeEnv = () => make('CartPole-v1')
const teacher = new QPolicy(new MLP([4, 256, 256, 2], new Rng(0)), 4, 2)
loadParameters(teacher, readFileSync(new URL('../bench/teachers/cartpole-1.safetensors', import.meta.url)))
console.log(`teacher: mean return ${evaluatePolicy(teacher, makeEnv).mean.toFixed(1)}`)

const steps = 8192
const temperature = 0.1 // its two action values differ by little: a softmax at 1 would be nearly uniform
const losses = {
  'no teacher': () => undefined,
  kickstarting: () => new Kickstart(teacher, { returnRange: { random: 22, teacher: 500 }, temperature }),
  'proximal distillation': () => new ProximalDistillation(teacher, { temperature }),
}

console.log(`mean greedy return of three students after each quarter of ${steps} steps:`)
for (const [name, auxiliaryLoss] of Object.entries(losses)) {
  const sums = [0, 0, 0, 0]
  for (const seed of [1, 2, 3])
    for (const [quarter, mean] of quarters(seed, auxiliaryLoss()).entries()) sums[quarter]! += mean
  console.log(`${name.padEnd(22)}${sums.map((sum) => (sum / 3).toFixed(1).padStart(7)).join('')}`)
}

/** Learns in sixteen sub-environments; evaluated four times on a hundred episodes. */
function quarters(seed: number, auxiliaryLoss: Kickstart | ProximalDistillation | undefined): number[] {
  const means: number[] = []
  const learning = { numSteps: 32, numEpochs: 6, learningRate: 3e-3, gamma: 0.98, gaeLambda: 0.8, entropyCoef: 0 }
  const options = { ...learning, hidden: [30, 30], totalTimesteps: steps, seed }
  for (const { step, agent } of ppo(makeVec('CartPole-v1', 16), { ...options, auxiliaryLoss })) {
    if (step >= ((means.length + 1) * steps) / 4) means.push(evaluatePolicy(agent as PolicyLike, makeEnv).mean)
  }
  return means
}
