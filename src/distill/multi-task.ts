// One student for several tasks: each task has an input layer and an output layer of its own, and all share what lies
// between, so that observations and actions may be as many as they like (Rusu et al. 2016, arXiv:1511.06295, section 3.3;
// Parisotto et al. 2016, arXiv:1511.06342). Read next: distill.ts for one task.

import { Linear } from '../nn/linear.ts'
import { MLP } from '../nn/mlp.ts'
import { joinParameters, type Module, type NamedParameters } from '../nn/module.ts'
import { Adam } from '../nn/optimizers/adam.ts'
import { cosineSchedule } from '../nn/schedules.ts'
import { finish } from '../rl/training.ts'
import type { Envs } from '../rl/vector/as-vector.ts'
import { ValueError } from '../tensor/errors.ts'
import { tensor } from '../tensor/ops/create.ts'
import { add, mul, relu } from '../tensor/ops/elementwise.ts'
import { indexSelect } from '../tensor/ops/indexing.ts'
import { reshape } from '../tensor/ops/layout.ts'
import { Rng } from '../tensor/random.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type CollectOptions, collect } from './collect.ts'
import { type LabelledSet, requireSetOf } from './labelled-set.ts'
import { foldScaling, type ObservationScaling, observationScaling, scaleObservations } from './observation-scaling.ts'
import { rehearsalSet, rehearse } from './rehearsal.ts'
import { type PreparedTarget, prepareTarget, type Student, type TargetName, type TargetOptions } from './targets.ts'
import { requireSameSpaces, Teacher } from './teacher.ts'
import { type TeacherSource, teacherAgent } from './teachers/as-agent.ts'
import { type DistillReport, type TrainStudentOptions, trainStudentDefaults } from './train-student.ts'

/** Labelled states of one task. */
export interface TaskSet extends Omit<TargetOptions, 'seed'> {
  readonly set: LabelledSet
  /** What the student learns here. Default `policy`. */
  readonly target?: TargetName
}

/** One task of which the labels are there, or are yet to be gathered. */
export interface DistillTask extends Partial<TaskSet>, Omit<CollectOptions, 'labels' | 'seed'> {
  /** Not needed beside a `set`. */
  readonly teacher?: TeacherSource
  readonly env: Envs
  /** States to label. Default 200. */
  readonly labels?: number
}

export interface MultiTaskOptions extends TrainStudentOptions {
  readonly tasks: readonly DistillTask[]
  /** Widths of the hidden layers: the first is of each task alone, the others are shared. Default: two of 64. */
  readonly hidden?: readonly number[]
}

/** One of each for each task, in their order. */
export interface MultiTaskDistilled {
  readonly students: readonly Student[]
  readonly sets: readonly LabelledSet[]
}

/**
 * Labels states of every task and trains one student on all. Throws a ValueError on less than one task or two hidden layers,
 * and whatever `distill` throws, before anything is played.
 */
export function distillMultiTask(options: MultiTaskOptions): MultiTaskDistilled {
  const { tasks, hidden = [64, 64], seed = 0 } = options
  requireShared(tasks, hidden)
  const gatherers = tasks.map((task, i) => gatherer(task, seed + i)) // all are checked before the first plays
  const sets = gatherers.map((gather) => gather())
  const withSets = tasks.map((task, i) => ({ ...task, set: sets[i]! }))
  return { students: finish(trainMultiTask(withSets, options)), sets }
}

/**
 * Trains one student on the sets of several tasks: every update takes a minibatch of each, and the mean of their losses. Yields
 * after each update, returns the students, one a task.
 */
export function* trainMultiTask(
  tasks: readonly TaskSet[],
  options: Omit<MultiTaskOptions, 'tasks'> = {},
): Generator<DistillReport, Student[], void> {
  const { hidden = [64, 64], ...training } = options
  const o = { ...trainStudentDefaults, ...training }
  requireShared(tasks, hidden)
  if (!(Number.isInteger(o.updates) && o.updates >= 0))
    throw new ValueError(`trainMultiTask: ${o.updates} updates; expected a whole number from 0`)
  const rng = new Rng(o.seed)
  const body = new MLP(hidden, rng, { outputActivation: 'relu' })
  const lessons = tasks.map(({ set, target = 'policy', ...settings }) => {
    const prepared = prepareTarget(target, set, { ...settings, seed: o.seed })
    const network = new TaskNetwork(set.observationSize, body, hidden, prepared.outputs, rng)
    return new Lesson(set, prepared, network, o, rng.split())
  })
  const networks = lessons.map(({ network }, i): [string, Module] => [`${i}`, network])
  const learningRate = cosineSchedule(o.learningRate, Math.max(1, o.updates))
  const optimizer = new Adam(joinParameters(Object.fromEntries(networks)), { learningRate })
  try {
    for (let update = 1; update <= o.updates; update++) {
      const all = () => lessons.map((lesson) => lesson.loss()).reduce((sum, each) => add(sum, each))
      yield { update, loss: optimizer.minimize(() => mul(all(), 1 / lessons.length), o) }
    }
  } finally {
    for (const lesson of lessons) lesson.end()
  }
  return lessons.map(({ target, network }) => target.student(network))
}

/** [batch, observationSize] → [batch, outputs], by layers of its own at both ends. */
class TaskNetwork implements Module {
  readonly input: Linear
  private readonly head: Linear

  constructor(
    observationSize: number,
    private readonly body: Module,
    hidden: readonly number[],
    outputs: number,
    rng: Rng,
  ) {
    this.input = new Linear(observationSize, hidden[0]!, rng)
    this.head = new Linear(hidden[hidden.length - 1]!, outputs, rng)
  }

  forward(observations: Tensor): Tensor {
    return this.head.forward(this.body.forward(relu(this.input.forward(observations))))
  }

  parameters(): NamedParameters {
    return joinParameters({ input: this.input, body: this.body, head: this.head })
  }
}

// What is learned of one task: minibatches of its set, in shuffled passes.
class Lesson {
  private readonly observations: Tensor
  private readonly labels: Tensor
  private readonly weights: Tensor | undefined
  private readonly scaling: ObservationScaling | undefined
  private readonly rows: Int32Array
  private readonly order: Int32Array
  private place = 0

  constructor(
    { size, observationSize, ...set }: LabelledSet,
    readonly target: PreparedTarget,
    readonly network: TaskNetwork,
    { batchSize, scaleObservations: scaled }: Pick<typeof trainStudentDefaults, 'batchSize' | 'scaleObservations'>,
    private readonly rng: Rng,
  ) {
    const { labels, width, weights, leastBatch = 1 } = target
    const batch = Math.min(batchSize, size)
    if (!(Number.isInteger(batch) && batch >= leastBatch)) {
      throw new ValueError(
        `trainMultiTask: minibatches of ${batch} from ${size} states of ${set.envId}; the target needs a whole number from ${leastBatch}`,
      )
    }
    this.scaling = scaled ? observationScaling({ size, observationSize, ...set }) : undefined
    const observations = this.scaling ? scaleObservations(set.observations, this.scaling) : set.observations
    this.observations = tensor(observations, [size, observationSize])
    this.labels = tensor(labels, width === 1 ? [size] : [size, width])
    this.weights = weights && tensor(weights)
    this.rows = new Int32Array(batch)
    this.order = rng.permutation(size)
  }

  loss(): Tensor {
    for (let i = 0; i < this.rows.length; i++) {
      if (this.place === this.order.length) {
        this.rng.shuffle(this.order)
        this.place = 0
      }
      this.rows[i] = this.order[this.place++]!
    }
    const rows = tensor(this.rows)
    const outputs = this.network.forward(indexSelect(this.observations, 0, rows))
    return this.target.loss(
      indexSelect(this.labels, 0, rows),
      this.target.outputs === 1 ? reshape(outputs, [this.rows.length]) : outputs,
      this.weights && indexSelect(this.weights, 0, rows),
    )
  }

  /** From here on the network takes observations as they are. */
  end(): void {
    if (this.scaling !== undefined) foldScaling(this.network.input, this.scaling)
  }
}

// What to call for a task's labels, once everything about it has been checked.
function gatherer(task: DistillTask, seed: number): () => LabelledSet {
  const { env, labels = 200, target = 'policy', set } = task
  if (set !== undefined) {
    requireSetOf('distillMultiTask', set, env)
    return () => set
  }
  if (task.teacher === undefined) {
    throw new ValueError(`distillMultiTask: no teacher for ${env.id}; give a teacher, or a set of labels`)
  }
  const teacher = new Teacher(teacherAgent(task.teacher, env), env.id, labels)
  requireSameSpaces('distillMultiTask', teacher, env)
  rehearse(target, rehearsalSet(teacher, env.id, task.mode !== 'boundingBox'), task)
  return () => collect(teacher, env, { ...task, labels, seed })
}

function requireShared(tasks: readonly unknown[], hidden: readonly number[]): void {
  if (tasks.length === 0) throw new ValueError('distillMultiTask: no tasks; expected at least one')
  if (hidden.length >= 2) return
  throw new ValueError(
    `distillMultiTask: ${hidden.length} hidden layers; the first is of each task alone, so it takes two to share one`,
  )
}
