// Functions of numbers as text that is both WGSL and JavaScript, from which gpu.js makes shaders: `let`, braces after every
// `if`, decimal points. Every kernel may call those in `commonFunctions`. WebGPU and WebGL do not define results for NaN and
// infinities, and software adapters return exp(NaN) = Infinity and log(0) = -88; these functions return JavaScript's results.

/** A function of one element of each array, then of constants. `toString` is JavaScript. */
export class ElementFunction {
  readonly parameters: readonly string[]
  readonly body: string

  /** `body` is an expression, or statements that return. Parameters that it does not use at the end are dropped. */
  constructor(
    readonly name: string,
    parameters: string,
    body: string,
  ) {
    const all = parameters.split(' ')
    this.parameters = all.slice(0, all.findLastIndex((each) => new RegExp(`\\b${each}\\b`).test(body)) + 1)
    this.body = body.includes('return') ? body : `return ${body};`
  }

  toString(): string {
    return `function ${this.name}(${this.parameters.join(', ')}) { ${toJavaScript(this.body)} }`
  }

  toWgsl(name = this.name): string {
    const body = this.body.replace(/\n\s+/g, '\n  ')
    const parameters = this.parameters.map((each) => `${each}: f32`).join(', ')
    return `fn ${name}(${parameters}) -> f32 { ${body}${body.includes('\n') ? '\n' : ' '}}`
  }
}

/** The text of functions in JavaScript. */
export function toJavaScript(text: string): string {
  return text.replace(/\b(abs|ceil|exp|floor|log|pow|sqrt)\(/g, 'Math.$1(')
}

/** Those of `constants` that a function of `arrays` elements takes. */
export function constantsOf({ parameters }: ElementFunction, arrays: number, ...constants: number[]): number[] {
  return constants.slice(0, parameters.length - arrays)
}

/** Functions of the same parameters, by name. */
export function functionsOf<Name extends string>(parameters: string, bodies: Readonly<Record<Name, string>>) {
  const made = Object.entries<string>(bodies).map(([name, body]) => [name, new ElementFunction(name, parameters, body)])
  return Object.fromEntries(made) as Readonly<Record<Name, ElementFunction>>
}

/** Callers stand before the functions that they call. */
export const commonFunctions = {
  ...functionsOf('a b', {
    /**
     * a^b. A GPU's pow is defined for positive bases only. For a negative base the result depends on whether b is even, odd or
     * fractional (NaN).
     */
    powerOf: `
      if (b == 0.0) { return 1.0; }
      if (b == 1.0) { return a; }
      if (b == 2.0) { return a * a; }
      if (b == 3.0) { return a * a * a; }
      if (b == -1.0) { return 1.0 / a; }
      if (!(a >= 0.0 || a < 0.0)) { return a; }
      if (!(b >= 0.0 || b < 0.0)) { return b; }
      // As in JavaScript, (±1)^±∞ is NaN. Written as a root, because a compiler may fold b - b to 0.
      if (a * a == 1.0 && b * 0.5 == b) { return sqrt(-1.0 - a * a); }
      if (a > 0.0 && b == 0.5) { return sqrt(a); }
      if (a > 0.0) { return pow(a, b); }
      let half = floor(b / 2.0) * 2.0;
      if (a == 0.0 && b > 0.0) { return 0.0; }
      if (a == 0.0 && half + 1.0 == b) { return 1.0 / a; }
      if (a == 0.0 && b < 0.0) { return 1.0 / abs(a); }
      if (half == b) { return pow(-a, b); }
      if (half + 1.0 == b) { return -pow(-a, b); }
      // -∞, the only remaining base equal to its half, has the same powers as ∞.
      if (a * 0.5 == a) { return pow(-a, b); }
      return sqrt(-1.0 - a * a);`,

    /** ⌊a / b⌋ for integers up to 2²⁴. A GPU's division may be inexact (6 / 3 = 1.9999999), so the quotient is corrected. */
    quotient: `
      let near = floor((a + 0.5) / b);
      if (near * b > a) { return near - 1.0; }
      if ((near + 1.0) * b <= a) { return near + 1.0; }
      return near;`,
  }),

  ...functionsOf('x', {
    /** Φ(x) by the error function of Abramowitz and Stegun 1964, 7.1.26. Error below 1.5e-7. */
    normalCdfOf: `
      let z = abs(x) * 0.7071067811865476;
      let t = 1.0 / (1.0 + 0.3275911 * z);
      let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
      let tail = 0.5 * series * expOf(-z * z);
      if (x < 0.0) { return tail; }
      return 1.0 - tail;`,

    /** Computed by exp, because WGSL allows its tanh an error of 1e-5. It rounds to 1 beyond 9; near 0 it is a series. */
    tanhOf: `
      if (x > 9.0) { return 1.0; }
      if (x < -9.0) { return -1.0; }
      if (x > -0.05 && x < 0.05) { return x * (1.0 - x * x * (1.0 / 3.0 - (x * x * 2.0) / 15.0)); }
      if (x > 0.0) { return 1.0 - 2.0 / (exp(2.0 * x) + 1.0); }
      if (x < 0.0) { return 2.0 / (exp(-2.0 * x) + 1.0) - 1.0; }
      return x;`,

    logOf: `
      if (x > 3.4028234e38) { return x; }
      if (x > 0.0) { return log(x); }
      if (x < 0.0) { return sqrt(x); }
      if (x == 0.0) { return -1.0 / abs(x); }
      return x;`,

    expOf: 'if (x >= 0.0 || x < 0.0) { return exp(x); } return x;',
  }),

  ...functionsOf('x shift', {
    /**
     * sin x for the shift 0, cos x for 1/2: WGSL allows its own an error of 5e-4. With r = x - (k + shift) π in ±π/2, π in
     * three parts (Cody and Waite 1980, chapter 8), it is ±sin r, by the Taylor series.
     */
    sineOf: `
      if (x > 3.4028234e38 || x < -3.4028234e38) { return sqrt(-1.0 - x * x); }
      let k = floor(x * 0.3183098861837907 + 0.5 - shift);
      let turns = k + shift;
      let r = x - turns * 3.140625 - turns * 0.0009675025939941406 - turns * 1.509957990978e-7;
      let s = r * r;
      let sine = r * (1.0 - s * (1.0 / 6.0 - s * (1.0 / 120.0 - s * (1.0 / 5040.0 - s * (1.0 / 362880.0 - s / 39916800.0)))));
      let odd = k - 2.0 * floor(k * 0.5);
      return (1.0 - 2.0 * odd) * (1.0 - 4.0 * shift) * sine;`,
  }),
}
