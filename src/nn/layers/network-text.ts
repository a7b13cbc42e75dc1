// Layers as text, for the option `network` and for messages: `linear:64,tanh,linear:64,tanh`. Read next: spec.ts.

import { unknownName, ValueError } from '../../tensor/errors.ts'
import type { Shape } from '../../tensor/shape.ts'
import { type ActivationName, activations } from './activations.ts'
import { type KindOfLayer, kindOf, kinds, type LayerSpec, shapeAfter } from './spec.ts'

const DEFAULT_VALUES = { layerNorm: 1e-5 } as const
// Those whose value is a number; `mean` is a read-out.
const WRITTEN = Object.entries(kinds).flatMap(([name, { accepts }]) =>
  name !== 'mean' && (accepts(1) || accepts(0.5)) ? [name as keyof typeof kinds] : [],
)

/** The kinds of layers that a text can have. */
export const layerNames: readonly string[] = [...WRITTEN, 'flatten', ...Object.keys(activations)]

/** The layers of a text such as `linear:64,tanh,layerNorm,linear:64,tanh`. Throws a ValueError on a layer that is unknown. */
export function parseLayers(text: string): LayerSpec[] {
  return text.split(',').map((each) => {
    const [name = '', ...values] = each.trim().split(':')
    const kind = WRITTEN.find((known) => known === name)
    if (kind === undefined && (!layerNames.includes(name) || values.length > 0)) {
      throw new ValueError(
        `network: ${unknownName('layer', each.trim(), layerNames)}; expected a list such as linear:64,tanh`,
      )
    }
    if (kind === undefined) return name as ActivationName | 'flatten'
    const value =
      values.length === 0 ? (DEFAULT_VALUES as Record<string, number>)[name] : Number(values.join(':') || 'NaN')
    if (kinds[kind].accepts(value)) return { [kind]: value }
    throw new ValueError(
      `network: "${each.trim()}" has no value for ${kind}; expected ${kinds[kind].expected}: ${kind}:64`,
    )
  })
}

/** The layers as text, such as `linear:64,tanh,linear:2`. */
export function describeLayers(layers: readonly LayerSpec[]): string {
  return layers.map((layer) => (typeof layer === 'string' ? layer : describeKind(kindOf(layer)!))).join(',')
}

function describeKind([name, value]: KindOfLayer): string {
  if (typeof value === 'number') return `${name}:${value}`
  if (name === 'dueling') return `dueling(${describeLayers(value.value)}|${describeLayers(value.advantage)})`
  return name === 'embedding' ? `embedding:${value.count}x${value.features}` : name
}

/** Linear layers of these widths, each with the activation after it. */
export function hiddenLayers(widths: readonly number[], activation: ActivationName): LayerSpec[] {
  return widths.flatMap((width) => [{ linear: width }, activation])
}

/** The layers with `flatten` before the first linear layer that would take several axes. */
export function flattened(layers: readonly LayerSpec[], input: Shape): LayerSpec[] {
  const at = layers.findIndex((layer) => ['linear', 'unbiased', 'noisy', 'dueling'].includes(kindOf(layer)?.[0] ?? ''))
  if (at < 0 || shapeAfter(layers.slice(0, at), input).length === 1) return [...layers]
  return [...layers.slice(0, at), 'flatten', ...layers.slice(at)]
}
