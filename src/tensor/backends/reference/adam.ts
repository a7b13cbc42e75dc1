// Adam's update as a plain loop, as in PyTorch's documentation.

import type { Updates } from '../backend.ts'
import { view } from './arrays.ts'

export const referenceUpdates: Updates = {
  /** Kingma and Ba 2015, arXiv:1412.6980, algorithm 1; decoupled decay: arXiv:1711.05101; AMSGrad: arXiv:1904.09237. */
  adam(parameter, grad, first, second, maxSecond, s) {
    const [p, g, m, v] = [view(parameter), view(grad), view(first), view(second)]
    const largest = maxSecond === null ? null : view(maxSecond)
    const rate = s.learningRate / (1 - s.beta1Power)
    const rootCorrection = Math.sqrt(1 - s.beta2Power)
    for (let i = 0; i < p.length; i++) {
      let gradient = g[i]!
      if (s.decoupled) p[i] = p[i]! * (1 - s.learningRate * s.weightDecay)
      else gradient += s.weightDecay * p[i]!
      m[i] = s.beta1 * m[i]! + (1 - s.beta1) * gradient
      v[i] = s.beta2 * v[i]! + (1 - s.beta2) * gradient * gradient
      let spread = v[i]!
      if (largest !== null) {
        spread = Math.max(largest[i]!, spread)
        largest[i] = spread
      }
      p[i] = p[i]! - (rate * m[i]!) / (Math.sqrt(spread) / rootCorrection + s.epsilon)
    }
  },
}
