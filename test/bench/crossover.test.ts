import { expect, it } from 'vitest'
import { crossoverText, type TimedPlace } from '../../bench/lib/crossover.ts'

const card: TimedPlace = { name: 'gpu.js webgpu', device: 'gpu', adapter: 'Card X', hardware: 'hardware' }
const times = [
  { side: 64, cpu: 1, resident: 2, roundTrip: 3 },
  { side: 128, cpu: 4, resident: 2, roundTrip: 5 },
  { side: 256, cpu: 20, resident: 3, roundTrip: 25 },
]

it('a GPU is faster from the first size after which it never loses', () => {
  expect(crossoverText({ places: [card], crossovers: [{ place: card.name, times }] })).toEqual([
    'gpu.js webgpu on Card X: products are faster than on the CPU from 128×128 with operands on the device, ' +
      'at no size up to 256×256 including transfers.',
  ])
})

it('figures of a software adapter are marked', () => {
  const places: TimedPlace[] = [{ ...card, adapter: 'llvmpipe', hardware: 'software' }]
  expect(crossoverText({ places, crossovers: [{ place: card.name, times }] })[0]).toContain(
    'llvmpipe (software adapter: not a speed figure)',
  )
})
