// What Stryker found, as bench/results/mutation.md: the score of each floor, and each mutant that no test noticed.

/** Stryker's report: https://github.com/stryker-mutator/mutation-testing-elements, schema 2. */
export interface MutationReport {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly StrykerMutant[] }>>
}

interface StrykerMutant {
  readonly mutatorName: string
  readonly replacement?: string
  readonly status: string
  readonly location: { readonly start: Position; readonly end: Position }
}

interface Position {
  /** From 1, as `column`. */
  readonly line: number
  readonly column: number
}

const NOTICED = ['Killed', 'Timeout']
const UNNOTICED = ['Survived', 'NoCoverage']

/** One report of the files of several; of a file that is in two, the later one. */
export function joined(reports: readonly MutationReport[]): MutationReport {
  return { files: Object.assign({}, ...reports.map(({ files }) => files)) }
}

/**
 * @param unreached files that there was no time for
 * @param date of the run, such as 2026-11-26
 */
export function markdownOf({ files }: MutationReport, unreached: readonly string[], date: string): string {
  const paths = Object.keys(files).sort()
  const floors = [...new Set(paths.map(floorOf))]
  const rows = floors.map((floor) =>
    rowOf(
      floor,
      ofFiles(files, (path) => floorOf(path) === floor),
    ),
  )
  const survivors = paths.flatMap((path) => survivorsOf(path, files[path]!))
  const perFile = paths.map((path) => rowOf(`\`${path}\``, files[path]!.mutants))
  const head = (name: string) => [`| ${name} | score | mutants | killed | survived |`, '|---|---|---|---|---|']
  return [
    '# Mutation scores',
    '',
    `Written by \`npm run mutation\` on ${date}, with Stryker: the share of small changes of the source that fail a test.`,
    '',
    ...[
      ...head('floor'),
      ...rows,
      rowOf(
        'all',
        ofFiles(files, () => true),
      ),
      '',
    ],
    ...['## Files', '', ...head('file'), ...perFile, ''],
    ...['## Survivors', '', ...(survivors.length === 0 ? ['None.'] : survivors)],
    ...(unreached.length === 0 ? [] : ['', `Not reached in time: ${unreached.join(', ')}.`]),
    '',
  ].join('\n')
}

function ofFiles(files: MutationReport['files'], has: (path: string) => boolean): StrykerMutant[] {
  return Object.entries(files).flatMap(([path, { mutants }]) => (has(path) ? mutants : []))
}

/** `src/rl/returns.ts` → `rl` */
export function floorOf(path: string): string {
  return path.split('/')[1]!
}

function rowOf(name: string, mutants: readonly StrykerMutant[]): string {
  const killed = mutants.filter(({ status }) => NOTICED.includes(status)).length
  const survived = mutants.filter(({ status }) => UNNOTICED.includes(status)).length
  const all = killed + survived
  const score = all === 0 ? '–' : `${((100 * killed) / all).toFixed(1)} %`
  return `| ${name} | ${score} | ${all} | ${killed} | ${survived} |`
}

function survivorsOf(path: string, { source, mutants }: MutationReport['files'][string]): string[] {
  const lines = source.split('\n')
  return mutants
    .filter(({ status }) => UNNOTICED.includes(status))
    .sort((a, b) => a.location.start.line - b.location.start.line || a.location.start.column - b.location.start.column)
    .map(({ location: { start, end }, mutatorName, replacement = '' }) => {
      const line = lines[start.line - 1]!
      const text =
        start.line === end.line ? line.slice(start.column - 1, end.column - 1) : `${line.slice(start.column - 1)} …`
      return `- ${path}:${start.line} ${mutatorName}: ${code(text)} → ${code(replacement)}`
    })
}

function code(text: string): string {
  const line = text.trim().replace(/\s+/g, ' ').replaceAll('`', '´')
  return line === '' ? 'nothing' : `\`${line.length > 80 ? `${line.slice(0, 79)}…` : line}\``
}
