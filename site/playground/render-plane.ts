// The parts of the page around the maps: legend, axes, sliders of the slice, bars of one state.

import { actionColors, css, gradient, ramps } from './colors.ts'
import type { Config } from './config.ts'
import { element, fill, input, show } from './dom.ts'
import { taskOf } from './tasks.ts'
import type { View } from './view.ts'

const HELP =
  'Click a map to label that state. With the keyboard: arrows move, Enter adds, Backspace takes the last one back.'

export function renderMap(config: Config, { maps, teacher, uploads: { csv } }: View): void {
  const { dimensions, actions, continuous } = taskOf(config.env)
  const hasValues = teacher?.stateValues ?? true
  const shown = maps?.kind ?? config.map
  for (const kind of ['value', 'policy'] as const) {
    element(`map-${kind}`).setAttribute('aria-pressed', String(shown === kind))
  }
  ;(element('map-value') as HTMLButtonElement).disabled = !hasValues
  const ramp = (stops: Parameters<typeof gradient>[0], low: string, high: string) =>
    `<span>${low}</span><i class="ramp" style="background:${gradient(stops)}"></i><span>${high}</span>`
  const colors = actionColors(actions.length)
  const legend =
    shown === 'value'
      ? ramp(ramps.value(), ...valueRange(maps))
      : continuous
        ? ramp(ramps.force(), '−', `+ ${actions[0]}`)
        : actions.map((name, i) => `<span><i style="background:${css(colors[i]!)}"></i>${name}</span>`).join('')
  if (element('legend').innerHTML !== legend) element('legend').innerHTML = legend
  show(
    'difference-text',
    shown === 'value' ? 'student − teacher' : continuous ? 'student − teacher' : 'total variation',
  )
  show('map-help', csv === undefined ? HELP : `The labels are those of ${csv}, so a click adds none.`)
  element('map-note').hidden = !maps?.note
  show('map-note', maps?.note ?? '')
  const slice = element('slice')
  const key = JSON.stringify([config.env, config.axes])
  if (slice.dataset.key !== key) {
    slice.dataset.key = key
    slice.replaceChildren()
    if (dimensions.length > 2) {
      for (const [i, title] of [
        [0, 'Across'],
        [1, 'Up'],
      ] as const) {
        const label = Object.assign(document.createElement('label'), { className: 'field' })
        const menu = Object.assign(document.createElement('select'), { id: `axis-${i}` })
        label.append(Object.assign(document.createElement('span'), { textContent: title }), menu)
        slice.append(label)
        fill(
          menu.id,
          dimensions.map(({ name }, axis) => ({
            value: String(axis),
            title: name,
            disabled: axis === config.axes[1 - i],
          })),
          String(config.axes[i]),
        )
      }
    }
    dimensions.forEach(({ name, low, high }, axis) => {
      if (config.axes.includes(axis)) return
      const label = Object.assign(document.createElement('label'), { className: 'slider' })
      const title = document.createElement('span')
      title.append(`${name} `, Object.assign(document.createElement('output'), { id: `held-${axis}-out` }))
      const range = {
        type: 'range',
        min: String(low),
        max: String(high),
        step: String((high - low) / 100),
        id: `held-${axis}`,
      }
      label.append(title, Object.assign(document.createElement('input'), range))
      slice.append(label)
    })
  }
  dimensions.forEach(({ unit, digits }, axis) => {
    if (config.axes.includes(axis)) return
    input(`held-${axis}`).value = String(config.held[axis])
    show(`held-${axis}-out`, `${config.held[axis]!.toFixed(digits).replace('-', '−')} ${unit}`)
  })
}

/** The ends of the colour scale. */
function valueRange(maps: View['maps']): [string, string] {
  if (maps === undefined || !maps.range.every(Number.isFinite)) return ['low', 'high']
  const [low, high] = maps.range.map((value) => String(Number(value.toPrecision(3))).replace('-', '−'))
  return [low!, high!]
}

/** The target of one state as bars: the teacher's probabilities beside the student's. */
export function renderBars(config: Config, { probe }: View): void {
  const { actions, dimensions, continuous } = taskOf(config.env)
  const bars = element('bars')
  if (!probe) {
    bars.innerHTML = '<span class="title">Point at a state to see its label, and what the student makes of it.</span>'
    return
  }
  const place = dimensions.map(
    ({ name, digits }, axis) =>
      `${name} ${probe.state[axis]!.toFixed(config.env === 'GridWorld-v0' ? 0 : digits).replace('-', '−')}`,
  )
  const bar = (who: string, value: number | undefined) => {
    if (value === undefined) return ''
    const width = continuous ? Math.abs(value) : value
    const text = continuous ? value.toFixed(2).replace('-', '−') : `${Math.round(100 * value)} %`
    return `<span><i class="of-${who}" style="width:${(72 * width).toFixed(1)}%"></i>${text}</span>`
  }
  const rows =
    probe.teacher || probe.student
      ? actions.map(
          (name, a) =>
            `<span>${name}</span><div class="track">${bar('teacher', probe.teacher?.[a])}${bar('student', probe.student?.[a])}</div>`,
        )
      : []
  const value = (x: number | undefined) => (x === undefined ? '–' : x.toFixed(1).replace('-', '−'))
  const values =
    probe.teacherValue === undefined
      ? ''
      : ` · value ${value(probe.teacherValue)}${probe.studentValue === undefined ? '' : `, student ${value(probe.studentValue)}`}`
  bars.innerHTML = `<span class="title">${place.join(', ')}${values}</span>${rows.join('')}`
}
