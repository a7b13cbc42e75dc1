// `npm run bench:compare -- a.json b.json`: what changed from a to b beyond the noise. Reads the JSON of bench:kernels, bench:rl,
// bench:envs and bench:peers. Exit code 0 whatever changed, 2 for files that cannot be compared.

import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { parseBenchFile } from '../lib/bench-file.ts'
import { type Change, compareFiles } from '../lib/comparison.ts'
import { digits } from '../lib/digits.ts'
import { describeMachine, isBusy } from '../lib/machine.ts'

function line({ name, before, after, ratio, interval, verdict }: Change, width: number): string {
  const cells = [digits(before.median), digits(after.median), before.unit, `${ratio.toFixed(3)}×`]
  const range = `${interval.low.toFixed(3)} to ${interval.high.toFixed(3)}`
  return `${name.padEnd(width)}${cells.map((cell) => cell.padStart(10)).join('')}${range.padStart(18)}  ${verdict}`
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Error(`bench:compare: cannot read "${path}"; give two files written by --json`, { cause })
  }
}

function compare(pathBefore: string, pathAfter: string): void {
  const [before, after] = [pathBefore, pathAfter].map((path) => parseBenchFile(readText(path), path))
  const { changes, onlyBefore, onlyAfter } = compareFiles(before!, after!)
  console.log(`before: ${describeMachine(before!.machine)}\nafter:  ${describeMachine(after!.machine)}`)
  if (before!.machine.cpu !== after!.machine.cpu) console.log('The machines differ: so do the figures.')
  if (isBusy(before!.machine) || isBusy(after!.machine)) {
    console.log('The machine was busy: a change may be that of its load. Measure both again on an idle machine.')
  }
  const width = Math.max(4, ...changes.map(({ name }) => name.length)) + 1
  const head = ['before', 'after', 'unit', 'ratio'].map((each) => each.padStart(10)).join('')
  console.log(`\n${'row'.padEnd(width)}${head}${'95 % interval'.padStart(18)}`)
  for (const change of changes) console.log(line(change, width))
  const count = (verdict: string) => changes.filter((each) => each.verdict === verdict).length
  const verdicts = ['faster', 'slower', 'within noise', 'too few samples'].map((each) => `${count(each)} ${each}`)
  console.log(`\n${verdicts.join(', ')}`)
  if (onlyBefore.length > 0) console.log(`only before: ${onlyBefore.join(', ')}`)
  if (onlyAfter.length > 0) console.log(`only after: ${onlyAfter.join(', ')}`)
}

const program = new Command('bench:compare')
  .description('What changed between two JSON files of the same bench, beyond the noise.')
  .argument('<before>', 'written by --json of bench:kernels, bench:rl, bench:envs or bench:peers')
  .argument('<after>', 'another file of the same bench')
  .addHelpText(
    'after',
    '\nThe ratio is that of the medians. A row is faster or slower if the 95 % bootstrap interval of the ratio excludes 1 and\n' +
      'the quartile ranges do not overlap; fewer than five samples give no verdict.',
  )
  .showHelpAfterError()
  .exitOverride()

try {
  program.action(compare).parse()
} catch (error) {
  if (error instanceof Error && !('exitCode' in error)) console.error(error.message)
  process.exitCode = error instanceof Error && 'exitCode' in error && error.exitCode === 0 ? 0 : 2
}
