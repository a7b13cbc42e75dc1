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
import { drawCartPole } from '../../render/cart-pole.ts'
import { sceneToSvg } from '../../render/svg.ts'
import type { PolicyLike } from '../../rl/policy.ts'
import { make } from '../../rl/registry.ts'
import { newDocument } from '../document.ts'
import { playOnce, softTargets } from './pictures.ts'
import * as plan from './plan.ts'
import type { DemoResult, MethodResult } from './run.ts'

/** The head and rows of the result table, for the terminal and the page alike. */
export function resultTable({ teacher, random, methods }: DemoResult): NumberTable {
  const share = (parameters: number) => formatPercent(parameters / teacher.parameters)
  const withInterval = (mean: number, { low, high }: { low: number; high: number }) =>
    `${formatFixed(mean)} [${formatFixed(low)}, ${formatFixed(high)}]`
  const row = (student: MethodResult) => ({
    group: student.group,
    cells: [
      student.name,
      formatCount(student.parameters),
      share(student.parameters),
      formatCount(student.labels),
      formatCount(student.environmentSteps),
      withInterval(student.mean, student.interval),
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
      ...methods.map(row),
      {
        group: 'controls' as Group,
        cells: ['control: random actions', '0', '–', '0', '0', withInterval(random.mean, random.interval), '0.00'],
      },
    ],
  }
}

/** The whole page. */
export function demoReport(result: DemoResult): string {
  const { teacher, methods, set, seed } = result
  const best = bestMethod(methods)
  return report({
    title: `A ${plan.ENV_ID} teacher, distilled`,
    lead:
      `A teacher of ${formatCount(teacher.parameters)} parameters learned to balance a pole. It then labelled ` +
      `${set.labels} states, and each student below learned from those alone: nothing else of the teacher, no play of its own.`,
    facts: [
      { label: 'teacher', value: formatFixed(teacher.evaluation.mean) },
      { label: `students, ${best.name}`, value: formatFixed(best.mean) },
      { label: 'their size', value: formatPercent(best.parameters / teacher.parameters) },
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

function methodSection({ methods, random, teacher, set }: DemoResult): Section {
  return {
    title: 'Students side by side',
    text:
      `All learn from the same ${set.size} states, with networks of the same hidden layers and the same number of updates, ` +
      `and are judged on the same ${plan.EVALUATION_EPISODES} starts. They differ only in what they are told about a state.`,
    figure: comparison(newDocument(), {
      methods: methods.map(({ name, group, mean, interval }) => ({ name, group, mean, ...interval })),
      random: random.mean,
      teacher: teacher.evaluation.mean,
    }),
    howToRead:
      `A dot is the mean return of ${plan.STUDENTS} networks that differ in their seed alone, the line through it the 95 % interval ` +
      'of that mean. All share one teacher and one labelled set: another seed moves methods that are close. The control without a ' +
      'teacher knows only the returns that were seen when those states were played, in part by the teacher.',
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

function balancingSection({ teacher, methods }: DemoResult, best: MethodResult): Section {
  const states = methods.find((each) => each.target === 'stateValues')!
  const control = methods.find((each) => each.target === 'returns')!
  const shown = [...new Set([best, states, control])]
  return {
    title: 'Balancing, all from one start',
    figure: animation([
      lane('teacher', teacher.agent),
      ...shown.map(({ name, trained }) => lane(name, trained[0]!.policy)),
    ]),
    howToRead:
      'Every second step of the first judged episode, each method by its first network. A picture that fades has ended.',
  }
}

function lane(title: string, policy: PolicyLike): Lane {
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

function bestMethod(methods: readonly MethodResult[]): MethodResult {
  const taught = methods.filter((each) => each.group !== 'controls')
  return taught.reduce((best, each) => (each.mean > best.mean ? each : best))
}
