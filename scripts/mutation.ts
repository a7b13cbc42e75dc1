// `npm run mutation`: changes the source in many small places, one at a time, and reports which changes no test notices, with Stryker
// (https://stryker-mutator.io). The tests of a floor of src/ judge its changes. Hours for all of it; `--since main~1` takes the lines
// that differ from that commit, and at most ten minutes; `--files src/rl/returns.ts,src/rl/v-trace.ts` takes files. The report is
// bench/results/mutation.md.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { floorOf, joined, type MutationReport, markdownOf } from './mutation/report.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const floors = ['tensor', 'nn', 'rl', 'distill', 'export']
const found = join(root, 'node_modules/.cache/mutation.json')
const LIMIT = 600_000 // milliseconds, of `--since`

const { values } = parseArgs({
  options: {
    since: { type: 'string' },
    files: { type: 'string' },
    jobs: { type: 'string' },
    out: { type: 'string', default: join(root, 'bench/results/mutation.md') },
  },
})

/** What to change, a pattern of Stryker's for each file: `src/rl/returns.ts`, or with lines, `src/rl/returns.ts:10-12`. */
function patternsByFile(): Map<string, string[]> {
  if (values.since !== undefined) return changedLines(values.since)
  const paths = values.files?.split(',') ?? floors.flatMap((floor) => sourcesIn(`src/${floor}`))
  return new Map(paths.map((path) => [path, [path]]))
}

function sourcesIn(folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`)
}

/** The lines of the floors' sources that a commit does not have. */
function changedLines(commit: string): Map<string, string[]> {
  const folders = floors.map((floor) => `src/${floor}`)
  const diff = spawnSync('git', ['diff', '--unified=0', commit, '--', ...folders], { cwd: root, encoding: 'utf8' })
  if (diff.status !== 0) throw new Error(`git diff ${commit}: ${diff.stderr}`)
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
async function mutate(
  floor: string,
  patterns: readonly string[],
  milliseconds: number,
): Promise<MutationReport | undefined> {
  const stryker = join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js')
  const argv = [stryker, 'run', 'scripts/mutation/stryker.json', '--mutate', patterns.join(',')]
  if (values.jobs !== undefined) argv.push('--concurrency', values.jobs)
  rmSync(found, { force: true })
  // A group of its own, so that its test runners end with it.
  const child = spawn(process.execPath, argv, {
    ...{ cwd: root, stdio: 'inherit', detached: true },
    env: { ...process.env, MUTATION_FLOOR: floor },
  })
  const stop = () => process.kill(-child.pid!, 'SIGTERM')
  const timer = milliseconds < Infinity ? setTimeout(stop, milliseconds) : undefined
  await new Promise((resolve) => child.on('exit', resolve))
  clearTimeout(timer)
  return existsSync(found) ? (JSON.parse(readFileSync(found, 'utf8')) as MutationReport) : undefined
}

/** In the order of their runs: file by file within a limit of time, so that what was found is kept, else floor by floor. */
function runsOf(patterns: ReadonlyMap<string, string[]>): { floor: string; paths: string[] }[] {
  const paths = [...patterns.keys()]
  if (values.since !== undefined) return paths.map((path) => ({ floor: floorOf(path), paths: [path] }))
  const named = [...new Set(paths.map(floorOf))]
  return named.map((floor) => ({ floor, paths: paths.filter((path) => floorOf(path) === floor) }))
}

const patterns = patternsByFile()
const reports: MutationReport[] = []
const unreached: string[] = []
const end = performance.now() + (values.since === undefined ? Number.POSITIVE_INFINITY : LIMIT)
for (const { floor, paths } of runsOf(patterns)) {
  const left = end - performance.now()
  const own = paths.flatMap((path) => patterns.get(path)!)
  const report = left > 0 ? await mutate(floor, own, left) : undefined
  if (report === undefined) unreached.push(...paths)
  else reports.push(report)
}
const text = markdownOf(joined(reports), unreached, new Date().toISOString().slice(0, 10))
writeFileSync(values.out, text)
console.log(text)
