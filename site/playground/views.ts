// Messages of the worker about teacher, labels and student.

import type { LabelledDataset } from 'alambic/distill'
import type { Config } from './config.ts'
import { statesOf } from './lab.ts'
import { actionsOf } from './pictures.ts'
import type { LabelsView, StudentView, TeacherView } from './protocol.ts'
import type { Teaching } from './teachers.ts'

export const noLabels: LabelsView = {
  ...{ type: 'labels', states: new Float32Array(), actions: new Float32Array(), added: 0 },
  ...{ labels: 0, teacherEvaluations: 0, environmentSteps: 0 },
}

export const noStudent: StudentView = {
  ...{ type: 'student', status: 'none', round: 0, rounds: 0, update: 0, updates: 0, loss: Number.NaN },
  ...{ parameters: 0, mean: Number.NaN, seconds: 0, digest: '' },
}

/** @param progress `mean` is NaN while training; `curve` has the steps and returns of its episodes in turn */
export function teacherView(
  { agent, parameters }: Teaching,
  progress: Pick<TeacherView, 'status' | 'name' | 'mean' | 'step' | 'total'> & { readonly curve: readonly number[] },
): TeacherView {
  return {
    ...{ type: 'teacher', parameters },
    ...progress,
    curve: Float32Array.from(progress.curve),
    scores: agent.logits !== undefined || agent.actionValues !== undefined || agent.bounds !== undefined,
    actionValues: agent.actionValues !== undefined,
    stateValues: agent.stateValues !== undefined || agent.actionValues !== undefined,
  }
}

/** @param added states that were added by hand, the last of the dataset */
export function labelsView(dataset: LabelledDataset, { env }: Config, teaching: Teaching, added: number): LabelsView {
  const { cost, observationSize } = dataset
  const { firstRound, laterRounds, choice } = cost.environmentSteps
  return {
    type: 'labels',
    states: Float32Array.from(statesOf(env, dataset.column('observations'), observationSize).flat()),
    actions: actionsOf(dataset, teaching.agent),
    ...{ added, labels: Math.max(cost.labels, dataset.size), teacherEvaluations: cost.teacherEvaluations },
    environmentSteps: firstRound + laterRounds + choice,
  }
}
