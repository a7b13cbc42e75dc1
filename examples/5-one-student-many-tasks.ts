// One student for three tasks: a shared body, and an input and an output layer for each task, whose observations and actions differ
// in size. How many labels does each task's teacher have to give? Run: npx tsx examples/5-one-student-many-tasks.ts

import { readFileSync } from 'node:fs'
import { distillMultiTask } from '../src/distill/index.ts'
import { countParameters, type HasParameters, loadParameters, MLP, namedParameters } from '../src/nn/index.ts'
import { evaluatePolicy, finish, make, makeVec, type PolicyLike, QPolicy } from '../src/rl/index.ts'
import { Rng } from '../src/tensor/index.ts'

const tasks = [
  task('CartPole-v1', 'cartpole-1', 4, 2),
  task('Acrobot-v1', 'acrobot-1', 6, 3),
  task('MountainCar-v0', 'mountaincar-1', 2, 3),
]
for (const { id, teacher, random, best } of tasks) {
  const returns = `random actions ${random.toFixed(1)}, its teacher ${best.toFixed(1)}`
  console.log(`${id}: mean return of ${returns} with ${countParameters(teacher)} parameters`)
}

// Score 0 is random play, score 1 the teacher.
let students: HasParameters[] = []
for (const labels of [50, 100, 200]) {
  console.log(`\n${labels} labels a task:`)
  for (const seed of [1, 2, 3]) {
    const collect = { labels, rolloutSteps: 2000 }
    const all = tasks.map(({ id, teacher }) => ({ teacher, env: makeVec(id, 8), collect }))
    const distilled = finish(distillMultiTask(all, { hidden: [64, 64], seed: 1000 * seed }))
    const scores = tasks.map(({ id, random, best }, i) => {
      const { mean } = evaluatePolicy(distilled.students[i] as PolicyLike, () => make(id))
      return `${id} ${mean.toFixed(1)} (score ${((mean - random) / (best - random)).toFixed(3)})`
    })
    console.log(`  seed ${seed}: ${scores.join(', ')}`)
    students = distilled.students as HasParameters[]
  }
}

const distinct = new Set(students.flatMap((student) => Object.values(namedParameters(student))))
const apart = students.reduce((sum, student) => sum + countParameters(student), 0)
console.log(`\none student: ${countParameters([...distinct])} parameters; three that share nothing: ${apart}`)

/** A task with its trained teacher, and the mean returns of random actions and of the teacher. */
function task(id: string, file: string, observationSize: number, actions: number) {
  const teacher = new QPolicy(new MLP([observationSize, 256, 256, actions], new Rng(0)), observationSize, actions)
  loadParameters(teacher, readFileSync(new URL(`../bench/teachers/${file}.safetensors`, import.meta.url)))
  const rng = new Rng(0)
  const random = evaluatePolicy({ act: () => rng.integer(actions) }, () => make(id)).mean
  return { id, teacher, random, best: evaluatePolicy(teacher, () => make(id)).mean }
}
