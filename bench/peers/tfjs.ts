// TensorFlow.js on its WebAssembly backend, one thread.

import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as tf from '@tensorflow/tfjs'
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { normals, type Peer, serve } from './serve.ts'

function tensorflow(): Peer {
  const model = (sizes: readonly number[]) => {
    const layers = sizes.slice(1).map((units, i) =>
      tf.layers.dense({
        units,
        ...(i < sizes.length - 2 ? { activation: 'relu' as const } : {}),
        ...(i === 0 ? { inputShape: [sizes[0]!] } : {}),
      }),
    )
    return tf.sequential({ layers })
  }
  return {
    step(sizes, batch) {
      const network = model(sizes)
      const optimizer = tf.train.adam(1e-3)
      const [x, y] = [normals(batch * sizes[0]!), normals(batch * sizes.at(-1)!)]
      return () =>
        tf.tidy(() => {
          const [inputs, targets] = [tf.tensor2d(x, [batch, sizes[0]!]), tf.tensor2d(y, [batch, sizes.at(-1)!])]
          const loss = optimizer.minimize(
            () => tf.losses.meanSquaredError(targets, network.predict(inputs) as tf.Tensor) as tf.Scalar,
            true,
          )
          loss!.dataSync()
        })
    },
    product(n) {
      const [a, b] = [tf.tensor2d(normals(n * n), [n, n]), tf.tensor2d(normals(n * n), [n, n])]
      return () => tf.tidy(() => void tf.matMul(a, b).dataSync())
    },
    act() {
      const network = model([4, 64, 64, 2])
      const observation = normals(4)
      return () =>
        tf.tidy(() => void (network.predict(tf.tensor2d(observation, [1, 4])) as tf.Tensor).argMax(1).dataSync())
    },
  }
}

setWasmPaths(`${dirname(fileURLToPath(import.meta.resolve('@tensorflow/tfjs-backend-wasm')))}/`)
setThreadsCount(1)
await tf.setBackend('wasm')
await serve(tensorflow())
