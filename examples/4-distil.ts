// Distillation by hand, each step in sight: teacher, labelled set, target, student.
// Run: npx tsx examples/4-distil.ts

import { collect, prepareTarget, Teacher, trainStudent } from '../src/distill/index.ts'
import { countParameters, MLP } from '../src/nn/index.ts'
import { type ActionValueAgent, dqn, evaluatePolicy, finish, make } from '../src/rl/index.ts'
import { Rng } from '../src/tensor/index.ts'

const makeEnv = () => make('CartPole-v1')
const agent = goodTeacher()
console.log(
  `teacher: ${countParameters(agent)} parameters, mean return ${evaluatePolicy(agent, makeEnv).mean.toFixed(1)}`,
)

// 1. The teacher labels a hundred states of its own play, with more or fewer random actions mixed in.
const teacher = new Teacher(agent, 'DQN', 100)
const set = collect(teacher, makeEnv(), { mode: 'mixedEpsilon', labels: 100, seed: 1 })
console.log(`${teacher.labels} labels from ${set.environmentSteps} steps of play`)

// 2. Its action values, softened by a temperature, are what a student learns; then the same labels by their winner alone.
for (const name of ['policy', 'hard'] as const) {
  const target = prepareTarget(name, set, { temperature: { kind: 'gap', c: 1 } })
  // 3. A student of a hundred parameters.
  const network = new MLP([4, 16, 2], new Rng(3))
  const student = finish(trainStudent(network, set, target, { seed: 3 }))
  const { mean } = evaluatePolicy(student, makeEnv)
  console.log(`${name}: ${countParameters(network)} parameters, mean return ${mean.toFixed(1)}`)
}

/** Deep Q-learning until twenty greedy episodes average 475, as in the example before. */
function goodTeacher(): ActionValueAgent {
  for (const { step, agent } of dqn(makeEnv(), { seed: 1, hidden: [64, 64], gradientSteps: 64 })) {
    if (step % 2048 === 0 && evaluatePolicy(agent, makeEnv, { episodes: 20 }).mean >= 475) return agent
  }
  throw new Error('this seed found no good teacher in 50,000 steps; try another')
}
