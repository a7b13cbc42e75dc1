// The state of the playground, and the hash of the URL that it is written to. What is equal to the default is left out, so that
// shared links are short. Read next: program.ts, which turns it into a program.

import { type SelectionChoice, selections, type TargetChoice, targets, taskOf, tasks } from './tasks.ts'

export interface Config {
  readonly env: string
  /** A trained network's name, or an algorithm that trains in the page, or `upload`. */
  readonly teacher: string
  readonly teacherHidden: readonly number[]
  /** Environment steps after which a training stops; 0: at its end. */
  readonly teacherSteps: number
  readonly labels: number
  readonly selection: SelectionChoice
  readonly target: TargetChoice
  /** In mean standard deviations of the teacher's scores. */
  readonly temperature: number
  readonly divergence: string
  readonly hidden: readonly number[]
  readonly updates: number
  readonly seed: number
  /** Full states added by hand. */
  readonly clicks: readonly (readonly number[])[]
  // The view, which changes no student:
  readonly map: 'value' | 'policy'
  readonly axes: readonly [number, number]
  /** The slice: a value for each state dimension. */
  readonly held: readonly number[]
  readonly speed: number
}

export const divergences = ['forward-kl', 'reverse-kl', 'jsd'] as const

export function defaults(env = 'CartPole-v1'): Config {
  const task = taskOf(env)
  return {
    env,
    teacher: task.trained[0] ?? Object.keys(task.algorithms)[0]!,
    teacherHidden: [64, 64],
    teacherSteps: 0,
    labels: task.continuous ? 100 : Math.min(40, task.mostLabels),
    selection: 'dagger',
    target: 'policy',
    temperature: 0.5,
    divergence: 'forward-kl',
    hidden: env === 'CartPole-v1' ? [8] : env === 'GridWorld-v0' ? [] : [16, 16], // a table is linear in one-hot cells
    updates: 1500,
    seed: 1,
    clicks: [],
    map: 'policy',
    axes: task.plane,
    held: task.dimensions.map(({ low, high }) => (low + high) / 2),
    speed: 1,
  }
}

/** Settings in the order of the hash, by their short names. */
const names: Readonly<Record<string, keyof Config>> = {
  env: 'env',
  teacher: 'teacher',
  thidden: 'teacherHidden',
  tsteps: 'teacherSteps',
  labels: 'labels',
  select: 'selection',
  target: 'target',
  temp: 'temperature',
  loss: 'divergence',
  hidden: 'hidden',
  updates: 'updates',
  seed: 'seed',
  add: 'clicks',
  map: 'map',
  axes: 'axes',
  held: 'held',
  speed: 'speed',
}

/** `#env=…&labels=…`; empty for the default. */
export function toHash(config: Config): string {
  const standard = defaults(config.env)
  const parts = Object.entries(names).flatMap(([short, name]) => {
    const text = written(config[name])
    const isDefault = name === 'env' ? text === defaults().env : text === written(standard[name])
    return isDefault ? [] : [`${short}=${text}`]
  })
  return parts.length === 0 ? '' : `#${parts.join('&')}`
}

function written(value: Config[keyof Config]): string {
  if (!Array.isArray(value)) return encodeURIComponent(String(value))
  return value
    .map((each: unknown) => (Array.isArray(each) ? each.join(',') : String(each)))
    .join(Array.isArray(value[0]) ? ';' : ',')
}

/** Reads a hash. What is missing or out of range takes its default, so that no link breaks the page. */
export function fromHash(hash: string): Config {
  const given = new Map(
    hash
      .replace(/^#/, '')
      .split('&')
      .filter((part) => part.includes('='))
      .map((part) => [part.slice(0, part.indexOf('=')), part.slice(part.indexOf('=') + 1)] as const),
  )
  const env = tasks.some(({ id }) => id === given.get('env')) ? given.get('env')! : defaults().env
  const standard = defaults(env)
  const task = taskOf(env)
  const number = (name: string, fallback: number, low: number, high: number) => {
    const value = Number(given.get(name) ?? Number.NaN)
    return Number.isFinite(value) ? Math.min(Math.max(value, low), high) : fallback
  }
  const whole = (...args: Parameters<typeof number>) => Math.round(number(...args))
  const among = <T extends string>(name: string, known: readonly T[], fallback: T) =>
    known.includes(given.get(name) as T) ? (given.get(name) as T) : fallback
  const list = (name: string) =>
    (given.get(name) ?? '')
      .split(',')
      .filter((text) => text !== '')
      .map(Number)
  const sizes = (name: string, fallback: readonly number[]) => {
    if (!given.has(name)) return fallback
    const read = list(name)
    return read.length <= 3 && read.every((size) => Number.isInteger(size) && size >= 1 && size <= 256)
      ? read
      : fallback
  }
  const axes = list('axes')
  const areAxes = axes.length === 2 && axes[0] !== axes[1] && axes.every((axis) => task.dimensions[axis] !== undefined)
  const held = list('held')
  const clicks = (given.get('add') ?? '').split(';').flatMap((text) => {
    const state = text.split(',').map(Number)
    return text !== '' && state.length === task.dimensions.length && state.every(Number.isFinite) ? [state] : []
  })
  return {
    env,
    teacher: among('teacher', [...task.trained, ...Object.keys(task.algorithms)], standard.teacher),
    teacherHidden: sizes('thidden', standard.teacherHidden),
    teacherSteps: whole('tsteps', 0, 0, 1e7),
    labels: whole('labels', standard.labels, 0, task.mostLabels),
    selection: among('select', Object.keys(selections) as SelectionChoice[], standard.selection),
    target: among('target', Object.keys(targets) as TargetChoice[], standard.target),
    temperature: number('temp', standard.temperature, 0.01, 10),
    divergence: among('loss', divergences, 'forward-kl'),
    hidden: sizes('hidden', standard.hidden),
    updates: whole('updates', standard.updates, 1, 20_000),
    seed: whole('seed', standard.seed, 0, 2 ** 31),
    clicks,
    map: among('map', ['value', 'policy'], standard.map),
    axes: areAxes ? (axes as [number, number]) : standard.axes,
    held: held.length === standard.held.length && held.every(Number.isFinite) ? held : standard.held,
    speed: number('speed', 1, 0.25, 16),
  }
}

/** What the student depends on: two configurations of one key give one student, bit for bit. */
export function studentKey(config: Config): string {
  const { map: _, axes: __, held: ___, speed: ____, ...rest } = config
  return JSON.stringify(rest)
}

/** What the teacher depends on. */
export function teacherKey({ env, teacher, teacherHidden, teacherSteps, seed }: Config): string {
  return taskOf(env).trained.includes(teacher)
    ? `${env} ${teacher}`
    : JSON.stringify({ env, teacher, teacherHidden, teacherSteps, seed })
}
