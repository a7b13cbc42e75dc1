// `npm run mutation`: changes the source in many small places, one at a time, and reports which changes no test notices, with Stryker
// (https://stryker-mutator.io). The tests of a floor of src/ judge its changes. `-- --help` lists the options. What was found of each
// file is kept in bench/results/mutation.json until the file changes, so that hours of work can be spread over many runs.

import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { wholeNumberOption } from '../studies/lib/options.ts'
import { flagsOf, refuse } from './flags.ts'
import { floorOf, type MutationReport, markdownOf, type Outcome, type Outcomes, outcomesOf } from './mutation/report.ts'

interface Flags {
  readonly since?: string
  readonly files?: string
  readonly again?: true
  readonly sample: number
  readonly jobs: number
  readonly minutes: number
  readonly out: string
}

const root = fileURLToPath(new URL('..', import.meta.url))
const floors = ['tensor', 'nn', 'rl', 'distill', 'export']
const kept = join(root, 'bench/results/mutation.json')
const found = join(root, 'node_modules/.cache/mutation.json')
const LONGEST_SINCE = 10 // minutes
// Lines that a sample takes or leaves together, so that it has expressions of several lines.
const BLOCK = 12
// Files that one run of Stryker takes: each begins with all tests of the floor, and ends with what is kept.
const BATCH = 12

const flags = flagsOf<Flags>(
  new Command('npm run mutation --')
    .description('changes the source in many small places, one at a time, and reports what no test notices')
    .option(
      '--files <paths>',
      'of src, separated by commas: src/rl/training/returns.ts,src/rl/on-policy/trpo.ts (default: all)',
    )
    .option('--since <commit>', `lines that differ from a commit, in at most ${LONGEST_SINCE} minutes; keeps nothing`)
    .option('--again', 'also files that have not changed since they were judged')
    .addOption(
      wholeNumberOption(
        '--sample',
        `one block of ${BLOCK} lines in so many of each file, drawn at random`,
        [1, 100],
      ).default(1, 'all lines'),
    )
    .addOption(
      wholeNumberOption('--minutes', 'begin no more files after this time', [1, 1e6]).default(Infinity, 'none'),
    )
    .addOption(wholeNumberOption('--jobs', 'processes', [1, 64]).default(1))
    .option('--out <file>', 'the page', join(root, 'bench/results/mutation.md')),
)

const digestOf = (source: string) => createHash('sha256').update(source).digest('hex').slice(0, 12)
const digestIn = (path: string) => digestOf(readFileSync(join(root, path), 'utf8'))

function sources(): string[] {
  const paths = floors.flatMap((floor) => {
    const names = readdirSync(join(root, 'src', floor), { recursive: true, encoding: 'utf8' })
    return names.filter((name) => /(?<!\.d)\.ts$/.test(name)).map((name) => `src/${floor}/${name}`)
  })
  return paths.sort()
}

/** What to change, patterns of Stryker's for each file: `src/rl/training/returns.ts`, or with lines, `src/rl/training/returns.ts:10-12`. */
function patternsByFile(): Map<string, string[]> {
  if (flags.since !== undefined) return changedLines(flags.since)
  const known = keptOutcomes()
  const paths = flags.files?.split(',') ?? sources()
  for (const path of paths) if (!existsSync(join(root, path))) refuse(`--files: there is no file ${path}`)
  const isJudged = ({ digest, sample = 1 }: Outcome, path: string) =>
    digest === digestIn(path) && sample <= flags.sample
  const fresh = paths.filter((path) => flags.again || known[path] === undefined || !isJudged(known[path], path))
  return new Map(fresh.map((path) => [path, flags.sample === 1 ? [path] : sampledLines(path)]))
}

/** Every so many blocks of lines, from one drawn by the path, so that a later run draws the same. */
function sampledLines(path: string): string[] {
  const lines = readFileSync(join(root, path), 'utf8').split('\n').length
  const drawn = Number.parseInt(digestOf(path), 16) % flags.sample
  const blocks = Array.from({ length: Math.ceil(lines / BLOCK) }, (_, i) => i)
  return blocks
    .filter((block) => block % flags.sample === drawn)
    .map((block) => `${path}:${block * BLOCK + 1}-${(block + 1) * BLOCK}`)
}

function keptOutcomes(): Outcomes {
  return existsSync(kept) ? (JSON.parse(readFileSync(kept, 'utf8')) as Outcomes) : {}
}

/** The lines of the floors' sources that a commit does not have. */
function changedLines(commit: string): Map<string, string[]> {
  const folders = floors.map((floor) => `src/${floor}`)
  const diff = spawnSync('git', ['diff', '--unified=0', commit, '--', ...folders], { cwd: root, encoding: 'utf8' })
  if (diff.status !== 0) refuse(`--since: git diff ${commit}: ${diff.stderr}`)
  const patterns = new Map<string, string[]>()
  let path = ''
  for (const line of diff.stdout.split('\n')) {
    path = /^\+\+\+ b\/(.+)$/.exec(line)?.[1] ?? path
    const [, start, count = '1'] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? []
    if (start === undefined || count === '0' || !path.endsWith('.ts')) continue
    const last = Number(start) + Number(count) - 1
    patterns.set(path, [...(patterns.get(path) ?? []), `${path}:${start}-${last}`])
  }
  return patterns
}

/** Of changes in one floor. Undefined where the time was up. */
async function mutate(floor: string, patterns: readonly string[], milliseconds: number) {
  const stryker = join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js')
  const config = ['scripts/mutation/stryker.json', '--concurrency', String(flags.jobs)]
  rmSync(found, { force: true })
  // A group of its own, so that its test runners end with it.
  const child = spawn(process.execPath, [stryker, 'run', ...config, '--mutate', patterns.join(',')], {
    ...{ cwd: root, stdio: 'inherit', detached: true },
    env: { ...process.env, MUTATION_FLOOR: floor },
  })
  const stop = () => process.kill(-child.pid!, 'SIGTERM')
  const timer = milliseconds < Infinity ? setTimeout(stop, milliseconds) : undefined
  await new Promise((resolve) => child.on('exit', resolve))
  clearTimeout(timer)
  return existsSync(found) ? (JSON.parse(readFileSync(found, 'utf8')) as MutationReport) : undefined
}

/** Files of one floor at a time: one by one within a limit of time, so that what was found is kept. */
function batchesOf(paths: readonly string[]): { floor: string; paths: readonly string[] }[] {
  const size = flags.since === undefined ? BATCH : 1
  return floors.flatMap((floor) => {
    const own = paths.filter((path) => floorOf(path) === floor)
    const starts = Array.from({ length: Math.ceil(own.length / size) }, (_, i) => i * size)
    return starts.map((start) => ({ floor, paths: own.slice(start, start + size) }))
  })
}

const patterns = patternsByFile()
const partial = flags.since !== undefined
const end = performance.now() + 60_000 * (partial ? LONGEST_SINCE : flags.minutes)
const outcomes: Record<string, Outcome> = partial ? {} : { ...keptOutcomes() }
for (const { floor, paths } of batchesOf([...patterns.keys()])) {
  const left = end - performance.now()
  if (left <= 0) continue
  const own = paths.flatMap((path) => patterns.get(path)!)
  const report = await mutate(floor, own, partial ? left : Infinity)
  if (report === undefined) continue
  // A file without a place to change has no entry in the report.
  const results = outcomesOf(report, digestOf)
  for (const path of paths) {
    const outcome = results[path] ?? { digest: digestIn(path), killed: 0, survivors: [] }
    outcomes[path] = flags.sample === 1 ? outcome : { ...outcome, sample: flags.sample }
  }
  if (!partial) writeFileSync(kept, `${JSON.stringify(outcomes, null, 1)}\n`)
}
const wanted = partial ? [...patterns.keys()] : sources()
const unreached = wanted.filter((path) => outcomes[path]?.digest !== digestIn(path))
const judged = Object.fromEntries(Object.entries(outcomes).filter(([path]) => wanted.includes(path)))
const text = markdownOf(judged, unreached, new Date().toISOString().slice(0, 10))
writeFileSync(flags.out, text)
console.log(text)
