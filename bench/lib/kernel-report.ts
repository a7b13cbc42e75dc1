// The figures as lines, as a table, as JSON and as a page with the roofline plot.

import type { NumberTable } from '../../src/plot/html.ts'
import { report } from '../../src/plot/report.ts'
import { crossover, type ProductTimes } from '../../src/tensor/backends/gpu/crossover.ts'
import type { Figure, Place } from './kernel-bench.ts'
import { gflops, roofline } from './roofline.ts'

/** What a file under bench/results holds. */
export interface KernelResults {
  readonly machine: string
  readonly runtime: string
  readonly places: readonly Omit<Place, 'backend'>[]
  readonly figures: readonly Figure[]
  /** Square products on the CPU and on each GPU. */
  readonly crossovers: readonly { readonly place: string; readonly times: readonly ProductTimes[] }[]
}

export const SOFTWARE = 'software adapter: not a speed figure'

/** How a place is named wherever figures of it are shown. */
export function label({ name, adapter, hardware, device }: Omit<Place, 'backend'>): string {
  const remark = hardware === 'software' ? ` (${SOFTWARE})` : device === 'gpu' && hardware === 'none' ? ' (no GPU)' : ''
  return `${name} on ${adapter}${remark}`
}

const COLUMNS: readonly { readonly head: string; readonly width: number; cell(figure: Figure): string }[] = [
  { head: 'backend', width: 16, cell: ({ place }) => place },
  { head: 'kernel', width: 28, cell: ({ kernel }) => kernel },
  { head: 'shape', width: 22, cell: ({ shape }) => shape },
  { head: 'first, ms', width: 10, cell: ({ first }) => digits(first) },
  { head: 'steady, ms', width: 11, cell: ({ steady }) => digits(steady) },
  { head: 'p75, ms', width: 9, cell: ({ steadyP75 }) => digits(steadyP75) },
  { head: 'GFLOP/s', width: 9, cell: (figure) => digits(gflops(figure)) },
  { head: 'GB/s', width: 8, cell: ({ bytes, steady }) => digits(steady === null ? null : bytes / steady / 1e6) },
  { head: 'round trip, ms', width: 16, cell: ({ roundTrip }) => digits(roundTrip) },
]

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

// Three digits that mean something.
function digits(x: number | null): string {
  if (x === null) return '–'
  return x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x >= 0.1 ? x.toFixed(2) : x.toPrecision(2)
}

/** The recommendation, in a sentence for each GPU. */
export function crossoverText({ places, crossovers }: KernelResults): string[] {
  return crossovers.map(({ place, times }) => {
    const where = label(places.find(({ name }) => name === place)!)
    const from = (way: 'resident' | 'roundTrip') => {
      const side = crossover(times, way)
      return side === null ? `at no size up to ${times.at(-1)!.side}` : `from ${side}×${side} on`
    }
    return (
      `${where}: products are faster than on the CPU ${from('resident')} with everything on the device, ` +
      `${from('roundTrip')} with the way there and back.`
    )
  })
}

export function pageOf(document: Document, results: KernelResults, command: string): string {
  return report({
    title: 'Kernels',
    lead: `${results.machine}, ${results.runtime}. ${results.places.map(label).join('; ')}.`,
    facts: results.places.map(({ name }) => {
      const best = Math.max(
        0,
        ...results.figures.filter(({ place }) => place === name).map((each) => gflops(each) ?? 0),
      )
      return { label: `${name}, best GFLOP/s`, value: best.toFixed(1) }
    }),
    sections: [
      {
        title: 'Against the roofs',
        figure: roofline(document, results.figures),
        howToRead:
          'Each dot is a kernel on one backend: the further right, the more it computes for each byte; the higher, the ' +
          'faster it ran. The lines are the best memory and arithmetic rates that backend reached here. Software adapters ' +
          'imitate a GPU on the processor: their dots show that kernels run, not how fast a GPU is.',
      },
      { title: 'When a GPU is worth it', text: crossoverText(results).join(' ') },
      { title: 'All figures', table: tableOf(results.figures) },
    ],
    command,
  })
}
