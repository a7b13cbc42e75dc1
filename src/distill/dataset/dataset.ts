// A labelled dataset: states with the teacher's labels and, where the states were played, the actions and returns seen there.
// One column per quantity, flat and row-major, all of the same height, for discrete and continuous actions alike.
// Read next: ../collecting/collector.ts, dataset-files.ts.

import type { Saveable } from '../../data/checkpoint.ts'
import { Columns, type Field, field } from '../../data/columns.ts'
import { digestOf } from '../../data/digest.ts'
import { packedSize } from '../../data/packing.ts'
import { type Box, Discrete } from '../../data/spaces.ts'
import type { EnvLike } from '../../rl/envs/vector/sync-vector-env.ts'
import { CheckpointError, ShapeError, ValueError } from '../../tensor/errors.ts'
import { isCount } from '../../tensor/json.ts'
import { type Cost, CostRecord, isCost, noCost, type Provenance, stepsOf } from './provenance.ts'

/** Kinds of labels: policy logits, Q(s, ·), V(s), and for continuous actions the mean and ln σ of a Gaussian. */
export type LabelKind = 'logits' | 'actionValues' | 'stateValues' | 'mean' | 'logStd'
export const labelKinds: readonly LabelKind[] = ['logits', 'actionValues', 'stateValues', 'mean', 'logStd']

/** Successors of each state that have labels, for students that act by a look-ahead. */
export const SUCCESSORS = 2
/** Observations of the successors, Σ r and γ or 0 on the way to each, and their state values. */
export const successorColumns = ['successors', 'successorRewards', 'successorDiscounts', 'successorValues'] as const
export type SuccessorColumn = (typeof successorColumns)[number]

/** Labels of some states, each kind flat and row-major; `jacobians` are those of logits, action values or means by the observation. */
export type Labels = Partial<Record<LabelKind | 'jacobians' | SuccessorColumn, Float32Array>>

export type ColumnName = 'observations' | 'actions' | 'returns' | 'episodes' | keyof Labels

const labelColumns = [...labelKinds, ...successorColumns]
const played = ['observations', 'actions', 'returns', 'episodes'] as const
export const columnNames: readonly ColumnName[] = [...played, ...labelColumns, 'jacobians']

/** The task whose states these are. */
export interface TaskSpec {
  readonly envId: string
  readonly observationSize: number
  readonly actionSpace: Discrete | Box
  /** Whether a `mean` with a `logStd` is that of a Gaussian before tanh (SAC) rather than in action units (PPO). Default false. */
  readonly squashed?: boolean
}

/** A state to add. `action` holds one number for a discrete action, `actionSize` for a continuous one. */
export interface DatasetRow {
  readonly observation: Float32Array
  readonly action?: ArrayLike<number>
  /** Discounted return from this state to the end of its episode. */
  readonly return?: number
}

/** Complete columns, as `LabelledDataset.of` takes them. */
export interface DatasetColumns extends Labels {
  /** [size, observationSize] */
  readonly observations: Float32Array
  /** [size] or [size, actionSize] */
  readonly actions?: ArrayLike<number>
  /** [size] */
  readonly returns?: Float32Array
  readonly episodes?: Float32Array
}

/** What `LabelledDataset.of` may be told besides the columns. */
export interface DatasetOrigin {
  readonly provenance?: Provenance
  /** What was spent on it. Default: a label and a teacher evaluation per state if there are labels, else nothing. */
  readonly cost?: Cost
}

const UNKNOWN: Provenance = { selection: 'given', rounds: 1, seed: 0, teacher: 'unknown' }

/** States and their labels, in columns that grow row by row. */
export class LabelledDataset implements Saveable {
  readonly envId: string
  readonly observationSize: number
  readonly actionSpace: Discrete | Box
  readonly squashed: boolean
  /** Number of states. */
  size = 0
  /** What was spent so far, rows dropped by `clear` included. */
  readonly cost = new CostRecord()
  provenance: Provenance = UNKNOWN
  private store: Columns<Readonly<Record<ColumnName, Field<'float32'>>>>
  private readonly seen = new Set<string>()
  private cleared = new Float32Array() // observations of the rows that `clear` dropped
  private labelled = 0 // rows that have labels

  constructor({ envId, observationSize, actionSpace, squashed = false }: TaskSpec) {
    this.envId = envId
    this.observationSize = observationSize
    this.actionSpace = actionSpace
    this.squashed = squashed
    this.store = this.emptyStore()
  }

  /**
   * A dataset of complete columns. Throws a ShapeError on a column of another height, a ValueError on no states, on numbers that
   * are not finite and on actions outside the action space.
   */
  static of(spec: TaskSpec, columns: DatasetColumns, origin: DatasetOrigin = {}): LabelledDataset {
    const dataset = new LabelledDataset(spec)
    dataset.size = columns.observations.length / spec.observationSize
    for (const name of columnNames) {
      const values = columns[name]
      if (values === undefined || (values.length === 0 && name !== 'observations')) continue
      dataset.store.write(name, 0, values)
    }
    dataset.requireUsable('LabelledDataset.of', true)
    dataset.labelled = dataset.size
    const labels = dataset.isLabelled ? dataset.size : 0
    dataset.cost.add(origin.cost ?? { ...noCost(), labels, teacherEvaluations: labels })
    dataset.provenance = origin.provenance ?? UNKNOWN
    for (let i = 0; i < dataset.size; i++) dataset.seen.add(identityOf(dataset.observation(i)))
    return dataset
  }

  /** States labelled by the teacher so far. */
  get labels(): number {
    return this.cost.labels
  }

  /** Environment steps for all purposes. */
  get environmentSteps(): number {
    return stepsOf(this.cost)
  }

  /** Number of discrete actions. 0 for continuous actions. */
  get numActions(): number {
    return this.actionSpace instanceof Discrete ? this.actionSpace.n : 0
  }

  /** Numbers per action: 1 for a discrete one. */
  get actionSize(): number {
    return packedSize(this.actionSpace)
  }

  get spec(): TaskSpec {
    const { envId, observationSize, actionSpace, squashed } = this
    return { envId, observationSize, actionSpace, squashed }
  }

  /** Whether the states were played, so that `actions` and `returns` exist. */
  get isPlayed(): boolean {
    return this.has('actions') && this.has('returns')
  }

  /** Whether there are labels of a teacher, beside actions and returns that were seen. */
  get isLabelled(): boolean {
    return labelColumns.some((kind) => this.has(kind))
  }

  has(name: ColumnName): boolean {
    return this.store.arrays[name].length > 0
  }

  /** Numbers per state in a column. */
  width(name: ColumnName): number {
    if (name === 'observations') return this.observationSize
    if (name.startsWith('successor')) return SUCCESSORS * (name === 'successors' ? this.observationSize : 1)
    if (name === 'logits' || name === 'actionValues') return this.numActions
    if (name === 'jacobians') return (this.numActions || this.actionSize) * this.observationSize
    return name === 'returns' || name === 'episodes' || name === 'stateValues' ? 1 : this.actionSize
  }

  /** A view of a column, [size, width]. Throws a ValueError that names the columns that exist. */
  column(name: ColumnName): Float32Array {
    if (this.has(name)) return this.store.first(name, this.size)
    throw new ValueError(
      `the dataset of ${this.envId} has no "${name}"; it has ${this.names.join(', ') || 'no columns'}`,
    )
  }

  /** The columns that exist. */
  get names(): readonly ColumnName[] {
    return columnNames.filter((name) => this.has(name))
  }

  /** What ranks the discrete actions, [size, actions]: the teacher's logits, or else its action values. */
  scores(): Float32Array {
    return this.column(this.has('logits') ? 'logits' : 'actionValues')
  }

  /** A view of one observation: [observationSize]. */
  observation(row: number): Float32Array {
    return this.store.row('observations', row)
  }

  /** Whether a state was added, also to a row that `clear` dropped. */
  contains(observation: Float32Array): boolean {
    return this.seen.has(identityOf(observation))
  }

  /** Appends an unlabelled state. */
  add({ observation, action, return: following }: DatasetRow): void {
    this.seen.add(identityOf(observation))
    this.store.write('observations', this.size, observation)
    if (action !== undefined) this.store.write('actions', this.size, action)
    if (following !== undefined) this.store.write('returns', this.size, [following])
    this.size++
  }

  /** Asks the teacher about the states added since the last call, in one batch. */
  label(teacher: { label(observations: Float32Array, count: number): Labels }): void {
    const { size, labelled } = this
    if (size === labelled) return
    const labels = teacher.label(this.column('observations').subarray(labelled * this.observationSize), size - labelled)
    for (const [kind, values] of Object.entries(labels)) this.store.write(kind as LabelKind, labelled, values)
    if (labels.jacobians !== undefined) this.cost.jacobians += size - labelled
    this.cost.labels += size - labelled
    this.cost.teacherEvaluations += labels.successorValues?.length ?? size - labelled
    this.labelled = size
  }

  /** Drops all states and labels. The cost stays, and `contains` still finds the states. */
  clear(): void {
    if (this.size > 0) this.cleared = Float32Array.from([...this.cleared, ...this.column('observations')])
    this.size = 0
    this.labelled = 0
    this.store = this.emptyStore()
  }

  /** Throws a ValueError or ShapeError, which names `op`, unless there are states and all columns are complete and finite. */
  requireUsable(op: string, exact = false): void {
    const { size, actionSpace } = this
    if (size === 0) throw new ValueError(`${op}: the dataset is empty; expected at least one state`)
    for (const name of this.names) {
      const values = this.store.arrays[name]
      const length = size * this.width(name)
      if (values.length < length || (exact && values.length > length) || !Number.isInteger(size)) {
        throw new ShapeError(`${op}: ${values.length} numbers of ${name} for ${size} states; expected ${length}`)
      }
      const at = values.findIndex((each, i) => i < length && !Number.isFinite(each))
      if (at < 0) continue
      throw new ValueError(
        `${op}: ${name} is ${values[at]} in state ${Math.floor((at * size) / length)}; expected finite numbers`,
      )
    }
    if (!(actionSpace instanceof Discrete) || !this.has('actions')) return
    const { start, n } = actionSpace
    const wrong = this.column('actions').findIndex((each) => !actionSpace.contains(each))
    if (wrong < 0) return
    throw new ValueError(
      `${op}: the action of state ${wrong} is ${this.column('actions')[wrong]}; expected ${start} to ${start + n - 1}`,
    )
  }

  /** Throws a ValueError or ShapeError that gives both sides unless the dataset is of this environment. */
  requireTask(op: string, envs: EnvLike): void {
    if (this.envId !== envs.id) {
      throw new ValueError(`${op}: the dataset is of ${this.envId}, the environment is ${envs.id}`)
    }
    const size = packedSize(envs.observationSpace)
    if (this.observationSize === size && String(this.actionSpace) === String(envs.actionSpace)) return
    throw new ShapeError(
      `${op}: the dataset has observations of ${this.observationSize} numbers and actions ${this.actionSpace}; ` +
        `${envs.id} has ${size} and ${envs.actionSpace}`,
    )
  }

  save() {
    const { size, cost, labelled, cleared } = this
    const columns = this.names.map((name) => [name, this.column(name)])
    return { size, cost: cost.save(), labelled, cleared, columns: Object.fromEntries(columns) }
  }

  restore(saved: ReturnType<LabelledDataset['save']>): void {
    const { columns, cleared, cost, ...counts } = saved
    const isCounted = Object.values(counts).every((count) => isCount(count))
    const areColumns = Object.entries(columns).every(
      ([name, values]) => columnNames.includes(name as ColumnName) && values instanceof Float32Array,
    )
    const isWhole = Object.keys(counts).length === 2 && isCounted && counts.labelled <= counts.size && areColumns
    if (!isWhole || !isCost(cost) || !(cleared instanceof Float32Array)) {
      throw new CheckpointError('LabelledDataset: the saved counts or columns are not those of a dataset')
    }
    this.clear()
    this.seen.clear()
    Object.assign(this, counts, { cleared })
    this.cost.restore(cost)
    for (const [name, values] of Object.entries(columns) as [ColumnName, Float32Array][]) {
      this.store.write(name, 0, values)
    }
    const width = this.observationSize
    for (let at = 0; at < cleared.length; at += width) this.seen.add(identityOf(cleared.subarray(at, at + width)))
    if (this.size > 0) this.requireUsable('LabelledDataset.restore', true)
    for (let i = 0; i < this.size; i++) this.seen.add(identityOf(this.observation(i)))
  }

  private emptyStore() {
    const fields = columnNames.map((name) => [name, field(this.width(name), 'float32')])
    return new Columns(Object.fromEntries(fields) as Record<ColumnName, Field<'float32'>>)
  }
}

/** Tells states apart by their bytes; -0 is 0. */
function identityOf(observation: Float32Array): string {
  return digestOf(new Uint8Array(observation.map((x) => x + 0).buffer))
}
