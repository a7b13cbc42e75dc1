// The program that makes the student of a configuration, with alambic's public names.

import type { Config } from './config.ts'
import { optionsOf } from './options.ts'
import { gridMap, shapes, taskOf } from './tasks.ts'

/** Where labels and teacher come from if not from the configuration. */
export interface Uploads {
  readonly csv?: string | undefined
  readonly policy?: string | undefined
}

/** The text of a TypeScript module. It gives the same student as the page, to the bit. */
export function programOf(config: Config, uploads: Uploads = {}): string {
  const { env, clicks, labels } = config
  const { learning, collecting } = optionsOf(config)
  const names = new Map<string, Set<string>>()
  const use = (entry: string, ...given: string[]) => {
    const all = names.get(entry) ?? new Set()
    for (const each of given) all.add(each)
    names.set(entry, all)
  }
  const lines: string[] = []
  const isGrid = env === 'GridWorld-v0'
  use('alambic/rl', 'evaluatePolicy', 'finish', 'make')
  use('alambic/distill', 'distill')
  if (isGrid) {
    use('alambic/rl', 'FlattenObservation')
    lines.push(`const map = ${literal(gridMap)}`, `const grid = () => make<number, number>('${env}', { map })`)
    lines.push('const env = new FlattenObservation(grid()) // one-hot vectors')
  } else lines.push(`const env = make('${env}')`)

  const learns = `const learning = ${literal(learning)} as const`
  const finalStudents = learning.target.startsWith('value') ? 1 : 4
  if (uploads.csv !== undefined) {
    use('alambic/distill', 'datasetFromCsv')
    use('node:fs', 'readFileSync')
    const space = taskOf(env).continuous ? 'Box' : 'Discrete'
    use('alambic/rl', `type ${space}`)
    lines.push(`const table = readFileSync(${literal(uploads.csv)}, 'utf8')`)
    lines.push(
      `const dataset = datasetFromCsv(table, { envId: env.id, actionSpace: env.actionSpace as ${space} })`,
      learns,
    )
    lines.push('const { student } = finish(distill(env, null, { dataset, ...learning }))')
  } else {
    lines.push(...teacherLines(config, uploads, use), learns)
    const play = `finish(distill(env, teacher, { ${literal(collecting).slice(2, -2)}, ...learning }))`
    if (clicks.length === 0) lines.push(`const { student, dataset } = ${play}`)
    else {
      use('alambic/distill', 'labelStates')
      lines.push(...observationText(config, use))
      if (labels > 0) lines.push(`const played = ${play}`)
      lines.push(`const dataset = labelStates(env, teacher, added${labels > 0 ? ', played.dataset' : ''})`)
      lines.push(
        `const { student } = finish(distill(env, null, { dataset, finalStudents: ${finalStudents}, ...learning }))`,
      )
    }
  }
  const isValue = learning.target.startsWith('value')
  const another = isGrid ? 'new FlattenObservation(grid())' : `make('${env}')`
  if (isValue) use('alambic/rl', 'Lookahead')
  const policy = isValue ? `new Lookahead(student, ${another}, { gamma: ${taskOf(env).gamma} })` : 'student'
  lines.push(`console.log(dataset.size, evaluatePolicy(${policy}, () => ${another}, { episodes: 20 }).mean)`)
  const imports = [...names]
    .sort(([a], [b]) => order(a) - order(b) || (a < b ? -1 : 1))
    .map(([entry, all]) => `import { ${[...all].sort(byName).join(', ')} } from '${entry}'`)
  return `${imports.join('\n')}\n\n${lines.join('\n')}\n`
}

const order = (entry: string) => (entry.startsWith('node:') ? 0 : 1)
const byName = (a: string, b: string) => a.replace('type ', '').localeCompare(b.replace('type ', ''))

type Use = (entry: string, ...names: string[]) => void

function teacherLines(
  { env, teacher, teacherHidden, teacherSteps, seed }: Config,
  { policy }: Uploads,
  use: Use,
): string[] {
  if (policy !== undefined) {
    use('node:fs', 'readFileSync')
    use('alambic/export', 'loadAgent')
    return [`const teacher = loadAgent(readFileSync(${literal(policy)}))`]
  }
  const { trained, algorithms } = taskOf(env)
  if (trained.includes(teacher)) {
    const { algorithm, options } = shapes[teacher]!
    use('node:fs', 'readFileSync')
    use('alambic/nn', 'loadParameters')
    use('alambic/rl', 'algorithm')
    return [
      `const teacher = algorithm('${algorithm}').newAgent(env, ${literal(options)})`,
      `loadParameters(teacher, readFileSync('${teacher}.safetensors')) // saved by the page`,
    ]
  }
  const stop = teacherSteps > 0 ? [`  if (step >= ${teacherSteps}) break`] : []
  if (teacher === 'q-learning') {
    use('alambic/tabular', 'type QTable', 'qLearning')
    return [
      'let table: QTable | undefined',
      `for (const { step, agent } of qLearning(grid(), { totalTimesteps: 20_000, learningRate: 0.5, seed: ${seed} })) {`,
      '  table = agent',
      ...stop,
      '}',
      'const teacher = (x: Float32Array) => ({ actionValues: [0, 1, 2, 3].map((action) => table!.get(x.indexOf(1), action)) })',
    ]
  }
  use('alambic/rl', 'algorithm', 'makeVec', 'preset')
  const train = `algorithm('${teacher}').train(makeVec('${env}', numEnvs), { ...options, hidden: ${literal(teacherHidden)}, seed: ${seed} })`
  const opening = `const { numEnvs, options } = preset('${teacher}', '${algorithms[teacher]}')`
  if (stop.length === 0) return [opening, `const teacher = finish(${train})`]
  return [
    opening,
    `const training = ${train}`,
    'let report = training.next()',
    `while (!report.done && report.value.step < ${teacherSteps}) report = training.next()`,
    'const teacher = report.done ? report.value : report.value.agent',
  ]
}

function observationText({ env, clicks }: Config, use: Use): string[] {
  if (env === 'CartPole-v1' || env.startsWith('MountainCar')) {
    return [`const added = Float32Array.from(${literal(clicks.flat())})`]
  }
  if (env === 'GridWorld-v0') {
    const cells = clicks.map(([column, row]) => Math.floor(row!) * 8 + Math.floor(column!))
    return [
      `const added = Float32Array.from(${literal(cells)}.flatMap((cell) => Array.from({ length: 64 }, (_, i) => Number(i === cell))))`,
    ]
  }
  const Class = env === 'Acrobot-v1' ? 'Acrobot' : 'Pendulum'
  use('alambic/rl', Class)
  return [
    `const model = new ${Class}()`,
    `const added = Float32Array.from(${literal(clicks)}.flatMap((state) => {`,
    '  model.state = state',
    '  return [...model.observe()]',
    '}))',
  ]
}

/** A value as JavaScript. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (value !== null && typeof value === 'object') {
    return `{ ${Object.entries(value)
      .map(([name, each]) => `${name}: ${literal(each)}`)
      .join(', ')} }`
  }
  return typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : String(value)
}
