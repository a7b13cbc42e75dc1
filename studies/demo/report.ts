// The demo's report: the results of run.ts as pictures and tables on one page, and every number behind it.

import { datasetToJson, type LabelledDataset } from 'alambic/distill'
import {
  formatCount,
  formatFixed,
  formatPercent,
  learningCurve,
  type NumberTable,
  report,
  type Section,
} from 'alambic/plot'
import { drawEnv, toSvg } from 'alambic/render'
import { make, type PolicyLike } from 'alambic/rl'
import { monteCarloReturns } from '../controls.ts'
import { animation, type Lane } from '../plot/animation.ts'
import { comparison } from '../plot/comparison.ts'
import { newDocument } from '../plot/document.ts'
import { groupColors } from '../plot/groups.ts'
import { temperatureTargets } from '../plot/temperature-targets.ts'
import { playOnce, softTargets } from './pictures.ts'
import * as plan from './plan.ts'
import type { DemoResult, MethodResult } from './run.ts'

/** The result table, for the terminal and the page. */
export function resultTable({ teacher, random, methods }: DemoResult): NumberTable {
  const share = (parameters: number) => formatPercent(parameters / teacher.parameters)
  const withInterval = (mean: number, { low, high }: { low: number; high: number }) =>
    `${formatFixed(mean)} [${formatFixed(low)}, ${formatFixed(high)}]`
  const row = (student: MethodResult) => ({
    color: groupColors[student.group],
    cells: [
      student.name,
      formatCount(student.parameters),
      share(student.parameters),
      formatCount(student.labels),
      formatCount(student.teacherEvaluations),
      formatCount(student.environmentSteps),
      formatCount(student.updates),
      withInterval(student.mean, student.interval),
      formatFixed(student.score, 2),
    ],
  })
  return {
    head: [
      ...['method', 'parameters', 'of the teacher', 'labels', 'evaluations', 'env steps', 'updates'],
      ...['mean return [95 %]', 'score'],
    ],
    rows: [
      {
        color: groupColors.teacher,
        cells: [
          'teacher, DQN',
          formatCount(teacher.parameters),
          share(teacher.parameters),
          ...['–', '–'],
          formatCount(teacher.steps),
          '–',
          withInterval(teacher.evaluation.mean, teacher.evaluation.interval),
          '1.00',
        ],
      },
      ...methods.map(row),
      {
        color: groupColors.controls,
        cells: [
          'control: random actions',
          '0',
          '–',
          '0',
          '0',
          '0',
          '0',
          withInterval(random.mean, random.interval),
          '0.00',
        ],
      },
    ],
  }
}

/** The page's HTML. */
export function demoReport(result: DemoResult): string {
  const { teacher, methods, dataset, seed } = result
  const best = bestMethod(methods)
  return report({
    title: `A ${plan.ENV_ID} teacher, distilled`,
    lead:
      `A teacher of ${formatCount(teacher.parameters)} parameters learned to balance a pole. It then labelled ` +
      `${dataset.labels} states, and each student below learned from those alone: nothing else of the teacher, no play of its own.`,
    facts: [
      { label: 'teacher', value: formatFixed(teacher.evaluation.mean) },
      { label: `students, ${best.name}`, value: formatFixed(best.mean) },
      { label: 'their size', value: formatPercent(best.parameters / teacher.parameters) },
      { label: 'labelled states', value: formatCount(dataset.labels) },
    ],
    sections: [
      teacherSection(result),
      methodSection(result),
      temperatureSection(dataset),
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

function methodSection({ methods, random, teacher, dataset }: DemoResult): Section {
  return {
    title: 'Students side by side',
    text:
      `All learn from the same ${dataset.size} states, with networks of the same hidden layers and the same number of updates, ` +
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

function temperatureSection(dataset: LabelledDataset): Section {
  const { state, values, panels } = softTargets(dataset)
  return {
    title: 'What the temperature does',
    text:
      'The teacher values each action. Divided by a temperature τ and passed through a softmax, the values become the ' +
      'probabilities that a student learns. τ is relative to the standard deviation of the values of a state’s actions, averaged over the states.',
    figure: temperatureTargets(newDocument(), {
      actions: ['left', 'right'],
      values,
      panels,
      state: pictureOf(state, 240),
    }),
    howToRead:
      'Cold targets say only which action is better, hot ones hardly that. In between they say how much it matters, ' +
      'so that the student spends its effort on states where it does.',
  }
}

function balancingSection({ teacher, methods }: DemoResult, best: MethodResult): Section {
  const states = methods.find((each) => each.target === 'value-mse')!
  const control = methods.find((each) => each.target === monteCarloReturns)!
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
    frames: states.filter((_, step) => step % 2 === 0).map((state) => pictureOf(state, 300)),
    ending: length >= 500 ? 'balanced for all 500 steps' : `fell after ${length} steps`,
  }
}

/** The environment in this state, as SVG. */
function pictureOf(state: readonly number[], width: number): string {
  const env = make(plan.ENV_ID)
  env.unwrapped.state = state
  return toSvg(drawEnv(env), { width })
}

function tableSection(result: DemoResult): Section {
  return {
    title: 'The numbers',
    text:
      'Labels: states labelled by the teacher. Env steps: steps played, by the teacher to learn, or to find the states. ' +
      'Score: 0 for random actions, 1 for the teacher.',
    table: resultTable(result),
  }
}

function bestMethod(methods: readonly MethodResult[]): MethodResult {
  const taught = methods.filter((each) => each.group !== 'controls')
  return taught.reduce((best, each) => (each.mean > best.mean ? each : best))
}

/** Every number behind the report, for JSON. */
export function demoNumbers({ seed, teacher, random, dataset, methods }: DemoResult) {
  const { agent: _agent, ...teacherNumbers } = teacher
  return {
    environment: plan.ENV_ID,
    seed,
    teacher: teacherNumbers,
    random,
    labelledDataset: JSON.parse(datasetToJson(dataset)) as unknown,
    temperatures: softTargets(dataset),
    methods: methods.map(({ trained, target, ...numbers }) => ({
      ...numbers,
      target: typeof target === 'string' ? target : target.name,
      networks: trained.map(({ loss, evaluation }) => ({ loss, evaluation })),
    })),
  }
}
