// Distillation step by step: a teacher, a labelled dataset, an objective, a student.
// Run: npx tsx examples/4-distil.ts

import { distill, fitStudent, prepareObjective } from '../src/distill/index.ts'
import { countParameters, MLP } from '../src/nn/index.ts'
import { type ActionValueAgent, dqn, evaluatePolicy, finish, make } from '../src/rl/index.ts'
import { Rng } from '../src/tensor/index.ts'

const makeEnv = () => make('CartPole-v1')
const teacher = goodTeacher()
console.log(
  `teacher: ${countParameters(teacher)} parameters, mean return ${evaluatePolicy(teacher, makeEnv).mean.toFixed(1)}`,
)

// 1. The teacher labels a hundred states of its own play, in which each episode has its own fraction of random actions.
const { dataset } = finish(
  distill(makeEnv(), teacher, { labels: 100, rounds: 1, selection: 'random', updates: 0, seed: 1 }),
)
console.log(`${dataset.labels} labels from ${dataset.environmentSteps} environment steps`)

// 2. A student learns the teacher's action values, softened by a temperature; another one learns the best actions alone.
for (const divergence of ['forward-kl', 'hard'] as const) {
  const objective = prepareObjective('policy', dataset, { divergence, temperature: { relative: 1 } })
  // 3. The students have about a hundred parameters.
  const network = new MLP([4, 16, 2], new Rng(3))
  const student = finish(fitStudent(network, dataset, objective, { seed: 3 }))
  const { mean } = evaluatePolicy(student, makeEnv)
  console.log(`${divergence}: ${countParameters(network)} parameters, mean return ${mean.toFixed(1)}`)
}

/** Deep Q-learning until twenty greedy episodes average 475, as in the example before. */
function goodTeacher(): ActionValueAgent {
  for (const { step, agent } of dqn(makeEnv(), { seed: 1, hidden: [64, 64], gradientSteps: 64 })) {
    if (step % 2048 === 0 && evaluatePolicy(agent, makeEnv, { episodes: 20 }).mean >= 475) return agent
  }
  throw new Error('this seed found no good teacher in 50,000 steps; try another')
}
