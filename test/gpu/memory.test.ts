// Ten thousand training steps hold as much device memory at the end as near the start: arrays as the backend counts them,
// buffers and bytes as the driver was asked for them.

import { expect, it } from 'vitest'
import type { GpuStorage } from '../../src/gpu/devices/gpu-storage.ts'
import { openDevice, toDevice } from '../../src/gpu/index.ts'
import { Adam, MLP, mseLoss } from '../../src/nn/index.ts'
import { Rng, scope, tensor } from '../../src/tensor/index.ts'
import { countDriver } from './checks/driver.ts'
import { askedMode } from './wanted.ts'

const STEPS = 10_000
const LOOK_EVERY = 50 // the steps in between stay on the device

const modes = askedMode === undefined ? (['webgpu', 'wgsl'] as const) : [askedMode]

it.each(modes)(
  `%s holds after ${STEPS} training steps what it held after ${LOOK_EVERY}`,
  { timeout: 280_000 },
  async (mode) => {
    const gpu = await openDevice(mode)
    console.log(`ran in mode ${gpu.mode} on ${gpu.adapter} (${gpu.hardware})`)
    const model = new MLP([2, 4, 1], new Rng(5), { activation: 'tanh' })
    const x = toDevice(tensor([0, 0, 0, 1, 1, 0, 1, 1], [4, 2]), 'gpu')
    const y = toDevice(tensor([0, 1, 1, 0], [4, 1]), 'gpu')
    const { engine } = x.storage as GpuStorage
    const driver = countDriver(engine)
    toDevice(model, 'gpu')
    const optimizer = new Adam(model, { learningRate: 0.01 })
    const loss = () => mseLoss(model.forward(x), y)

    const train = async () => {
      for (let step = 1; step < LOOK_EVERY; step++) {
        scope(() => {
          optimizer.zeroGrad()
          loss().backward()
          optimizer.step()
        })
      }
      const last = await optimizer.minimizeAsync(loss)
      await engine.settled()
      return { last, held: { arrays: engine.held, compiled: engine.compiled, ...driver } }
    }

    const { readings } = engine
    const before = await train()
    let after = before
    for (let step = LOOK_EVERY; step < STEPS; step += LOOK_EVERY) after = await train()
    console.log(`${STEPS} steps: ${JSON.stringify(before.held)}, then ${JSON.stringify(after.held)}`)
    expect(optimizer.steps).toBe(STEPS)
    expect(engine.readings - readings).toBe(STEPS / LOOK_EVERY)
    expect(after.last).toBeLessThan(before.last)
    expect(after.held).toEqual(before.held)
    await gpu.close()
  },
)
