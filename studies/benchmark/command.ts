// `npm run benchmark`: every task with many seeds, beside the published figures. `--shard i/n` does one part of the jobs,
// `--merge` combines the parts.

import { join } from 'node:path'
import { formatCount, formatTable } from 'alambic/plot'
import type { Command } from 'commander'
import { openFolder, writeJson, writeWhole } from '../lib/files.ts'
import { namesOption, outOption, type Shard, shardOption, wholeNumberOption } from '../lib/options.ts'
import { startProgress } from '../lib/progress.ts'
import { newDocument } from '../plot/document.ts'
import { fileOf, isDone, jobsOf, readResults, runJob } from './jobs.ts'
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
  const names = tasks.map(({ name }) => name)
  program
    .command('benchmark')
    .description('train and evaluate every task with many seeds, beside the published figures')
    .addOption(wholeNumberOption('--seeds', 'seeds per task: 0 to n - 1', [1, 1000]).default(10))
    .addOption(namesOption('--only', 'these tasks alone', names))
    .addOption(shardOption('jobs'))
    .option('--merge', 'combine the results of all parts, and run nothing')
    .addOption(outOption('runs/benchmark'))
    .action(({ out, seeds, shard, only, merge }: BenchmarkFlags) => {
      const chosen = tasks.filter(({ name }) => only === undefined || only.includes(name))
      if (merge !== true) runShard(out, chosen, seeds, shard)
      if (merge === true || shard.count === 1) mergeResults(out, chosen, seeds)
    })
}

/** Runs the jobs of one part that have no result yet. */
function runShard(out: string, chosen: readonly Task[], seeds: number, shard: Shard): void {
  openFolder(out)
  const jobs = jobsOf(chosen, seeds, shard)
  const progress = startProgress('benchmark', Math.max(1, jobs.length), 'jobs')
  let ran = 0
  for (const [done, job] of jobs.entries()) {
    progress.update(done, `${job.task.name}, seed ${job.seed}`)
    if (isDone(out, job)) continue
    writeJson(join(out, fileOf(job)), runJob(job))
    ran++
  }
  progress.finish(`${formatCount(ran)} of ${formatCount(jobs.length)} jobs run, the others had results`)
}

function mergeResults(out: string, chosen: readonly Task[], seeds: number): void {
  const summaries = summarize(chosen, readResults(out, chosen, seeds))
  writeJson(join(out, 'results.json'), summaries)
  const only = chosen.length === tasks.length ? '' : ` --only ${chosen.map(({ name }) => name).join()}`
  const command = `npm run benchmark -- --seeds ${seeds}${only}`
  const page = writeWhole(join(out, 'benchmark.html'), benchmarkPage(newDocument(), summaries, command))
  console.log(formatTable(summaryHead, summaries.map(summaryRow)))
  console.log(`Learning curves: ${page}`)
}
