// From a log, without an environment: a table of episodes is all that the teacher and the student learn from. An environment writes the table
// first and judges the result at the end. Run: npx tsx examples/9-from-a-log.ts

import { readFileSync } from 'node:fs'
import { fitStudent, labelLog, prepareObjective } from '../src/distill/index.ts'
import { countParameters, loadParameters, MLP } from '../src/nn/index.ts'
import {
  behaviourCloning,
  cql,
  evaluatePolicy,
  finish,
  logFromCsv,
  logToCsv,
  make,
  type PolicyLike,
  QPolicy,
  RecordLog,
} from '../src/rl/index.ts'
import { Rng } from '../src/tensor/index.ts'

const makeEnv = () => make('CartPole-v1')
const meanReturn = (policy: PolicyLike) => evaluatePolicy(policy, makeEnv, { episodes: 50 }).mean.toFixed(1)

const table = recorded(20_000)
console.log(table.split('\n').slice(0, 2).join('\n'))

const log = logFromCsv(table)
console.log(`${log.episodes} episodes, ${log.size} steps of ${log.actionSpace}`)

// 1. Teachers. Behaviour cloning imitates the log; conservative Q-learning finds a better policy in it.
const teacher = finish(cql(log, { updates: 3000, seed: 1 }))
const clone = finish(behaviourCloning(log, { updates: 3000, seed: 1 }))
// 2. A small set: a hundred states of the log, each with the teacher's action values.
const dataset = labelLog(log, teacher, { labels: 100, seed: 1 })
// 3. A student of the softened values.
const network = new MLP([log.observationSize, 12, 12, 2], new Rng(1), { activation: 'tanh' })
const objective = prepareObjective('policy', dataset, { temperature: { relative: 0.3 } })
const student = finish(fitStudent(network, dataset, objective, { seed: 1 }))

console.log(`behaviour cloning: mean return ${meanReturn(clone as PolicyLike)}`)
console.log(`CQL: mean return ${meanReturn(teacher)}`)
console.log(`student of ${countParameters(network)} parameters: mean return ${meanReturn(student as PolicyLike)}`)

/** Half the steps are random, half those of a good policy that acts at random in every third step. */
function recorded(steps: number): string {
  const env = new RecordLog(makeEnv())
  const policy = new QPolicy(new MLP([4, 256, 256, 2], new Rng(0)), 4, 2)
  loadParameters(policy, readFileSync(new URL('../bench/teachers/cartpole-1.safetensors', import.meta.url)))
  const rng = new Rng(1)
  let { observation } = env.reset({ seed: 1 })
  for (let i = 0; i < steps; i++) {
    const isRandom = i < steps / 2 || rng.uniform() < 1 / 3
    const { terminated, truncated, ...step } = env.step(isRandom ? rng.integer(2) : policy.act(observation))
    observation = terminated || truncated ? env.reset().observation : step.observation
  }
  return logToCsv(env.log)
}
