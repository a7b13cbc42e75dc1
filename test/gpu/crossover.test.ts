import { expect, it } from 'vitest'
import { crossoverText, timeProducts } from '../../bench/lib/crossover.ts'
import { openPlace, presentModes } from '../../bench/lib/places.ts'

it('products are timed on each GPU, with operands on the device and with transfers', async () => {
  const modes = (await presentModes()).filter(({ hardware }) => hardware !== 'none')
  expect(modes.length).toBeGreaterThan(0)
  for (const mode of modes) {
    const place = await openPlace(mode)
    const times = await timeProducts(place.backend, 30)
    await place.close()
    expect(crossoverText({ places: [place], crossovers: [{ place: place.name, times }] })).toEqual([
      expect.stringMatching(/ on .+: products are faster than on the CPU (from \d+×\d+|at no size up to \d+×\d+)/),
    ])
  }
})
