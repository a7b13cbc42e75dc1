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
import { animation, type Lane } from '../plot/animation.ts'
import { comparison } from '../plot/comparison.ts'
import { newDocument } from '../plot/document.ts'
import { type Group, groupColors } from '../plot/groups.ts'
import { temperatureTargets } from '../plot/temperature-targets.ts'
import { acrobotState, playOnce, softTargets } from './pictures.ts'
import * as plan from './plan.ts'
import type { DemoResult, MethodResult } from './run.ts'

/** The result table, for the terminal and the page. */
export function resultTable({ teacher, random, methods }: DemoResult): NumberTable {
  const withInterval = (mean: number, { low, high }: { low: number; high: number }) =>
    `${formatFixed(mean)} [${formatFixed(low)}, ${formatFixed(high)}]`
  const row = (
    name: string,
    group: Group,
    { mean, interval }: Pick<MethodResult, 'mean' | 'interval'>,
    ...rest: string[]
  ) => ({
    color: groupColors[group],
    cells: [name, withInterval(mean, interval), ...rest],
  })
  return {
    head: ['method', 'mean return [95 %]', 'score', 'labels', 'evaluations', 'env steps', 'updates', 'parameters'],
    rows: [
      row(
        'teacher, PPO',
        'teacher',
        teacher.evaluation,
        '1.00',
        '–',
        '–',
        formatCount(teacher.steps),
        '–',
        formatCount(teacher.parameters),
      ),
      ...methods.map((method) => {
        const { labels, teacherEvaluations, environmentSteps, updates, parameters } = method
        const counts = [labels, teacherEvaluations, environmentSteps, updates, parameters].map(formatCount)
        return row(method.name, method.group, method, formatFixed(method.score, 2), ...counts)
      }),
      row('control: random actions', 'controls', random, '0.00', ...['0', '0', '0', '0', '0']),
    ],
  }
}

/** The page's HTML. */
export function demoReport(result: DemoResult): string {
  const { teacher, methods, seed } = result
  const best = bestMethod(methods)
  return report({
    title: `${plan.ENV_ID}: ${plan.LABELS} labels of a teacher`,
    lead:
      `A teacher of ${formatCount(teacher.parameters)} parameters learned to swing a double pendulum up, in ` +
      `${formatCount(teacher.steps)} steps. Each student below has ${formatCount(best.parameters)} parameters and learned the ` +
      `teacher’s answer in ${plan.LABELS} states. They differ in what is learned, and in which states.`,
    facts: [
      { label: 'teacher', value: formatFixed(teacher.evaluation.mean) },
      { label: `students, ${best.name}`, value: formatFixed(best.mean) },
      { label: 'labelled states', value: formatCount(plan.LABELS) },
      { label: 'their size', value: formatPercent(best.parameters / teacher.parameters) },
    ],
    sections: [
      methodSection(result),
      swingSection(result, best),
      temperatureSection(methods[0]!.trained[0]!.dataset),
      teacherSection(result),
      tableSection(result),
    ],
    command: `alambic demo --seed ${seed}`,
  })
}

function teacherSection({ teacher }: DemoResult): Section {
  return {
    title: 'The teacher learns',
    text:
      `PPO in ${plan.teacher.numEnvs} environments side by side, ${formatCount(teacher.steps)} steps. Every step costs 1 until the ` +
      `pendulum’s end is above the line; an episode ends after 500.`,
    figure: learningCurve(newDocument(), { ...teacher.curve, threshold: plan.TEACHER_THRESHOLD }),
    howToRead:
      'Each dot is an episode of training, with its random actions; the line is the mean of the last twenty. ' +
      'The final evaluation uses the greedy policy, without exploration.',
  }
}

function methodSection({ methods, random, teacher }: DemoResult): Section {
  return {
    title: 'Students side by side',
    text:
      `All have ${plan.LABELS} labels and the same hidden layers, and are judged on the same ${plan.EVALUATION_EPISODES} starts. ` +
      'They differ in what they learn, and in which states.',
    figure: comparison(newDocument(), {
      methods: methods.map(({ name, group, mean, interval }) => ({ name, group, mean, ...interval })),
      random: random.mean,
      teacher: teacher.evaluation.mean,
    }),
    howToRead:
      `A dot is the mean return of ${plan.STUDENTS} students, each with labels and a seed of its own, the line through it the 95 % ` +
      'interval of that mean. All share one teacher. Random states are the same for all methods that have them. Not every price is ' +
      'states chosen in rounds cost environment steps and updates, which the table counts.',
  }
}

function temperatureSection(dataset: LabelledDataset): Section {
  const { state, logits, panels } = softTargets(dataset)
  return {
    title: 'What the temperature does',
    text:
      'The teacher’s logits, divided by a temperature τ and passed through a softmax, become the probabilities that a student learns. ' +
      'τ is relative to the standard deviation of the logits of a state’s actions, averaged over the states; the students here learn at .5 ' +
      'in chosen states, at 1 in random ones.',
    figure: temperatureTargets(newDocument(), {
      actions: ['−1', '0', '+1'],
      scores: logits,
      panels,
      state: pictureOf(acrobotState(state), 240),
    }),
    howToRead:
      'The actions are torques at the joint. A low temperature leaves only which action is better, a high one hardly that. In between the targets give by how much, ' +
      'matters, so that the student spends its effort on states where it does.',
  }
}

function swingSection({ teacher, methods }: DemoResult, best: MethodResult): Section {
  const values = methods.find((each) => each.target === 'value-successors')!
  const hard = methods.find((each) => each.options.divergence === 'hard')!
  const shown = [...new Set([best, values, hard])]
  return {
    title: 'Swing-up, all from the same start state',
    figure: animation([
      lane('teacher', teacher.agent),
      ...shown.map(({ name, trained }) => lane(name, trained[0]!.policy)),
    ]),
    howToRead:
      'Every second step of the first judged episode, each method by its first student. A picture fades when its episode has ended.',
  }
}

function lane(title: string, policy: PolicyLike): Lane {
  const { states, length } = playOnce(policy, make(plan.ENV_ID), plan.EVALUATION_SEED)
  return {
    title,
    frames: states.filter((_, step) => step % 2 === 0).map((state) => pictureOf(state, 300)),
    ending: length < 500 ? `up after ${length} steps` : 'not up after 500 steps',
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
      'Labels: states labelled by the teacher. Evaluations: states in which it was evaluated, to play and to label. Env steps: played by the ' +
      'teacher to learn, or to find the states. Updates: of all networks trained for one student. Means over the students. ' +
      'Score: 0 for random actions, 1 for the teacher.',
    table: resultTable(result),
  }
}

function bestMethod(methods: readonly MethodResult[]): MethodResult {
  const taught = methods.filter((each) => each.group !== 'controls')
  return taught.reduce((best, each) => (each.mean > best.mean ? each : best))
}

/** Every number behind the report, for JSON. */
export function demoNumbers({ seed, teacher, random, methods }: DemoResult) {
  const { agent: _agent, ...teacherNumbers } = teacher
  const { dataset } = methods[0]!.trained[0]!
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
      students: trained.map(({ evaluation, cost, metrics }) => ({ evaluation, cost, metrics })),
    })),
  }
}
