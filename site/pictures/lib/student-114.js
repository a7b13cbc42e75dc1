// A student of CartPole: 4-16-2, written by alambic.
const layers = [
[-1.0938644,-2.3665204,-6.21509,-3.6991177,-.9829569,1.040679,.9763838,2.7579958,.42304102,1.1305469,1.1278228,.4558658,5.364096,3.1110907,.96451026,1.2134507,-1.1371611,-6.4560056,-2.0538032,1.0604709,.49992973,-1.2122301,-.72272015,-.6634237,.24955149,-1.3180896,-1.9302546,-6.766064,-2.9456184,-1.01913,-1.3533927,.6707615,-2.3203115,1.6471401,-1.1709784,1.1328481,1.774264,4.042906,2.3407485,.9420796,1.0714796,2.492693,6.0191035,3.77518,1.0016463,-1.8093727,-.14538346,1.1917272,-.27699974,-.99723357,.63560075,2.092436,3.1112378,3.6994374,.73577297,.18022929,.82765216,-2.8518682,-.4141034,.07381179,.81243694,1.1468213,4.8320656,2.022687,.75206286,1.2211303,2.3316567,6.8113356,4.1052933,1.008304,-.050157107,1.3475535,4.8729353,.37559494,.6507214,-.8370663,-1.9469804,-4.1729674,-3.3341763,-.8164556],
[.8924926,-.300157,-.5400559,.12759513,.20893377,1.0593786,.056379244,-.61067194,-1.0719633,.11654352,-.5412659,-.18933487,-.8090826,-.7848694,-.26324883,.8686106,-.07910165,-1.13201,.28023797,.27623093,-.31619236,-.21600328,-.86489666,.283648,.52156085,.7447829,-.04143832,.46186078,-.15496312,.74766195,.575033,.16465347,-.48457664,-.00089775864]
].map((numbers) => Float32Array.from(numbers))
const f = Math.fround
const x = [4, 16, 2].map((n) => new Float32Array(n))
const P = Float32Array.of(1.3265912e-8, 0.000020545158, 0.0034917062, 0.13377757, 1)
const Q = Float32Array.of(7.7402763e-7, 0.00032792849, 0.025862215, 0.46711072, 1)
const tanh = (x) => {
  const v = f(Math.min(Math.max(x, -9.05), 9.05))
  const z = f(v * v)
  let p = 0, q = 0
  for (let k = 0; k < 5; k++) {
    p = f(f(p * z) + P[k])
    q = f(f(q * z) + Q[k])
  }
  return Math.min(Math.max(f(f(v * p) / q), -1), 1)
}
const after = [tanh, (x) => x]
const dense = (l) => {
  const w = layers[l], v = x[l], y = x[l + 1]
  for (let i = 0, at = 0; i < y.length; i++) {
    let a = 0, b = 0, c = 0, d = 0
    for (let j = 0; j < v.length || j % 4; j++) {
      const sum = j < v.length ? f(a + f(w[at++] * v[j])) : a
      a = b; b = c; c = d; d = sum
    }
    y[i] = after[l](f(w[at++] + f(f(a + b) + f(c + d))))
  }
}
const run = (observation) => {
  x[0].set(observation.length === 4 ? observation : [NaN])
  if (!x[0].every(Number.isFinite)) throw new RangeError('expected 4 finite numbers')
  dense(0)
  dense(1)
  return x[2]
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
