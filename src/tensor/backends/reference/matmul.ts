// The matrix product as plain loops.

import type { MatmulSpec, Products } from '../backend.ts'
import { make, view } from './arrays.ts'

export const referenceProducts: Products = {
  matmul({ batch, m, k, n, transposeA, transposeB }: MatmulSpec, a, b, bias) {
    return make(a.dtype, batch * m * n, (out) => {
      const left = view(a)
      const right = view(b)
      const start = bias === null ? null : view(bias)
      for (let g = 0; g < batch; g++) {
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            let sum = start === null ? 0 : start[start.length > n ? g * n + j : j]!
            for (let l = 0; l < k; l++) {
              const x = left[g * m * k + (transposeA ? l * m + i : i * k + l)]!
              const y = right[g * k * n + (transposeB ? j * k + l : l * n + j)]!
              sum += x * y
            }
            out[(g * m + i) * n + j] = sum
          }
        }
      }
    })
  },
}
