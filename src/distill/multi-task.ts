// One student for several tasks: each has an input and an output layer of its own and all share what lies between, so observations
// and actions may differ in size. Rusu et al. 2016, arXiv:1511.06295, section 3.3; Parisotto et al. 2016, arXiv:1511.06342.
// Read next: distill.ts for one task.

import { type GivenOptions, readOptions, sizes } from '../data/options.ts'
import { Linear } from '../nn/layers/linear.ts'
import { MLP } from '../nn/layers/mlp.ts'
import { collectParameters, type Module, type NamedParameters } from '../nn/module.ts'
import { Adam } from '../nn/optimizers/adam.ts'
import { cosineSchedule } from '../nn/optimizers/schedules.ts'
import type { EnvLike } from '../rl/envs/vector/sync-vector-env.ts'
import { finish } from '../rl/training/training.ts'
import type { Tensor } from '../tensor/autograd/tensor.ts'
import { ValueError } from '../tensor/errors.ts'
import { add, mul, relu } from '../tensor/ops/elementwise.ts'
import { Rng } from '../tensor/random.ts'
import type { collectorOptions } from './collecting/collector-options.ts'
import type { LabelledDataset } from './dataset/dataset.ts'
import { distill } from './distill.ts'
import { fitOptions, Minibatches } from './fit.ts'
import { type ObjectiveOptions, prepareObjective } from './objective.ts'
import type { TargetLike } from './targets/index.ts'
import type { TeacherSource } from './teachers/teacher.ts'

/** One of the tasks: labels that exist already, or a teacher that gives them. */
export interface MultiTask<T extends TargetLike = TargetLike> {
  readonly env: EnvLike
  /** Not needed with a `dataset`. */
  readonly teacher?: TeacherSource
  readonly dataset?: LabelledDataset
  /** What the student learns. Default `policy`. */
  readonly target?: T
  /** Options of the target. */
  readonly targetOptions?: ObjectiveOptions<T>
  /** How the states are collected. Default: one round. */
  readonly collect?: GivenOptions<typeof collectorOptions>
}

export const multiTaskOptions = {
  ...fitOptions,
  hidden: sizes([64, 64], 'widths of the hidden layers: the first belongs to each task alone, the others are shared'),
}

export interface MultiTaskReport {
  readonly update: number
  /** Mean over the tasks of the loss of their minibatches. */
  readonly loss: number
}

/** One of each per task, in their order. */
export interface MultiTaskResult {
  readonly students: readonly unknown[]
  readonly datasets: readonly LabelledDataset[]
}

/**
 * Labels states of every task and trains one student on all: each update takes a minibatch of every task and the mean of their
 * losses. Throws a ValueError on no tasks or fewer than two hidden layers, and whatever `distill` throws, before any play.
 */
export function* distillMultiTask(
  tasks: readonly MultiTask[],
  options: GivenOptions<typeof multiTaskOptions> = {},
): Generator<MultiTaskReport, MultiTaskResult, void> {
  const o = readOptions('distillMultiTask', multiTaskOptions, options)
  if (tasks.length === 0) throw new ValueError('distillMultiTask: no tasks; expected at least one')
  if (o.hidden.length < 2) {
    throw new ValueError(
      `distillMultiTask: ${o.hidden.length} hidden layers; expected two or more, the first is not shared`,
    )
  }
  const collections = tasks.map((task, i) => collection(task, o.seed + i, o.batchSize)) // validated before any is played
  const datasets = collections.map((each) => each())
  const rng = new Rng(o.seed)
  const body = new MLP(o.hidden, rng, { outputActivation: 'relu' })
  const parts = tasks.map(({ target = 'policy', targetOptions = {} }, i) => {
    const dataset = datasets[i]!
    const objective = prepareObjective(target, dataset, { ...targetOptions, seed: o.seed })
    const network = new TaskNetwork(dataset.observationSize, body, o.hidden, objective.outputs, rng)
    const first = o.standardize ? network.input : undefined
    const batches = new Minibatches(network, first, dataset, objective, o.batchSize, rng.split())
    return { objective, network, batches }
  })
  const modules = Object.fromEntries(parts.map(({ network }, i) => [`${i}`, network]))
  const learningRate = cosineSchedule(o.learningRate, Math.max(1, o.updates))
  const optimizer = new Adam(collectParameters(modules), { learningRate })
  try {
    for (let update = 1; update <= o.updates; update++) {
      const all = () => parts.map(({ batches }) => batches.loss()).reduce((sum, each) => add(sum, each))
      yield { update, loss: optimizer.minimize(() => mul(all(), 1 / parts.length), o) }
    }
  } finally {
    for (const { batches } of parts) batches.fuse()
  }
  return { students: parts.map(({ objective, network }) => objective.student(network)), datasets }
}

/** [batch, observationSize] → [batch, outputs], with an input and an output layer of its own. */
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
    return collectParameters({ input: this.input, body: this.body, head: this.head })
  }
}

// Validates a task; the function returned makes its dataset.
function collection(
  { env, teacher, dataset, target, targetOptions, collect }: MultiTask,
  seed: number,
  batchSize: number,
) {
  const defaults = { rounds: 1, roundUpdates: Math.round(fitOptions.updates.value / 3) }
  const given = { ...collect, ...targetOptions, ...(target && { target }), ...(dataset && { dataset }) }
  const collecting = distill(env, teacher ?? null, { ...defaults, ...given, seed, batchSize, updates: 0 })
  return () => dataset ?? finish(collecting).dataset
}
