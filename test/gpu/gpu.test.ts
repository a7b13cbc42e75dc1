// `npm run test:gpu`: the checks on every GPU that Node finds here, and in gpu.js's stand-in `webasm`. `npm run test:gl` runs
// them on the package `gl` alone. What is not there is a failure that says what to install.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenDevice, openDevice } from '../../src/gpu/device.ts'
import { allChecks } from './checks/all.ts'
import { askedMode, wantedModes } from './wanted.ts'

const present = await wantedModes()

it(`finds ${askedMode ?? 'a GPU, real or software'}`, async () => {
  const gpu = await openDevice(askedMode) // throws what to install
  console.log(`openDevice() is ${gpu.mode} on ${gpu.adapter} (${gpu.hardware})`)
  expect(present.map(({ mode }) => mode)).toContain(gpu.mode)
  await gpu.close()
})

describe.each(present)('$mode on $adapter', ({ mode }) => {
  let gpu: OpenDevice
  beforeAll(async () => {
    gpu = await openDevice(mode)
    console.log(`ran in mode ${gpu.mode} on ${gpu.adapter} (${gpu.hardware})`)
  })
  afterAll(() => gpu.close())

  it('runs in the mode that was asked for', () => expect(gpu.mode).toBe(mode))
  it.each(allChecks.map((check) => [check.name, check] as const))('%s', (_, check) => check.run(gpu))
})
