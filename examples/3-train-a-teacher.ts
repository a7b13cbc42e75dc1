// Deep Q-learning on CartPole: a training is a generator, so the loop is yours. Here it stops as soon as the greedy policy
// is good enough. Run: npx tsx examples/3-train-a-teacher.ts

import { dqn, evaluatePolicy, make, type QPolicy } from '../src/rl/index.ts'

const makeEnv = () => make('CartPole-v1')

let teacher: QPolicy | undefined
for (const { step, episodes, epsilon, agent } of dqn(makeEnv(), { seed: 1, hidden: [64, 64], gradientSteps: 64 })) {
  if (step % 2048 !== 0) continue
  const { mean } = evaluatePolicy(agent, makeEnv, { episodes: 20 })
  const latest = episodes.at(-1)?.return ?? '–'
  console.log(
    `${step} steps, ε ${epsilon.toFixed(2)}: last episode ${latest}, greedy mean of twenty ${mean.toFixed(1)}`,
  )
  teacher = agent
  if (mean >= 475) break
}
const { mean, interval } = evaluatePolicy(teacher!, makeEnv, { episodes: 100, seed: 7 })
console.log(`100 fresh episodes: ${mean.toFixed(1)} [${interval.low.toFixed(1)}, ${interval.high.toFixed(1)}]`)
