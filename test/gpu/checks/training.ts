// A network that trains on the GPU and stays there.

import type { DeviceEngine } from '../../../src/gpu/devices/device-engine.ts'
import { GpuStorage } from '../../../src/gpu/devices/gpu-storage.ts'
import { toDevice } from '../../../src/gpu/to-device.ts'
import { Adam, crossEntropy, MLP } from '../../../src/nn/index.ts'
import { getBackend, Rng, tensor } from '../../../src/tensor/index.ts'
import { withBackend } from '../../support/with-backend.ts'
import { type Check, numbers, require, requireClose } from './check.ts'

const BATCH = 32
const STEPS = 20

const batch = () => tensor(numbers(BATCH * 4), [BATCH, 4])
const labels = () => tensor(Int32Array.from(numbers(BATCH, 2), (x) => (x > 0.3 ? 2 : x > -0.3 ? 1 : 0)))
const network = () => new MLP([4, 16, 16, 3], new Rng(5), { activation: 'tanh' })

/** The losses of twenty steps, and the parameters after them. */
function onCpu(): number[][] {
  const model = network()
  const optimizer = new Adam(model, { learningRate: 0.01 })
  const losses = Array.from({ length: STEPS }, () =>
    optimizer.minimize(() => crossEntropy(model.forward(batch()), labels())),
  )
  return [losses, ...Object.values(model.parameters()).map((each) => Array.from(each.toArray()))]
}

async function onGpu(steps = STEPS): Promise<{ results: number[][]; model: MLP; engine: DeviceEngine }> {
  const model = network()
  toDevice(model, 'gpu')
  const optimizer = new Adam(model, { learningRate: 0.01 })
  const x = toDevice(batch(), 'gpu')
  const losses: number[] = []
  for (let step = 0; step < steps; step++) {
    losses.push(await optimizer.minimizeAsync(() => crossEntropy(model.forward(x), labels())))
  }
  const parameters = await Promise.all(Object.values(model.parameters()).map((each) => each.data()))
  const { engine } = x.storage as GpuStorage
  return { results: [losses, ...parameters.map((each) => Array.from(each))], model, engine }
}

export const trainingChecks: readonly Check[] = [
  {
    name: `${STEPS} training steps agree with the reference and with wasm`,
    run: async () => {
      const { results } = await onGpu()
      for (const backend of ['reference', getBackend() as 'wasm'] as const) {
        const want = withBackend(backend, onCpu)
        for (const [i, each] of want.entries()) requireClose(results[i]!, each, `${backend}, result ${i}`, 1e-4, 1e-5)
      }
      require(results[0]!.at(-1)! < 0.9 * results[0]![0]!, 'the loss falls')
    },
  },
  {
    name: 'parameters, gradients and the optimizer’s state stay on the device; nothing is read until asked for',
    run: async () => {
      const model = network()
      toDevice(model, 'gpu')
      const optimizer = new Adam(model, { learningRate: 0.01 })
      const x = toDevice(batch(), 'gpu')
      const { engine } = x.storage as GpuStorage
      const { readings } = engine
      const losses = Array.from({ length: 3 }, () => {
        const loss = crossEntropy(model.forward(x), labels())
        loss.backward()
        for (const parameter of optimizer.parameters) {
          require(parameter.storage instanceof GpuStorage, 'a parameter left the GPU')
          require(parameter.grad!.storage instanceof GpuStorage, 'a gradient left the GPU')
        }
        for (const { places } of optimizer.groups) {
          for (const { buffers } of places) {
            for (const buffer of Object.values(buffers)) {
              require(buffer === null || buffer instanceof GpuStorage, "the optimizer's state left the GPU")
            }
          }
        }
        optimizer.step()
        optimizer.zeroGrad()
        return loss
      })
      await engine.settled()
      require(engine.readings === readings, 'something was read back')
      require(Number.isFinite((await losses[2]!.data())[0]!), 'the loss is a number')
      require(engine.readings === readings + 1, 'one reading is counted')
    },
  },
  {
    name: 'as much is held after many steps as after a few',
    run: async () => {
      const { engine, model } = await onGpu(3)
      const held = engine.held
      const optimizer = new Adam(model, { learningRate: 0.001 })
      await engine.settled()
      const x = toDevice(batch(), 'gpu')
      const before = engine.held
      for (let step = 0; step < 30; step++) {
        await optimizer.minimizeAsync(() => crossEntropy(model.forward(x), labels()))
      }
      await engine.settled()
      require(engine.held <= before, `${engine.held} arrays are held, ${before} were before (${held} at first)`)
    },
  },
]
