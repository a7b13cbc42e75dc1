// Distillation step by step: teacher, labelled dataset, objective, student.
// Run: npx tsx examples/4-distil.ts

import { distill, fitStudent, prepareObjective } from '../src/distill/index.ts'
import { countParameters, MLP } from '../src/nn/index.ts'
import { dqn, evaluatePolicy, finish, make, type PolicyLike, type QPolicy } from '../src/rl/index.ts'
import { Rng } from '../src/tensor/index.ts'

const makeEnv = () => make('CartPole-v1')
const agent = goodTeacher()
console.log(
  `teacher: ${countParameters(agent)} parameters, mean return ${evaluatePolicy(agent, makeEnv).mean.toFixed(1)}`,
)

// 1. The teacher labels a hundred states of its own play, in which each episode has its own fraction of random actions.
const { dataset } = finish(distill(makeEnv(), agent, { rounds: 1, labels: 100, seed: 1, updates: 0 }))
console.log(`${dataset.labels} labels from ${dataset.environmentSteps} steps of play`)

// 2. A student learns the softmax of the action values at a temperature; then, from the same labels, the best action alone.
for (const divergence of ['forward-kl', 'hard'] as const) {
  const objective = prepareObjective('policy', dataset, { divergence, temperature: { relative: 1 } })
  // 3. A student of a hundred parameters.
  const network = new MLP([4, 16, 2], new Rng(3))
  const student = finish(fitStudent(network, dataset, objective, { seed: 3 }))
  const { mean } = evaluatePolicy(student as PolicyLike, makeEnv)
  console.log(`${divergence}: ${countParameters(network)} parameters, mean return ${mean.toFixed(1)}`)
}

/** Deep Q-learning until twenty greedy episodes average 475, as in the example before. */
function goodTeacher(): QPolicy {
  for (const { step, agent } of dqn(makeEnv(), { seed: 1, hidden: [64, 64], gradientSteps: 64 })) {
    if (step % 2048 === 0 && evaluatePolicy(agent, makeEnv, { episodes: 20 }).mean >= 475) return agent
  }
  throw new Error('this seed found no good teacher in 50,000 steps; try another')
}
