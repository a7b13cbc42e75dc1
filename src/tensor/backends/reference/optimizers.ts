// The optimizers' update rules as plain loops, as in PyTorch's documentation.

import type { Updates } from '../backend.ts'
import { view } from './arrays.ts'

export const referenceUpdates: Updates = {
  /** v := μ v + (1 - dampening) g;  p := p - lr v, or with Nesterov p - lr (g + μ v). Sutskever et al. 2013. */
  sgd(parameter, grad, velocity, s) {
    const [p, g] = [view(parameter), view(grad)]
    const v = velocity === null ? null : view(velocity)
    for (let i = 0; i < p.length; i++) {
      const gradient = g[i]! + s.weightDecay * p[i]!
      let update = gradient
      if (v !== null) {
        const speed = s.first ? gradient : s.momentum * v[i]! + (1 - s.dampening) * gradient
        v[i] = speed
        update = s.nesterov ? gradient + s.momentum * speed : speed
      }
      p[i] = p[i]! - s.learningRate * update
    }
  },

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

  /** Tieleman and Hinton 2012; centered: Graves 2013, arXiv:1308.0850, eq. 38 to 45. */
  rmsprop(parameter, grad, second, mean, velocity, s) {
    const [p, g, square] = [view(parameter), view(grad), view(second)]
    const average = mean === null ? null : view(mean)
    const speed = velocity === null ? null : view(velocity)
    for (let i = 0; i < p.length; i++) {
      const gradient = g[i]! + s.weightDecay * p[i]!
      square[i] = s.alpha * square[i]! + (1 - s.alpha) * gradient * gradient
      let variance = square[i]!
      if (average !== null) {
        average[i] = s.alpha * average[i]! + (1 - s.alpha) * gradient
        variance -= average[i]! * average[i]!
      }
      let update = gradient / (Math.sqrt(variance) + s.epsilon)
      if (speed !== null) {
        update += s.momentum * speed[i]!
        speed[i] = update
      }
      p[i] = p[i]! - s.learningRate * update
    }
  },

  /** Duchi, Hazan and Singer 2011. */
  adagrad(parameter, grad, sum, s) {
    const [p, g, total] = [view(parameter), view(grad), view(sum)]
    for (let i = 0; i < p.length; i++) {
      const gradient = g[i]! + s.weightDecay * p[i]!
      total[i] = total[i]! + gradient * gradient
      p[i] = p[i]! - (s.learningRate * gradient) / (Math.sqrt(total[i]!) + s.epsilon)
    }
  },
}
