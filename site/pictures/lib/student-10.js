// A student of CartPole: 4-2, written by alambic.
const layers = [
[[-2.0048673,-3.3854277,-8.519028,-6.6349607,1.45996,3.3388345,10.531557,5.844226],[-1.732765,1.4915733]]
].map((layer) => layer.map((numbers) => Float32Array.from(numbers)))
const f = Math.fround

/** Logits, one an action. */
export function forward(observation) {
  let x = Float32Array.from(observation)
  if (x.length !== 4 || !x.every(Number.isFinite)) throw new RangeError('expected 4 finite numbers')
  layers.forEach(([weights, biases]) => {
    x = Float32Array.from(biases, (b, i) => {
      const s = new Float32Array(4)
      x.forEach((v, j) => (s[j % 4] += f(weights[i * x.length + j] * v)))
      return f(b + f(f(s[0] + s[1]) + f(s[2] + s[3])))
    })
  })
  return x
}

/** The action whose output is largest. */
export function act(observation) {
  const y = forward(observation)
  return y.indexOf(Math.max(...y))
}
