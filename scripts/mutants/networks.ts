// Errors in layers, losses, optimizers and checkpoints.

import { mutantsOf } from './mutant.ts'
import { testsIn } from './tests.ts'

const test = testsIn('test/nn')
const trajectories = test('optimizers/optimizers.golden')

export const networkMutants = [
  ...mutantsOf('src/nn/init.ts', test('init'), [
    ['leakyRelu: (negativeSlope) => Math.sqrt(2 / (1 + negativeSlope * negativeSlope))', 'leakyRelu: () => Math.SQRT2'],
    [
      'return { fanIn: shape[1]! * kernel, fanOut: shape[0]! * kernel }',
      'return { fanIn: shape[0]! * kernel, fanOut: shape[1]! * kernel }',
    ],
    [
      'return { fanIn: shape[1]! * kernel, fanOut: shape[0]! * kernel }',
      'return { fanIn: shape[1]!, fanOut: shape[0]! }',
    ],
    ['uniformInit(1 / Math.sqrt(fans(shape).fanIn))', 'uniformInit(1 / Math.sqrt(fans(shape).fanOut))'],
    ['pass < 2', 'pass < 0'],
    ['gain * (wide ?', '(wide ?'],
    ['rng.uniform(-bound, bound)', 'rng.uniform(0, bound)'],
  ]),
  ...mutantsOf('src/nn/layers/linear.ts', test('layers'), [
    ['biasInit = uniformInit(1 / Math.sqrt(inputs))', 'biasInit = uniformInit(0)'],
  ]),
  ...mutantsOf('src/nn/layers/mlp.ts', test('layers'), [
    ['if (!last) layers.push(between)', 'layers.push(between)'],
    ['weightInit: last ? outputInit : weightInit', 'weightInit'],
    ['if (outputActivation !== undefined) layers.push(activationOf(outputActivation))', ''],
  ]),
  ...mutantsOf('src/nn/layers/sequential.ts', test('layers', 'module'), [
    ['layer.forward(y, rng)', 'layer.forward(y)'],
    ['    parametersToVector(Object.values(this.named))\n', ''],
  ]),
  ...mutantsOf('src/nn/layers/dropout.ts', test('layers'), [
    [
      'if (rng.uniform() >= this.rate) values[i] = 1 / (1 - this.rate)',
      'if (rng.uniform() >= this.rate) values[i] = 1',
    ],
    ['rng.uniform() >= this.rate', 'rng.uniform() < this.rate'],
  ]),
  ...mutantsOf('src/nn/layers/noisy-linear.ts', test('layers'), [
    ['this.weightSigma, this.biasSigma), outputNoise)', 'this.weightSigma, this.biasSigma), tensor(1))'],
    ['Math.sign(e) * Math.sqrt(Math.abs(e))', 'e'],
    ['const noise = constant(sigma / Math.sqrt(inputs))', 'const noise = constant(sigma)'],
  ]),
  ...mutantsOf('src/nn/layers/dueling-head.ts', test('layers'), [
    ['sub(advantage, mean(advantage, -1, true))', 'advantage'],
    ['sub(perAction, mean(perAction, -2, true))', 'sub(perAction, mean(perAction, -1, true))'],
  ]),
  ...mutantsOf('src/nn/layers/layer-norm.ts', test('layers'), [
    ['layerNorm(x, this.weight, this.bias, this.epsilon)', 'layerNorm(x, this.weight, this.bias)'],
  ]),
  ...mutantsOf('src/nn/module.ts', test('module'), [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
    ['joined[`${prefix}.${name}`] = tensor', 'joined[name] = tensor'],
    ['for (const tensor of new Set(parameterList(source)))', 'for (const tensor of parameterList(source))'],
    [
      'else backendOf(to, elementwise).lerpInto(to, from, tau)',
      'else backendOf(to, elementwise).lerpInto(to, from, 1 - tau)',
    ],
    ['if (tau === 1) backendOf(to, transfers).copyInto(to, from)\n    else', ''],
    ['filter((tensor) => tensor.requiresGrad)', 'filter(() => true)'],
  ]),
  ...mutantsOf(
    'src/nn/flat.ts',
    [...test('module'), 'test/nn/optimizers/optimizer.test.ts'],
    [
      ['home.view().set(tensor.view())', ''],
      [
        'if (stretch !== null || !storages.every(canMove)) return stretch',
        'if (!storages.every(canMove)) return stretch',
      ],
      ["if (storage.offset !== first.offset + length * bytesOf('float32')) return null", ''],
      ['      home.view().set(tensor.grad.view())\n', ''],
      ['return Math.ceil(length / VECTOR) * VECTOR', 'return length'],
    ],
  ),
  ...mutantsOf('src/nn/losses/regression.ts', test('losses', 'losses.golden'), [
    ['mul(capped, sub(distance, mul(capped, 0.5)))', 'mul(capped, distance)'],
    ['mul(huberTerms(prediction, target, beta), 1 / beta)', 'huberTerms(prediction, target, beta)'],
    ['full ? add(terms, HALF_LN_TWO_PI) : terms', 'terms'],
    ['const spread = clamp(variance, epsilon)', 'const spread = variance'],
  ]),
  ...mutantsOf('src/nn/losses/classification.ts', test('losses', 'losses.golden'), [
    ['labelSmoothing / logits.dims.at(-1)!', 'labelSmoothing'],
    ['mul(terms, 1 - smoothing)', 'terms'],
    ['if (counted !== null) terms = where(counted, terms, mul(counted, 0))', ''],
    ['div(sum(terms), sum(divisors))', 'reduced(terms)'],
    ['label === ignored ? 0 : 1', '1'],
  ]),
  ...mutantsOf('src/nn/losses/kl.ts', test('losses'), [['mul(p, where(mask, x, mul(mask, 0)))', 'mul(p, x)']]),
  ...mutantsOf('src/nn/losses/kl.ts', test('losses', 'losses.golden'), [
    ['zeroSafeProduct(exp(logP), sub(logP, logQ))', 'zeroSafeProduct(exp(logQ), sub(logP, logQ))'],
    ['reduced(sum(klDivergences(logP, logQ), -1), reduction)', 'reduced(klDivergences(logP, logQ), reduction)'],
  ]),
  ...mutantsOf('src/nn/losses/classification.ts', test('losses', 'losses.golden'), [
    ['mul(sub(1, target), softplus(logits))', 'softplus(logits)'],
    [
      'const positive = mul(target, clamp(log(probabilities), -100))',
      'const positive = mul(target, log(probabilities))',
    ],
  ]),
  ...mutantsOf('src/nn/optimizers/adam.ts', trajectories, [
    ['integerPower(s.beta1, step + 1)', 'integerPower(s.beta1, step + 2)'],
    ['integerPower(s.beta2, step + 1)', 'integerPower(s.beta1, step + 1)'],
    ['maxSecond: amsgrad ? 0 : null', 'maxSecond: null'],
    ['{ weightDecay: 0.01, ...options, decoupled: true }', '{ weightDecay: 0.01, ...options, decoupled: false }'],
  ]),
  ...mutantsOf('src/nn/optimizers/sgd.ts', trajectories, [['slot.step === 0', 'false']]),
  ...mutantsOf('src/nn/optimizers/rmsprop.ts', trajectories, [['mean: centered ? 0 : null', 'mean: null']]),
  ...mutantsOf('src/nn/optimizers/adagrad.ts', trajectories, [
    ['learningRate / (1 + slot.step * s.learningRateDecay)', 'learningRate'],
    ['return { sum: initialSum }', 'return { sum: 0 }'],
  ]),
  ...mutantsOf('src/nn/optimizers/parameter-group.ts', test('optimizers/optimizer'), [
    ['grad.storage !== place.gradientHome', 'false'],
    ['storage !== place.home ||', ''],
    ['|| place.step !== step', ''],
    ['      if (grad === null) continue\n', '      if (grad === null) { place.step++; continue }\n'],
    ['for (const place of this.places) place.step++', ''],
  ]),
  ...mutantsOf('src/nn/optimizers/optimizer.ts', test('optimizers/optimizer'), [
    ['        return value\n      } finally {\n        this.zeroGrad()\n', '        return value\n      } finally {\n'],
    ['      this.zeroGrad() // another loss may have left gradients here\n', ''],
    ["this.requireFinite('loss', value)", ''],
    [
      "this.requireFinite('gradient norm', clipGradNorm(this.parameters, maxGradNorm))",
      'clipGradNorm(this.parameters, maxGradNorm)',
    ],
    ['tensors[key] = viewOf(buffer).slice()', 'tensors[key] = viewOf(buffer)'],
    ['    this.steps = state.steps\n', ''],
    ['        place.step = steps[i]!\n', ''],
    ['      Object.assign(group.settings, settings)\n', ''],
    ['!seen.has(tensor) && seen.add(tensor)', 'true'],
  ]),
  ...mutantsOf('src/nn/optimizers/clip-grad.ts', test('clip-grad'), [
    ['const factor = maxNorm / (norm + 1e-6)', 'const factor = maxNorm / norm'],
    ['if (factor < 1) for', 'for'],
    ['type === 2 ? Math.sqrt(total) : total', 'total'],
  ]),
  ...mutantsOf('src/nn/optimizers/schedules.ts', test('schedules'), [
    ['milestone <= step).length)', 'milestone < step).length)'],
    ['lineBetween(initial, final, Math.min(1, step / steps))', 'lineBetween(initial, final, step / steps)'],
    ['const up = warmup * steps - 1', 'const up = warmup * steps'],
    ['period *= factor', ''],
    ['parts[at]!(step - (milestones[at - 1] ?? 0))', 'parts[at]!(step)'],
  ]),
  ...mutantsOf('src/nn/files/safetensors.ts', test('safetensors'), [
    ['if (begin !== expected) {', 'if (begin < expected) {'],
    ['if (begin !== expected) {', 'if (begin > expected) {'],
    ['if (expected !== data.length) {', 'if (false) {'],
    ['Math.ceil((LENGTH_BYTES + json.length) / 8) * 8', 'LENGTH_BYTES + json.length'],
    ['.fill(0x20, LENGTH_BYTES, start)', ''],
    ['fatal: true, ignoreBOM: true', 'fatal: true'],
    ['if (bits !== bytes * 8) {', 'if (bits > bytes * 8) {'],
    ['bytes: new Uint8Array(data.subarray(begin, end))', 'bytes: data.slice(0, end - begin)'],
  ]),
  ...mutantsOf('src/nn/files/safetensors.ts', test('safetensors'), [
    ['if (exponent === 0) return sign * fraction * 2 ** -24', ''],
    ['fraction === 0 ? sign * Infinity : Number.NaN', 'sign * Infinity'],
    ["(type === 'I64' || type === 'U64') && !Number.isSafeInteger(number)", 'false'],
    [
      'write.call(view, i * values.BYTES_PER_ELEMENT, value, true)',
      'write.call(view, i * values.BYTES_PER_ELEMENT, value)',
    ],
  ]),
  ...mutantsOf('src/nn/files/parameters.ts', test('parameters'), [
    ['} else if (!sameShape(stored.shape, shape)) {', '} else if (false) {'],
    ['for (const name of unexpected) problems.push', 'for (const name of []) problems.push'],
  ]),
  ...mutantsOf('src/nn/optimizers/fit.ts', test('fit'), [
    ['total += rows.length * optimizer', 'total += batchSize * optimizer'],
    ['if (shuffle) rng.shuffle(order)', 'rng.shuffle(order)'],
    ['loss(model.forward(x), y).item()', 'loss(model.forward(x, new Rng(0)), y).item()'],
    ['if (onEpoch?.(report) === false) break', 'onEpoch?.(report)'],
  ]),
]
