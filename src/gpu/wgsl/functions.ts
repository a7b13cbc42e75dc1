// The operations on elements as WGSL text. WGSL lets a compiler assume that there are no NaN and infinities, so they are
// tested and made by their bits. Both arguments of `select(no, yes, condition)` are evaluated. Read next: kernels.ts.

import type { MapOp, ZipOp } from '../../tensor/backends/backend.ts'

/** Functions that kernels may call. A kernel's text contains those that it uses; callers stand before the callees. */
export const functions: Readonly<Record<string, string>> = {
  geluSlope: '(x: f32) -> f32 { return normalCdf(x) + x * 0.3989422804014327 * expOf(-0.5 * x * x); }', // Φ(x) + x φ(x)
  // With t = tanh(u): (1 + t) / 2 + x (1 - t²) u' / 2
  geluTanhSlope: `(x: f32) -> f32 {
  let t = tanhInGelu(x);
  return 0.5 * (1.0 + t + x * (1.0 - t * t) * 0.7978845608028654 * (1.0 + 0.134145 * x * x));
}`,
  tanhInGelu: '(x: f32) -> f32 { return tanhOf(0.7978845608028654 * (x + 0.044715 * x * x * x)); }',
  // Φ(x) by the error function of Abramowitz and Stegun 1964, 7.1.26. Error below 1.5e-7.
  normalCdf: `(x: f32) -> f32 {
  let z = abs(x) * 0.7071067811865476;
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let tail = 0.5 * series * expOf(-z * z);
  return select(1.0 - tail, tail, x < 0.0);
}`,
  // Computed by exp, because WGSL allows its tanh an error of 1e-5. Near 0 it is a series.
  tanhOf: `(x: f32) -> f32 {
  if (isNan(x)) { return x; }
  let y = abs(x);
  let series = y * (1.0 - y * y * (1.0 / 3.0 - y * y * 2.0 / 15.0));
  let t = select(1.0 - 2.0 / (exp(2.0 * min(y, 10.0)) + 1.0), series, y < 0.05);
  return select(t, -t, x < 0.0);
}`,
  // As JavaScript's a ** b. WGSL's pow is defined for positive bases only.
  power: `(a: f32, b: f32) -> f32 {
  if (b == 0.0) { return 1.0; }
  if (b == 1.0) { return a; }
  if (b == 2.0) { return a * a; }
  if (b == 3.0) { return a * a * a; }
  if (b == -1.0) { return 1.0 / a; }
  if (isNan(a)) { return a; }
  if (isNan(b)) { return b; }
  let isInfinite = abs(b) == infinity();
  if (abs(a) == 1.0 && isInfinite) { return nan(); }
  let half = floor(b * 0.5) * 2.0;
  let isOdd = !isInfinite && half + 1.0 == b;
  let size = abs(a);
  var y = pow(size, b);
  if (b == 0.5) { y = sqrt(size); }
  if (size == 0.0) { y = select(infinity(), 0.0, b > 0.0); }
  if (size == infinity()) { y = select(0.0, infinity(), b > 0.0); }
  if (a < 0.0 && size != infinity() && half != b && !isOdd) { return nan(); }
  return select(y, -y, a < 0.0 && isOdd);
}`,
  // sin x for the shift 0, cos x for 1/2: WGSL allows its own an error of 5e-4. With r = x - (k + shift) π in ±π/2, π in
  // three parts (Cody and Waite 1980, chapter 8), it is ±sin r, by the Taylor series.
  sine: `(x: f32, shift: f32) -> f32 {
  if (isNan(x) || abs(x) == infinity()) { return nan(); }
  let k = floor(x * 0.3183098861837907 + 0.5 - shift);
  let turns = k + shift;
  let r = x - turns * 3.140625 - turns * 0.0009675025939941406 - turns * 1.509957990978e-7;
  let s = r * r;
  let y = r * (1.0 - s * (1.0 / 6.0 - s * (1.0 / 120.0 - s * (1.0 / 5040.0 - s * (1.0 / 362880.0 - s / 39916800.0)))));
  return (1.0 - 2.0 * (k - 2.0 * floor(k * 0.5))) * (1.0 - 4.0 * shift) * y;
}`,
  logOf: `(x: f32) -> f32 {
  if (isNan(x) || x == infinity()) { return x; }
  if (x < 0.0) { return nan(); }
  return select(log(x), -infinity(), x == 0.0);
}`,
  sigmoid: '(x: f32) -> f32 { return 1.0 / (1.0 + expOf(-x)); }',
  expOf: '(x: f32) -> f32 { return select(exp(x), x, isNan(x)); }',
  maximum: '(a: f32, b: f32) -> f32 { return select(select(max(a, b), b, isNan(b)), a, isNan(a)); }',
  minimum: '(a: f32, b: f32) -> f32 { return select(select(min(a, b), b, isNan(b)), a, isNan(a)); }',
  isNan: '(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }',
  nan: '() -> f32 { var bits = 0x7fc00000u; return bitcast<f32>(bits); }',
  infinity: '() -> f32 { var bits = 0x7f800000u; return bitcast<f32>(bits); }',
}

/** Of the element x and the constants p and q. */
export const maps: Readonly<Record<MapOp, string>> = {
  neg: '-x',
  abs: 'abs(x)',
  sign: 'select(sign(x), x, isNan(x))',
  exp: 'expOf(x)',
  log: 'logOf(x)',
  // Near 0, 1 + x loses the digits of x; x - x²/2 + x³/3 does not. Likewise eˣ - 1 in elu.
  log1p: 'select(logOf(1.0 + x), x * (1.0 - x * (0.5 - x / 3.0)), abs(x) < 0.01)',
  sin: 'sine(x, 0.0)',
  cos: 'sine(x, 0.5)',
  sqrt: 'sqrt(x)',
  square: 'x * x',
  reciprocal: '1.0 / x',
  scale: 'x * p',
  shift: 'x + p',
  power: 'power(x, p)',
  relu: 'maximum(x, 0.0)',
  leakyRelu: 'select(p * x, x, x > 0.0)',
  elu: 'select(p * select(expOf(x) - 1.0, x * (1.0 + x * (0.5 + x / 6.0)), x > -0.01), x, x > 0.0)',
  gelu: 'x * normalCdf(x)',
  geluTanh: '0.5 * x * (1.0 + tanhInGelu(x))',
  tanh: 'tanhOf(x)',
  sigmoid: 'sigmoid(x)',
  softplus: 'maximum(x, 0.0) + logOf(1.0 + expOf(-abs(x)))',
  silu: 'x / (1.0 + expOf(-x))',
  clamp: 'minimum(maximum(x, p), q)',
}

/** Of the elements a and b and the constants p and q; in gradients a is dy, and b is x or y. */
export const zips: Readonly<Record<ZipOp, string>> = {
  add: 'a + b',
  sub: 'a - b',
  mul: 'a * b',
  div: 'a / b',
  power: 'power(a, b)',
  maximum: 'maximum(a, b)',
  minimum: 'minimum(a, b)',
  equal: 'f32(a == b)',
  notEqual: '1.0 - f32(a == b)',
  greater: 'f32(a > b)',
  greaterEqual: 'f32(a >= b)',
  less: 'f32(a < b)',
  lessEqual: 'f32(a <= b)',
  reluGrad: 'select(0.0, a, b > 0.0)',
  leakyReluGrad: 'select(p * a, a, b > 0.0)',
  eluGrad: 'select(a * p * expOf(b), a, b > 0.0)',
  geluGrad: 'a * geluSlope(b)',
  geluTanhGrad: 'a * geluTanhSlope(b)',
  softplusGrad: 'a * sigmoid(b)',
  siluGrad: 'a * sigmoid(b) * (1.0 + b * (1.0 - sigmoid(b)))',
  clampGrad: 'select(0.0, a, b >= p && b <= q)',
  tanhGrad: 'a * (1.0 - b * b)',
  sigmoidGrad: 'a * b * (1.0 - b)',
}
