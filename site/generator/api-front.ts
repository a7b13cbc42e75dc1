// The front page of the API: what each entry point holds, and the names to begin with.

import { type CommentDisplayPart, type DeclarationReflection, type ProjectReflection, ReflectionKind } from 'typedoc'

// In the order in which they build on each other.
const MODULES: Readonly<Record<string, { readonly about: string; readonly first: readonly string[] }>> = {
  tensor: { about: 'tensors, their operations and gradients', first: ['tensor', 'Tensor', 'matmul', 'gradcheck'] },
  nn: { about: 'layers, losses and optimizers', first: ['MLP', 'Adam', 'crossEntropy', 'saveParameters'] },
  rl: { about: 'environments, algorithms and policies', first: ['make', 'ppo', 'dqn', 'evaluatePolicy', 'preset'] },
  tabular: { about: 'methods for tasks with few states', first: ['qLearning', 'sarsa', 'valueIteration'] },
  distill: { about: 'students that learn from a teacher', first: ['distill', 'fitStudent', 'LabelledDataset'] },
  export: { about: 'agents for other programs', first: ['toJavaScript', 'toOnnx', 'toC', 'agentLayers'] },
  render: { about: 'drawings of environments', first: ['drawEnv', 'toSvg', 'encodeGif'] },
  plot: { about: 'learning curves and reports', first: ['report', 'draw'] },
  gpu: {
    about: 'networks on a graphics card, by the optional packages gpu.js and webgpu',
    first: ['openDevice', 'toDevice'],
  },
}

/** Throws an `Error` on an entry point without a description, and on a name that is not there. */
export function frontPage(project: ProjectReflection): CommentDisplayPart[] {
  const modules = project.getReflectionsByKind(ReflectionKind.Module) as DeclarationReflection[]
  const parts = modules.flatMap((module) => {
    const { about, first } = found(MODULES[module.name.slice('alambic/'.length)], module.name)
    const names = first.map((name) =>
      found(
        module.children?.find((each) => each.name === name),
        name,
      ),
    )
    const place = Object.keys(MODULES).indexOf(module.name.slice('alambic/'.length))
    return [
      { place, parts: [text('\n- '), link(module), text(`: ${about}. Begin with `), ...listed(names), text('.')] },
    ]
  })
  parts.sort((a, b) => a.place - b.place)
  return [
    text("Every public name, by the entry point that exports it: `import { ppo } from 'alambic/rl'`.\n"),
    ...parts.flatMap(({ parts }) => parts),
  ]
}

function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`site/generator/api-front.ts: ${name} is missing, here or in the API`)
  return value
}

const text = (content: string): CommentDisplayPart => ({ kind: 'text', text: content })
const link = (to: DeclarationReflection): CommentDisplayPart => {
  return { kind: 'inline-tag', tag: '@link', text: to.name, target: to }
}

function listed(names: readonly DeclarationReflection[]): CommentDisplayPart[] {
  return names.flatMap((name, i) => (i === 0 ? [link(name)] : [text(', '), link(name)]))
}
