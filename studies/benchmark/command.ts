// `alambic benchmark`: every task with many seeds, beside what is published. `--shard i/n` does one part of the jobs, `--merge`
// puts the parts together, so that any scheduler can share them out.

import { type Command, Option } from 'commander'
import { newDocument } from '../../src/cli/document.ts'
import { UsageError } from '../../src/cli/failures.ts'
import { integerOption, outOption } from '../../src/cli/options.ts'
import { OutputFolder } from '../../src/cli/output-folder.ts'
import { startProgress } from '../../src/cli/progress.ts'
import { formatTable } from '../../src/cli/tables.ts'
import { formatCount } from '../../src/plot/format.ts'
import { unknownName } from '../../src/tensor/errors.ts'
import { fileOf, isDone, jobsOf, parseShard, readResults, runJob, type Shard } from './jobs.ts'
import { benchmarkPage } from './page.ts'
import { type Task, tasks } from './plan.ts'
import { summarize, summaryHead, summaryRow } from './summary.ts'

interface BenchmarkFlags {
  readonly out: string
  readonly seeds: number
  readonly shard: Shard
  readonly only?: readonly string[]
  readonly merge?: true
}

export function registerBenchmark(program: Command): void {
  program
    .command('benchmark')
    .description('train and judge every task with many seeds, beside the published figures')
    .addOption(integerOption('--seeds <n>', 'seeds a task: 0 to n - 1', { min: 1, max: 1000 }).default(10))
    .addOption(onlyOption())
    .addOption(
      new Option('--shard <i/n>', 'do part i of n of the jobs')
        .argParser(parseShard)
        .default({ index: 1, count: 1 }, 'all'),
    )
    .option('--merge', 'put the results of all parts together, and run nothing')
    .addOption(outOption('runs/benchmark'))
    .action(async ({ out, seeds, shard, only, merge }: BenchmarkFlags) => {
      const wanted = tasks.filter(({ name }) => only === undefined || only.includes(name))
      if (merge !== true) await runShard(out, wanted, seeds, shard)
      if (merge === true || shard.count === 1) mergeResults(out, wanted, seeds)
    })
}

function onlyOption(): Option {
  const names = tasks.map(({ name }) => name)
  const about = `this task alone; may be repeated (${names.join(', ')})`
  return new Option('--only <task>', about).argParser((name: string, before: readonly string[] = []) => {
    if (names.includes(name)) return [...before, name]
    throw new UsageError(`--only: ${unknownName('task', name, names)}`)
  })
}

/** Jobs whose result is there already are passed over, so a part that was stopped goes on. */
async function runShard(out: string, wanted: readonly Task[], seeds: number, shard: Shard): Promise<void> {
  const folder = OutputFolder.open(out)
  const jobs = jobsOf(wanted, seeds, shard)
  const progress = startProgress('benchmark', Math.max(1, jobs.length), 'jobs')
  let ran = 0
  for (const [done, job] of jobs.entries()) {
    progress.update(done, `${job.task.name}, seed ${job.seed}`)
    if (isDone(out, job)) continue
    folder.writeJson(fileOf(job), await runJob(job))
    ran++
  }
  progress.finish(`${formatCount(ran)} of ${formatCount(jobs.length)} jobs run, the others were done`)
}

function mergeResults(out: string, wanted: readonly Task[], seeds: number): void {
  const summaries = summarize(wanted, readResults(out, wanted, seeds))
  const folder = OutputFolder.open(out)
  folder.writeJson('results.json', summaries)
  const command = `alambic benchmark --seeds ${seeds}${wanted.length === tasks.length ? '' : wanted.map(({ name }) => ` --only ${name}`).join('')}`
  const page = folder.write('benchmark.html', benchmarkPage(newDocument(), summaries, command))
  console.log(formatTable(summaryHead, summaries.map(summaryRow)))
  console.log(`Learning curves: ${page}`)
}
