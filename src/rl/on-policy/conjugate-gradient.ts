// Conjugate gradients (Hestenes and Stiefel 1952, doi:10.6028/jres.049.044): solves A x = b from products A v, for symmetric positive
// definite A. Exact after as many steps as there are unknowns.

/** @param tolerance stops once the residual is shorter than `tolerance` times b */
export function conjugateGradient(
  product: (v: Float64Array) => Float64Array,
  b: Float64Array,
  steps: number,
  tolerance = 1e-5,
): Float64Array {
  const x = new Float64Array(b.length)
  const residual = b.slice()
  const direction = b.slice()
  let square = dot(residual, residual)
  const enough = tolerance * tolerance * square
  for (let step = 0; step < steps && square > enough; step++) {
    const image = product(direction)
    const curvature = dot(direction, image)
    if (!(curvature > 0)) break // it has underflowed
    const along = square / curvature
    addScaled(x, direction, along)
    addScaled(residual, image, -along)
    const next = dot(residual, residual)
    for (let i = 0; i < direction.length; i++) direction[i] = residual[i]! + (next / square) * direction[i]!
    square = next
  }
  return x
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** to := to + factor · x */
export function addScaled(to: Float64Array, x: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i]! += factor * x[i]!
}
