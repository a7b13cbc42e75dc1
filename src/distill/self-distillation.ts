// Self-distillation ("born-again" networks): each student is trained on the labels of the one before, at the same states, and often
// ends better than it. Furlanello et al. 2018, arXiv:1805.04770, section 3. Read next: distill.ts.

import { count, type GivenOptions, type OptionTable, readOptions, sizes } from '../data/options.ts'
import { MLP } from '../nn/layers/mlp.ts'
import { finish } from '../rl/training/training.ts'
import { Rng } from '../tensor/random.ts'
import type { LabelledDataset } from './dataset/dataset.ts'
import { relabel } from './dataset/dataset-operations.ts'
import { fitOptions, fitStudent } from './fit.ts'
import { prepared, type ReadOptions, rehearsed } from './objective.ts'
import { type StudentOf, type TargetLike, type TargetOptions, targetOf } from './targets/index.ts'
import { labelsBy, type TeachingPolicy } from './teachers/teaching-agent.ts'

export const selfDistillOptions = {
  ...fitOptions,
  generations: count(3, 'students, one after the other'),
  hidden: sizes([64, 64], 'widths of the hidden layers'),
}

export type SelfDistillOptions<T extends TargetLike = 'policy'> = GivenOptions<typeof selfDistillOptions> &
  TargetOptions<T> & {
    /** What each student learns of the one before. Default `policy`. */
    readonly target?: T
  }

/**
 * The students of all generations, the first first; several agents may be given to `distill` as one teacher. Generation k, from 0,
 * uses the seed `seed + k`. The teacher of the dataset is asked nothing. Throws a ValueError on a target whose students have no
 * labels that it could learn from.
 */
export function selfDistill<T extends TargetLike = 'policy'>(
  dataset: LabelledDataset,
  options: SelfDistillOptions<T> = {} as SelfDistillOptions<T>,
): StudentOf<T>[] {
  const { target: name = 'policy', ...values } = options as SelfDistillOptions<'policy'>
  const target = targetOf(name as TargetLike)
  const table: OptionTable = { ...selfDistillOptions, ...target.options }
  const o = readOptions('selfDistill', table, values) as ReadOptions & Required<GivenOptions<typeof selfDistillOptions>>
  const { seed, generations, hidden, updates, batchSize, learningRate, maxGradNorm, standardize } = o
  const students: TeachingPolicy[] = []
  for (let k = 0; k < generations; k++) {
    const taught = k === 0 ? dataset : relabelled(dataset, students[k - 1]!, k - 1)
    const objective = prepared(target, taught, o)
    const network = new MLP([dataset.observationSize, ...hidden, objective.outputs], new Rng(seed + k))
    if (k === 0 && generations > 1) {
      rehearsed(target, relabelled(dataset, objective.student(network) as TeachingPolicy, 0), o)
    }
    const fitting = { updates, batchSize, learningRate, maxGradNorm, standardize, seed: seed + k }
    students.push(finish(fitStudent(network, taught, objective, fitting)) as TeachingPolicy)
  }
  return students as StudentOf<T>[]
}

function relabelled(dataset: LabelledDataset, student: TeachingPolicy, generation: number): LabelledDataset {
  return relabel(dataset, labelsBy(student, dataset.column('observations'), dataset.size), `generation ${generation}`)
}
