// What goes wrong, and what is said about it.

import { GpuStorage } from '../../../src/gpu/devices/gpu-storage.ts'
import { devices, type GpuMode, openDevice, toDevice } from '../../../src/gpu/index.ts'
import { transfers } from '../../../src/tensor/dispatch/families.ts'
import { backendOf } from '../../../src/tensor/dispatch/select.ts'
import * as t from '../../../src/tensor/index.ts'
import { type Check, require, requireError } from './check.ts'

const gpuTensor = (values: number[]) => toDevice(t.tensor(values), 'gpu')

export const errorChecks: readonly Check[] = [
  {
    name: 'tensors of two devices in one operation: an error that names both and the fix',
    run: async () => {
      await requireError(() => t.add(gpuTensor([1]), t.tensor([1])), 'DeviceError', 'cpu', 'gpu', 'toDevice')
      await requireError(
        () => t.matmul(t.tensor([[1]]), t.reshape(gpuTensor([1]), [1, 1])),
        'DeviceError',
        'cpu',
        'gpu',
      )
    },
  },
  {
    name: 'reading at once: an error that says how to wait',
    run: () => requireError(() => gpuTensor([1]).toArray(), 'DeviceError', 'await tensor.data()'),
  },
  {
    name: 'a tensor of a scope that has ended: an error that says so; one that was returned lives on',
    run: async () => {
      const { kept, lost } = t.scope(() => {
        const x = gpuTensor([1, 2])
        const temporary = t.mul(x, 2)
        return { kept: t.add(temporary, 1), lost: () => temporary }
      })
      require((await kept.data()).join() === '3,5', 'the returned tensor has its numbers')
      await requireError(() => lost().data(), 'ScopeError', 'scope')
      await requireError(() => t.add(lost(), kept), 'ScopeError', 'scope')
    },
  },
  {
    name: 'a reading that began in a scope ends after it',
    run: async () => {
      const { reading } = t.scope(() => ({ reading: t.mul(gpuTensor([1, 2]), 3).data() }))
      require((await reading).join() === '3,6', 'the numbers are there')
    },
  },
  {
    name: 'float64: refused, with the conversion to make',
    run: async () => {
      const double = t.tensor([1], [1], { dtype: 'float64' })
      await requireError(() => toDevice(double, 'gpu'), 'DTypeError', 'float32', 'cast')
      await requireError(() => t.cast(gpuTensor([1]), 'float64'), 'DTypeError', 'float32')
    },
  },
  {
    name: 'a tensor with a history: gradients do not flow between devices',
    run: async () => {
      const x = t.tensor([1], [1], { requiresGrad: true })
      await requireError(() => toDevice(t.square(x), 'gpu'), 'GradientError', 'detach')
    },
  },
  {
    name: 'NaN and infinities go in and come out',
    run: async () => {
      const x = gpuTensor([Number.NaN, Infinity, -Infinity, 1])
      const same = Array.from(await x.data())
      require(Number.isNaN(same[0]) && same[1] === Infinity && same[2] === -Infinity, `got ${same}`)
      const shown = async (y: t.Tensor) => Array.from(await y.data()).join()
      require((await shown(t.relu(x))) === 'NaN,Infinity,0,1', `relu gave ${await shown(t.relu(x))}`)
      require((await shown(t.max(x))) === 'NaN', `max gave ${await shown(t.max(x))}`)
      require((await shown(t.softmax(x))) === 'NaN,NaN,NaN,NaN', `softmax gave ${await shown(t.softmax(x))}`)
    },
  },
  {
    name: 'no elements: shapes with a 0 in them',
    run: async () => {
      const none = t.reshape(gpuTensor([]), [0, 3])
      require((await t.tanh(none).data()).length === 0, 'a map of nothing is nothing')
      require((await t.sum(none, 0).data()).join() === '0,0,0', 'a sum over nothing is 0')
      const product = t.matmul(t.reshape(gpuTensor([]), [2, 0]), none)
      require((await product.data()).join() === '0,0,0,0,0,0', 'a product over nothing is 0')
    },
  },
  {
    name: 'a mode that is not there: an error that says what to install; a misspelt one: what it may have meant',
    run: async (open) => {
      await requireError(() => openDevice('webgp' as GpuMode), 'DeviceError', 'Did you mean "webgpu"')
      const absent = (await devices()).find(({ available }) => !available)
      require(absent !== undefined, 'some mode is absent everywhere')
      await requireError(() => openDevice(absent!.mode as GpuMode), 'DeviceError', absent!.mode, 'it needs')
      require((await gpuTensor([4]).data())[0] === 4, `${open.mode} is open as before`)
    },
  },
  {
    name: 'numbers beyond what the adapter can hold: an error that names it',
    run: async ({ mode, adapter }) => {
      if (mode === 'cpu' || mode === 'webasm') return // these have no limit but memory
      const x = gpuTensor([1])
      await requireError(
        () =>
          backendOf(x.storage, transfers)
            .fill(2 ** 31, 1, 'float32')
            .read(),
        'DeviceError',
        mode,
        adapter,
        'smaller parts',
      )
      require((await t.mul(x, 2).data())[0] === 2, 'work goes on after it')
      require(x.storage instanceof GpuStorage, 'and stays there')
    },
  },
]

/** To be run last: the device is gone afterwards. */
export const lossOfDevice: Check = {
  name: 'a lost device: an error that says so; tensors on the CPU are intact; a new device works',
  run: async (open) => {
    const onCpu = t.tensor([1, 2])
    const onGpu = toDevice(onCpu, 'gpu')
    await onGpu.data()
    const { engine } = onGpu.storage as GpuStorage
    const { device: lost, getExtension } = engine.context ?? {}
    const lose = getExtension?.call(engine.context, 'WEBGL_lose_context')
    if (lost === undefined && !lose) return // gpu.js's stand-ins have nothing to lose, the package gl cannot lose it
    lost?.destroy()
    lose?.loseContext()
    await requireError(
      async () => {
        await t.mul(onGpu, 2).data()
        await new Promise((resolve) => setTimeout(resolve, 50)) // the news may take a moment
        await t.mul(onGpu, 2).data()
      },
      'DeviceError',
      'lost',
      open.mode,
      'intact',
    )
    require(onCpu.toArray().join() === '1,2', 'the CPU has its numbers')
    const again = await openDevice(open.mode as GpuMode)
    require((await t.mul(toDevice(onCpu, 'gpu'), 2).data()).join() === '2,4', 'the new device computes')
    await requireError(() => t.add(onGpu, toDevice(onCpu, 'gpu')), 'DeviceError', open.mode)
    await again.close()
  },
}
