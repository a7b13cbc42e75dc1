// Learning from derivatives: the teacher's outputs at a label and their Jacobian there predict its outputs nearby, so states that were
// visited but not labelled get predicted labels. Czarnecki et al. 2017 (Sobolev training), arXiv:1706.04859; Srinivas and Fleuret 2018,
// arXiv:1803.00443. A Jacobian costs a backward pass per output: it saves states, not work. Read next: ../students.ts.

import type { Standardizer } from '../../nn/layers/standardize.ts'
import type { TeachingPolicy } from '../../rl/policies/policy.ts'
import { scope } from '../../tensor/autograd/scope.ts'
import { ValueError } from '../../tensor/errors.ts'
import { tensor } from '../../tensor/ops/create.ts'
import { narrow } from '../../tensor/ops/layout.ts'
import { sum } from '../../tensor/ops/reduce.ts'
import type { LabelKind, LabelledDataset } from '../dataset/dataset.ts'
import { withColumns } from '../dataset/dataset-operations.ts'

/** Outputs that a Jacobian is of: logits, or else action values, or else the mean. */
const differentiable: readonly LabelKind[] = ['logits', 'actionValues', 'mean']

/** The Jacobians of the teacher's outputs by the observation: [count, outputs, observationSize]. Throws if no gradient reaches it. */
export function jacobiansBy(agent: TeachingPolicy, observations: Float32Array, count: number): Float32Array {
  const { observationSize: size } = agent
  return scope(() => {
    const x = tensor(observations, [count, size], { requiresGrad: true })
    const outputs = agent.logits?.(x) ?? agent.actionValues?.(x) ?? agent.gaussian?.(x)?.mean
    if (outputs === undefined || !outputs.requiresGrad) {
      throw new ValueError(
        'jacobians: the teacher is not differentiable; expected an agent with a network, or jacobians: false',
      )
    }
    const width = outputs.dims[1]!
    const jacobians = new Float32Array(count * width * size)
    for (let output = 0; output < width; output++) {
      x.grad = null
      sum(narrow(outputs, 1, output, 1)).backward({ retainGraph: output < width - 1 })
      const gradient = x.grad!.view()
      for (let row = 0; row < count; row++) {
        jacobians.set(gradient.subarray(row * size, (row + 1) * size) as Float32Array, (row * width + output) * size)
      }
    }
    return jacobians
  })
}

/** Labels that predict together. */
const NEIGHBOURS = 3
/** In standard deviations of the observations. */
const RADIUS = 0.5

/**
 * The labelled states, and those `visited` within half a standard deviation of one, [states, observationSize], with predicted outputs:
 * the first-order expansions of the three nearest labels, weighted by their inverse squared distance (Shepard 1968,
 * doi:10.1145/800186.810616).
 */
export function withExpansions(
  dataset: LabelledDataset,
  visited: Float32Array,
  { std }: Standardizer,
): LabelledDataset {
  const { observationSize: width } = dataset
  const kind = differentiable.find((each) => dataset.has(each))!
  const others = dataset.has('logStd') && kind === 'mean' ? (['logStd'] as const) : []
  const names = ['observations' as const, kind, ...others]
  const columns = Object.fromEntries(names.map((name) => [name, Array.from(dataset.column(name))]))
  const [values, jacobians] = [dataset.column(kind), dataset.column('jacobians')]
  const outputs = dataset.width(kind)
  for (let at = 0; at < visited.length; at += width) {
    const state = visited.subarray(at, at + width)
    const near = nearest(state, dataset, std)
    if (near.length === 0 || near[0]!.squared > RADIUS * RADIUS || dataset.contains(state)) continue
    const weights = near.map(({ squared }) => 1 / (squared + 1e-12))
    const total = weights.reduce((a, b) => a + b)
    for (let output = 0; output < outputs; output++) {
      let predicted = 0
      near.forEach(({ row }, i) => {
        const label = dataset.observation(row)
        let value = values[row * outputs + output]!
        const from = (row * outputs + output) * width
        for (let j = 0; j < width; j++) value += jacobians[from + j]! * (state[j]! - label[j]!)
        predicted += (weights[i]! / total) * value
      })
      columns[kind]!.push(predicted)
    }
    columns.observations!.push(...state)
    for (const name of others)
      columns[name]!.push(...dataset.column(name).subarray(near[0]!.row * outputs, (near[0]!.row + 1) * outputs))
  }
  if (columns.observations!.length === dataset.size * width) return dataset
  return withColumns(dataset, (name) => Float32Array.from(columns[name]!), names)
}

function nearest(state: Float32Array, dataset: LabelledDataset, std: Float64Array) {
  const found: { row: number; squared: number }[] = []
  for (let row = 0; row < dataset.size; row++) {
    const label = dataset.observation(row)
    let squared = 0
    for (let j = 0; j < state.length; j++) squared += ((state[j]! - label[j]!) / std[j]!) ** 2
    const place = found.findIndex((each) => each.squared > squared)
    if (place < 0 && found.length === NEIGHBOURS) continue
    found.splice(place < 0 ? found.length : place, 0, { row, squared })
    if (found.length > NEIGHBOURS) found.pop()
  }
  return found
}
