// The demo's report: what run.ts found, as pictures and tables on one page.

import type { LabelledSet } from '../../distill/labelled-set.ts'
import {
  animation,
  comparison,
  formatCount,
  formatFixed,
  formatPercent,
  type Group,
  type Lane,
  learningCurve,
  type NumberTable,
  report,
  type Section,
  temperatureTargets,
} from '../../plot/index.ts'
import { drawCartPole } from '../../rl/drawing/cart-pole.ts'
import { sceneToSvg } from '../../rl/drawing/svg.ts'
import type { Policy } from '../../rl/evaluate.ts'
import { make } from '../../rl/registry.ts'
import { newDocument } from '../document.ts'
import { playOnce, softTargets } from './pictures.ts'
import * as plan from './plan.ts'
import type { DemoResult, StudentResult } from './run.ts'

/** The head and rows of the result table, for the terminal and the page alike. */
export function resultTable({ teacher, random, students }: DemoResult): NumberTable {
  const share = (parameters: number) => formatPercent(parameters / teacher.parameters)
  const withInterval = (mean: number, { low, high }: { low: number; high: number }) =>
    `${formatFixed(mean)} [${formatFixed(low)}, ${formatFixed(high)}]`
  const row = (student: StudentResult) => ({
    group: student.group,
    cells: [
      student.name,
      formatCount(student.parameters),
      share(student.parameters),
      formatCount(student.labels),
      formatCount(student.environmentSteps),
      withInterval(student.evaluation.mean, student.evaluation.interval),
      formatFixed(student.score, 2),
    ],
  })
  return {
    head: ['method', 'parameters', 'of the teacher', 'labels', 'env steps', 'mean return [95 %]', 'score'],
    rows: [
      {
        group: 'teacher' as Group,
        cells: [
          'teacher, DQN',
          formatCount(teacher.parameters),
          share(teacher.parameters),
          '–',
          formatCount(teacher.steps),
          withInterval(teacher.evaluation.mean, teacher.evaluation.interval),
          '1.00',
        ],
      },
      ...students.map(row),
      {
        group: 'controls' as Group,
        cells: ['control: random actions', '0', '–', '0', '0', withInterval(random.mean, random.interval), '0.00'],
      },
    ],
  }
}

/** The whole page. */
export function demoReport(result: DemoResult): string {
  const { teacher, students, set, seed } = result
  const best = bestStudent(students)
  return report({
    title: `A ${plan.ENV_ID} teacher, distilled`,
    lead:
      `A teacher of ${formatCount(teacher.parameters)} parameters learned to balance a pole. It then labelled ` +
      `${set.labels} states, and each student below learned from those alone: nothing else of the teacher, no play of its own.`,
    facts: [
      { label: 'teacher', value: formatFixed(teacher.evaluation.mean) },
      { label: `best student (${best.name})`, value: formatFixed(best.evaluation.mean) },
      { label: 'its size', value: formatPercent(best.parameters / teacher.parameters) },
      { label: 'labelled states', value: formatCount(set.labels) },
    ],
    sections: [
      teacherSection(result),
      methodSection(result),
      temperatureSection(set),
      balancingSection(result, best),
      tableSection(result),
    ],
    command: `alambic demo --seed ${seed}`,
  })
}

function teacherSection({ teacher }: DemoResult): Section {
  return {
    title: 'The teacher learns',
    text:
      `Deep Q-learning from scratch, ${formatCount(teacher.steps)} environment steps, until its greedy policy averages at least ` +
      `${plan.TEACHER_THRESHOLD} over ${plan.EVALUATION_EPISODES} fresh episodes; an episode ends at 500.`,
    figure: learningCurve(newDocument(), { ...teacher.curve, threshold: plan.TEACHER_THRESHOLD }),
    howToRead:
      'Each dot is an episode of training, with its random actions; the line is the mean of the last twenty. ' +
      'The greedy policy that is judged in the end explores no more.',
  }
}

function methodSection({ students, random, teacher, set }: DemoResult): Section {
  return {
    title: 'Students side by side',
    text:
      `All learn from the same ${set.size} states, with networks of the same hidden layers and the same number of updates, ` +
      `and are judged on the same ${plan.EVALUATION_EPISODES} starts. They differ only in what they are told about a state.`,
    figure: comparison(newDocument(), {
      methods: students.map(({ name, group, evaluation }) => ({
        name,
        group,
        mean: evaluation.mean,
        low: evaluation.interval.low,
        high: evaluation.interval.high,
      })),
      random: random.mean,
      teacher: teacher.evaluation.mean,
    }),
    howToRead:
      'A dot is the mean return of one trained network, the line through it its 95 % interval over the episodes. One run with one ' +
      'seed cannot rank methods that are close: other seeds move them.',
  }
}

function temperatureSection(set: LabelledSet): Section {
  const { state, values, panels } = softTargets(set)
  return {
    title: 'What the temperature does',
    text:
      'The teacher values each action. Divided by a temperature τ and passed through a softmax, the values become the ' +
      'probabilities that a student learns. τ is measured in action gaps, the typical spread between the values of a state’s actions.',
    figure: temperatureTargets(newDocument(), {
      actions: ['left', 'right'],
      values,
      panels,
      state: sceneToSvg(drawCartPole(state), { width: 240 }),
    }),
    howToRead:
      'Cold targets say only which action is better, hot ones hardly that. In between they say how much it matters, ' +
      'so that the student spends its effort on states where it does.',
  }
}

function balancingSection({ teacher, students }: DemoResult, best: StudentResult): Section {
  const worst = students.reduce((low, each) => (each.evaluation.mean < low.evaluation.mean ? each : low))
  const states = students.find((each) => each.target === 'stateValues')!
  const shown = new Set([best, states, worst])
  const lanes = [lane('teacher', teacher.agent), ...[...shown].map((each) => lane(each.name, each.policy))]
  return {
    title: 'Balancing, all from one start',
    figure: animation(lanes, 25),
    howToRead: 'Every second step of the first judged episode. A picture that fades has ended.',
  }
}

function lane(title: string, policy: Policy): Lane {
  const { states, length } = playOnce(policy, make(plan.ENV_ID), plan.EVALUATION_SEED)
  return {
    title,
    frames: states.filter((_, step) => step % 2 === 0).map((state) => sceneToSvg(drawCartPole(state), { width: 300 })),
    ending: length >= 500 ? 'balanced for all 500 steps' : `fell after ${length} steps`,
  }
}

function tableSection(result: DemoResult): Section {
  return {
    title: 'The numbers',
    text:
      'Labels: states the teacher was asked about. Env steps: steps played, by the teacher to learn, or to find the states. ' +
      'Score: 0 for random actions, 1 for the teacher.',
    table: resultTable(result),
  }
}

function bestStudent(students: readonly StudentResult[]): StudentResult {
  const taught = students.filter((each) => each.group !== 'controls')
  return taught.reduce((best, each) => (each.evaluation.mean > best.evaluation.mean ? each : best))
}
