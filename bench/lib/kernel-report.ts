// The figures as lines, as a table, as JSON and as a page with the roofline plot.

import type { NumberTable } from '../../src/plot/format.ts'
import { report } from '../../src/plot/report.ts'
import { type BenchRow, benchRow } from './bench-file.ts'
import { type Crossovers, crossover, label, SOFTWARE } from './crossover.ts'
import { digits } from './digits.ts'
import type { Figure } from './kernel-bench.ts'
import { gflops, roofline, shortLabel } from './roofline.ts'

/** What the page shows. */
export interface KernelResults extends Crossovers {
  readonly figures: readonly Figure[]
}

/** A row of the JSON with what it is made of; `first` and `roundTrip` in milliseconds. */
export type KernelRow = BenchRow & Pick<Figure, 'place' | 'kernel' | 'shape' | 'first' | 'roundTrip'>

const COLUMNS: readonly { readonly head: string; readonly width: number; cell(figure: Figure): string }[] = [
  { head: 'backend', width: 16, cell: ({ place }) => place },
  { head: 'kernel', width: 28, cell: ({ kernel }) => kernel },
  { head: 'shape', width: 22, cell: ({ shape }) => shape },
  { head: 'first, ms', width: 10, cell: ({ first }) => digits(first) },
  { head: 'median, ms', width: 11, cell: ({ steady }) => digits(steady) },
  { head: 'p25, ms', width: 9, cell: ({ samples }) => digits(quartile(samples, 'p25')) },
  { head: 'p75, ms', width: 9, cell: ({ samples }) => digits(quartile(samples, 'p75')) },
  { head: 'GFLOP/s', width: 9, cell: (figure) => digits(gflops(figure)) },
  { head: 'GB/s', width: 8, cell: ({ bytes, steady }) => digits(steady === null ? null : bytes / steady / 1e6) },
  { head: 'round trip, ms', width: 16, cell: ({ roundTrip }) => digits(roundTrip) },
]

function quartile(samples: readonly number[], which: 'p25' | 'p75'): number | null {
  return samples.length === 0 ? null : benchRow('', 'ms', samples)[which]
}

/** The figures as rows of the JSON; cases that were left out have none. */
export function rowsOf(figures: readonly Figure[]): KernelRow[] {
  return figures
    .filter(({ samples }) => samples.length > 0)
    .map(({ place, kernel, shape, first, roundTrip, samples }) => ({
      ...benchRow(`${place} ${kernel} ${shape}`, 'ms', samples),
      ...{ place, kernel, shape, first, roundTrip },
    }))
}

export function tableOf(figures: readonly Figure[]): NumberTable {
  return {
    head: COLUMNS.map(({ head }) => head),
    rows: figures.map((figure) => ({ cells: COLUMNS.map(({ cell }) => cell(figure)) })),
  }
}

export const headLine = (): string => aligned(COLUMNS.map(({ head }) => head))

export const lineOf = (figure: Figure): string => aligned(COLUMNS.map(({ cell }) => cell(figure)))

function aligned(cells: readonly string[]): string {
  return cells.map((cell, i) => (i < 3 ? cell.padEnd(COLUMNS[i]!.width) : cell.padStart(COLUMNS[i]!.width))).join('')
}

function crossoverTable({ places, crossovers }: Crossovers): NumberTable {
  return {
    head: ['GPU', 'everything on the device', 'there and back', 'measured up to'],
    rows: crossovers.map(({ place, times }) => {
      const from = (way: 'resident' | 'roundTrip') => square(crossover(times, way))
      return {
        cells: [
          shortLabel(places.find(({ name }) => name === place)!),
          from('resident'),
          from('roundTrip'),
          square(times.at(-1)!.side),
        ],
      }
    }),
  }
}

const square = (side: number | null) => (side === null ? 'at no size' : `${side}×${side}`)

export function pageOf(document: Document, results: KernelResults, command: string): string {
  return report({
    title: 'Kernels',
    lead: `${results.date}. ${results.machine}, ${results.runtime}. ${results.places.map(label).join('; ')}.`,
    facts: results.places.map(({ name, hardware }) => {
      const best = Math.max(
        0,
        ...results.figures.filter(({ place }) => place === name).map((each) => gflops(each) ?? 0),
      )
      const what = hardware === 'software' ? 'GFLOP/s of software' : 'best GFLOP/s'
      return { label: `${name}, ${what}`, value: best.toFixed(1) }
    }),
    sections: [
      {
        title: 'Against the roofs',
        figure: roofline(document, results),
        howToRead:
          'Each dot is a kernel on one backend: the further right, the more it computes for each byte; the higher, the ' +
          'faster it ran. The lines are the best memory and arithmetic rates that backend reached here. Software adapters ' +
          'imitate a GPU on the processor: their dots show that kernels run, not how fast a GPU is.',
      },
      {
        title: 'When a GPU is worth it',
        text:
          'From which size on square products are faster than on the CPU. Nothing moves to a GPU by itself. A ' +
          `${SOFTWARE}.`,
        table: crossoverTable(results),
      },
      { title: 'All figures', table: tableOf(results.figures) },
    ],
    command,
  })
}
