// What a run writes as it goes on: a line of figures for each report, as JSON and as CSV, and a line for each episode. No times
// are in them: the same run writes the same bytes.

import { join } from 'node:path'
import { meanOf } from '../../rl/statistics.ts'
import type { TrainingReport } from '../../rl/training.ts'
import { LogFile } from './log-file.ts'

/** The lengths of the files, in bytes, in the order of `logFiles`. */
export type LogLengths = readonly number[]

export const METRICS_JSON = 'metrics.jsonl'
export const METRICS_CSV = 'metrics.csv'
export const EPISODES_CSV = 'episodes.csv'

export const logFiles = [METRICS_JSON, METRICS_CSV, EPISODES_CSV] as const

export class RunLog {
  private readonly json: LogFile
  private readonly csv: LogFile
  private readonly episodes: LogFile

  /** @param lengths where to go on from; the start where this is left out. */
  constructor(folder: string, lengths: LogLengths = [0, 0, 0]) {
    const [json = 0, csv = 0, episodes = 0] = lengths
    this.json = new LogFile(join(folder, METRICS_JSON), json)
    this.csv = new LogFile(join(folder, METRICS_CSV), csv)
    this.episodes = new LogFile(join(folder, EPISODES_CSV), episodes)
  }

  add(report: TrainingReport<unknown>): void {
    const figures = figuresOf(report)
    if (this.csv.empty) this.csv.add(`${Object.keys(figures).join(',')}\n`)
    this.json.add(`${JSON.stringify(figures)}\n`)
    this.csv.add(`${Object.values(figures).map(cell).join(',')}\n`)
    if (this.episodes.empty) this.episodes.add('step,return,length\n')
    for (const { step, return: total, length } of report.episodes) this.episodes.add(`${step},${total},${length}\n`)
  }

  /** Puts all that was added on the disk. */
  flush(): LogLengths {
    return [this.json.flush(), this.csv.flush(), this.episodes.flush()]
  }
}

/** The numbers of a report; of its episodes, how many they were and their mean return and length. */
function figuresOf({ step, episodes, ...rest }: TrainingReport<unknown>): Readonly<Record<string, number | null>> {
  const mean = (values: number[]) => (values.length === 0 ? null : meanOf(values))
  const numbers = Object.entries(rest).filter((entry): entry is [string, number] => typeof entry[1] === 'number')
  return {
    step,
    episodes: episodes.length,
    meanReturn: mean(episodes.map((episode) => episode.return)),
    meanLength: mean(episodes.map(({ length }) => length)),
    ...Object.fromEntries(numbers),
  }
}

function cell(value: number | null): string {
  return value === null || !Number.isFinite(value) ? '' : String(value)
}
