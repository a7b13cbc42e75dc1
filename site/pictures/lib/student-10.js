// A student of CartPole: 4-2, written by alambic.
const layers = [
[-2.0048673,-3.3854277,-8.519028,-6.6349607,-1.732765,1.45996,3.3388345,10.531557,5.844226,1.4915733]
].map((numbers) => Float32Array.from(numbers))
const f = Math.fround
const x = [4, 2].map((n) => new Float32Array(n))
const dense = (l) => {
  const w = layers[l], v = x[l], y = x[l + 1]
  for (let i = 0, at = 0; i < y.length; i++) {
    let a = 0, b = 0, c = 0, d = 0
    for (let j = 0; j < v.length || j % 4; j++) {
      const sum = j < v.length ? f(a + f(w[at++] * v[j])) : a
      a = b; b = c; c = d; d = sum
    }
    y[i] = f(w[at++] + f(f(a + b) + f(c + d)))
  }
}
const run = (observation) => {
  x[0].set(observation.length === 4 ? observation : [NaN])
  if (!x[0].every(Number.isFinite)) throw new RangeError('expected 4 finite numbers')
  dense(0)
  return x[1]
}

/** Logits, one an action. */
export const forward = (observation) => run(observation).slice()

/** The action whose output is largest. */
export function act(observation) {
  const y = run(observation)
  let best = 0
  for (let i = 1; i < y.length; i++) if (y[i] > y[best]) best = i
  return best
}
