// `npm run test:gpu`: the checks on every GPU that Node finds here. Without one there is nothing to run, and that is a failure
// that says what to install.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DeviceInfo, device, devices, type GpuMode, type OpenDevice } from '../../src/tensor/device.ts'
import { allChecks } from './checks/all.ts'

const isGpu = ({ available, hardware }: DeviceInfo) => available && hardware !== 'none'
const present = (await devices()).filter(isGpu)

it('finds a GPU, real or software', async () => {
  if (present.length === 0) await device('gpu') // throws what to install
})

describe.each(present)('$mode on $adapter', ({ mode }) => {
  let gpu: OpenDevice
  beforeAll(async () => {
    gpu = await device('gpu', mode as GpuMode)
    console.log(`ran in mode ${gpu.mode} on ${gpu.adapter} (${gpu.hardware})`)
  })
  afterAll(() => gpu.close())

  it('runs in the mode that was asked for', () => expect(gpu.mode).toBe(mode))
  it.each(allChecks.map((check) => [check.name, check] as const))('%s', (_, check) => check.run(gpu))
})
