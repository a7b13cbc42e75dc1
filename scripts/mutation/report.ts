// What Stryker found, as bench/results/mutation.md: the score of each floor, and each mutant that no test noticed.

/** Stryker's report: https://github.com/stryker-mutator/mutation-testing-elements, schema 2. */
export interface MutationReport {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly StrykerMutant[] }>>
}

interface StrykerMutant {
  readonly mutatorName: string
  readonly replacement?: string
  readonly status: string
  /** It runs while a module loads, in no test. */
  readonly static?: boolean
  readonly location: { readonly start: Position; readonly end: Position }
}

interface Position {
  /** From 1, as `column`. */
  readonly line: number
  readonly column: number
}

/** Of one file of src/. */
export interface Outcome {
  /** Of its source when it was judged: a file that has changed is judged again. */
  readonly digest: string
  readonly killed: number
  /** Mutants that no test noticed, a line of Markdown each, without the path. */
  readonly survivors: readonly string[]
  /** Mutants that run while a module loads, which are not judged: each would need all tests. */
  readonly atImport?: number
  /** One block of lines in so many was judged. Default: all lines. */
  readonly sample?: number
}

/** By path, such as `src/rl/training/returns.ts`. */
export type Outcomes = Readonly<Record<string, Outcome>>

const NOTICED = ['Killed', 'Timeout']
const UNNOTICED = ['Survived', 'NoCoverage']

/** `digestOf` names a source. */
export function outcomesOf({ files }: MutationReport, digestOf: (source: string) => string): Outcomes {
  const entries = Object.entries(files).map(([path, { source, mutants }]): [string, Outcome] => {
    const killed = mutants.filter(({ status }) => NOTICED.includes(status)).length
    const atImport = mutants.filter((each) => each.status === 'Ignored' && each.static === true).length
    return [path, { digest: digestOf(source), killed, survivors: survivorsOf(source, mutants), atImport }]
  })
  return Object.fromEntries(entries)
}

/**
 * @param unreached files that there was no time for, or that have changed since they were judged
 * @param date of the run, such as 2026-11-26
 */
export function markdownOf(outcomes: Outcomes, unreached: readonly string[], date: string): string {
  const paths = Object.keys(outcomes).sort()
  const floors = [...new Set(paths.map(floorOf))]
  const row = (name: string, has: (path: string) => boolean) => {
    const own = paths.filter(has).map((path) => outcomes[path]!)
    const killed = own.reduce((sum, each) => sum + each.killed, 0)
    const survived = own.reduce((sum, each) => sum + each.survivors.length, 0)
    const score = killed + survived === 0 ? '–' : `${((100 * killed) / (killed + survived)).toFixed(1)} %`
    const shares = own.map(({ sample = 1 }) => 1 / sample)
    const share = `${Math.round((100 * shares.reduce((sum, each) => sum + each, 0)) / shares.length)} %`
    return `| ${name} | ${score} | ${killed + survived} | ${killed} | ${survived} | ${share} |`
  }
  const head = (name: string) => [
    `| ${name} | score | mutants | killed | survived | judged |`,
    '|---|---|---|---|---|---|',
  ]
  const atImport = paths.reduce((sum, path) => sum + (outcomes[path]!.atImport ?? 0), 0)
  const survivors = paths.flatMap((path) => outcomes[path]!.survivors.map((each) => `- ${path}:${each}`))
  return [
    '# Mutation scores',
    '',
    `Written by \`npm run mutation\` on ${date}, with Stryker: the share of small changes of the source, in its arithmetic,`,
    `comparisons and conditions, that fail a test. ${atImport} more, which run only while a module loads, are not judged. The last`,
    'column is the share of the lines whose changes were tried, drawn at random: of each file, or the mean over the files.',
    'A change that only tests beyond the nearest and quickest notice counts as survived.',
    '',
    ...[
      ...head('floor'),
      ...floors.map((floor) => row(floor, (path) => floorOf(path) === floor)),
      row('all', () => true),
      '',
    ],
    ...['## Files', '', ...head('file'), ...paths.map((path) => row(`\`${path}\``, (each) => each === path)), ''],
    ...['## Survivors', '', ...(survivors.length === 0 ? ['None.'] : survivors)],
    ...(unreached.length === 0 ? [] : ['', `Not judged yet: ${unreached.join(', ')}.`]),
    '',
  ].join('\n')
}

/** `src/rl/training/returns.ts` → `rl` */
export function floorOf(path: string): string {
  return path.split('/')[1]!
}

function survivorsOf(source: string, mutants: readonly StrykerMutant[]): string[] {
  const lines = source.split('\n')
  return mutants
    .filter(({ status }) => UNNOTICED.includes(status))
    .sort((a, b) => a.location.start.line - b.location.start.line || a.location.start.column - b.location.start.column)
    .map(({ location: { start, end }, mutatorName, replacement = '' }) => {
      const line = lines[start.line - 1]!
      const text =
        start.line === end.line ? line.slice(start.column - 1, end.column - 1) : `${line.slice(start.column - 1)} …`
      return `${start.line} ${mutatorName}: ${code(text)} → ${code(replacement)}`
    })
}

function code(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ').replaceAll('`', '´')
  return line === '' ? 'nothing' : `\`${line.length > 80 ? `${line.slice(0, 79)}…` : line}\``
}
