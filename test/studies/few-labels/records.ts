import type { CellRecord } from '../../../studies/few-labels/record.ts'

/** A record of a student that scores `score`; the rest is plausible, unless given. */
export function recordOf(score: number, own: Partial<CellRecord> = {}): CellRecord {
  return {
    ...{ task: 'cartpole', teacher: 'cartpole-dqn', role: 'confirmation', method: 'recommended', size: '12-12' },
    ...{ settings: 'abcdef01', labels: 50, seed: 0, score, return: 500 * score, teacherReturn: 500, randomReturn: 0 },
    ...{ parameters: 242, teacherLabels: 50, jacobians: 0, teacherEvaluations: 750 },
    ...{ firstRoundSteps: 1000, laterRoundSteps: 4000, choiceSteps: 2400, learningSteps: 0, updates: 40_000 },
    ...{ wallSeconds: 2, cpuSeconds: 1.5 },
    ...own,
  }
}
