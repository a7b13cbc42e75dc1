// `alambic benchmark`: every task with many seeds, beside what is published. `--shard i/n` does one part of the jobs, `--merge`
// puts the parts together, so that any scheduler can share them out.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { formatCount, formatFixed } from '../../plot/format.ts'
import { bootstrapInterval, meanOf } from '../../rl/statistics.ts'
import { Rng } from '../../tensor/random.ts'
import { fileOf, jobsOf, parseShard, readResults, runJob, type Shard } from '../benchmark/jobs.ts'
import { tasks } from '../benchmark/plan.ts'
import { choiceOption, integerOption, outOption } from '../options.ts'
import { OutputFolder } from '../output-folder.ts'
import { startProgress } from '../progress.ts'
import { formatTable } from '../tables.ts'

interface BenchmarkFlags {
  readonly out: string
  readonly seeds: number
  readonly shard: Shard
  readonly only?: string
  readonly merge?: true
}

export function registerBenchmark(program: Command): void {
  const names = tasks.map(({ name }) => name)
  program
    .command('benchmark')
    .description('train and judge every task with many seeds, beside the published figures')
    .addOption(integerOption('--seeds <n>', 'seeds a task', { min: 1, max: 1000 }).default(10))
    .addOption(choiceOption('--only <task>', 'one task alone', names))
    .addOption(
      new Option('--shard <i/n>', 'do part i of n of the jobs')
        .argParser(parseShard)
        .default({ index: 1, count: 1 }, 'all'),
    )
    .option('--merge', 'put the results of all parts together, and run nothing')
    .addOption(outOption('runs/benchmark'))
    .action(async ({ out, seeds, shard, only, merge }: BenchmarkFlags) => {
      if (merge !== true) await runShard(out, seeds, shard, only)
      if (merge === true || shard.count === 1) mergeResults(out)
    })
}

/** Jobs whose result is there already are passed over, so a part that was stopped goes on. */
async function runShard(out: string, seeds: number, shard: Shard, only: string | undefined): Promise<void> {
  const folder = OutputFolder.open(out)
  const wanted = tasks.filter(({ name }) => only === undefined || name === only)
  const jobs = jobsOf(wanted, seeds, shard)
  const progress = startProgress('benchmark', Math.max(1, jobs.length), 'jobs')
  for (const [done, job] of jobs.entries()) {
    progress.update(done, `${job.task.name}, seed ${job.seed}`)
    if (!existsSync(join(out, fileOf(job)))) folder.writeJson(fileOf(job), await runJob(job))
  }
  progress.finish(`${jobs.length} jobs`)
}

function mergeResults(out: string): void {
  const results = readResults(out)
  const summary = tasks.flatMap(({ name, published }) => {
    const own = results.filter(({ task }) => task === name)
    if (own.length === 0) return []
    const means = own.map(({ mean }) => mean)
    const interval = bootstrapInterval(means, new Rng(0))
    return [
      {
        task: name,
        seeds: own.length,
        steps: own[0]!.steps,
        mean: meanOf(means),
        interval,
        published: published ?? null,
        means,
      },
    ]
  })
  OutputFolder.open(out).writeJson('results.json', summary)
  const rows = summary.map(({ task, seeds, steps, mean, interval: { low, high }, published }) => [
    task,
    formatCount(seeds),
    formatCount(steps),
    formatFixed(mean),
    `[${formatFixed(low)}, ${formatFixed(high)}]`,
    published === null ? '–' : formatFixed(published),
  ])
  console.log(formatTable(['task', 'seeds', 'env steps', 'mean return', '95 % interval', 'published'], rows))
}
