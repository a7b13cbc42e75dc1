// jax-js on its WebAssembly backend.

import { defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from '@jax-js/jax'
import { normals, type Peer, serve } from './serve.ts'

type Weights = { w: np.Array[]; b: np.Array[] }
type State = { p: Weights; m: Weights; v: Weights }

const jax: Peer = {
  step(sizes, batch) {
    const layers = sizes.length - 1
    const fresh = (scale: number): Weights => ({
      w: sizes
        .slice(1)
        .map((to, i) => np.array(normals(to * sizes[i]!).map((x) => x * scale)).reshape([sizes[i]!, to])),
      b: sizes.slice(1).map((to) => np.array(new Float32Array(to))),
    })
    const forward = (p: Weights, x: np.Array) => {
      let h = x
      for (let i = 0; i < layers; i++) {
        h = np.matmul(h, p.w[i]!).add(p.b[i]!)
        if (i < layers - 1) h = nn.relu(h)
      }
      return h
    }
    const loss = (p: Weights, x: np.Array, y: np.Array) => np.mean(np.square(forward(p, x).sub(y)))
    const moved = (p: np.Array, m: np.Array, v: np.Array, g: np.Array): [np.Array, np.Array, np.Array] => {
      const first = m.mul(0.9).add(g.ref.mul(0.1))
      const second = v.mul(0.999).add(np.square(g).mul(0.001))
      const by = first.ref.mul(0.01).div(np.sqrt(second.ref).mul(31.6).add(1e-8))
      return [p.sub(by), first, second]
    }
    const update = jit((s: State, x: np.Array, y: np.Array): [State, np.Array] => {
      const copy: Weights = { w: s.p.w.map((a) => a.ref), b: s.p.b.map((a) => a.ref) }
      const [value, g] = valueAndGrad(loss)(copy, x, y) as unknown as [np.Array, Weights]
      const w = s.p.w.map((p, i) => moved(p, s.m.w[i]!, s.v.w[i]!, g.w[i]!))
      const b = s.p.b.map((p, i) => moved(p, s.m.b[i]!, s.v.b[i]!, g.b[i]!))
      const pick = (k: 0 | 1 | 2): Weights => ({ w: w.map((t) => t[k]), b: b.map((t) => t[k]) })
      return [{ p: pick(0), m: pick(1), v: pick(2) }, value]
    })
    const [x, y] = [normals(batch * sizes[0]!), normals(batch * sizes.at(-1)!)]
    let state: State = { p: fresh(0.1), m: fresh(0), v: fresh(0) }
    return () => {
      const [next, value] = update(
        state,
        np.array(x).reshape([batch, sizes[0]!]),
        np.array(y).reshape([batch, sizes.at(-1)!]),
      )
      state = next
      value.dataSync()
    }
  },
  product(n) {
    const [a, b] = [np.array(normals(n * n)).reshape([n, n]), np.array(normals(n * n)).reshape([n, n])]
    return () => void np.matmul(a.ref, b.ref).dataSync()
  },
  act() {
    const [w1, w2, w3] = [
      [4, 64],
      [64, 64],
      [64, 2],
    ].map(([i, o]) => np.array(normals(i! * o!)).reshape([i!, o!]))
    const forward = jit((x: np.Array, a: np.Array, b: np.Array, c: np.Array) =>
      np.argmax(np.matmul(nn.relu(np.matmul(nn.relu(np.matmul(x, a)), b)), c), 1),
    )
    const observation = normals(4)
    return () => void forward(np.array(observation).reshape([1, 4]), w1!.ref, w2!.ref, w3!.ref).dataSync()
  },
}

await init('wasm')
defaultDevice('wasm')
await serve(jax)
