// All loaders of the library and the command, each with valid seed files and a check of the loaded value.
// Read next: worker.ts, which feeds them.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RunFolder } from '../../src/cli/runs/run-folder.ts'
import type { Checkpoint } from '../../src/data/checkpoint.ts'
import { readCheckpoint, writeCheckpoint } from '../../src/data/checkpoint-file.ts'
import { Box, Discrete } from '../../src/data/spaces.ts'
import { LabelledDataset } from '../../src/distill/dataset/dataset.ts'
import {
  datasetFromCsv,
  datasetFromJson,
  datasetToCsv,
  datasetToJson,
  loadDataset,
  saveDataset,
} from '../../src/distill/dataset/dataset-files.ts'
import { hardScores } from '../../src/distill/dataset/dataset-operations.ts'
import { distill } from '../../src/distill/distill.ts'
import { fitTree } from '../../src/distill/trees.ts'
import { loadAgent, saveAgent } from '../../src/export/agent-file.ts'
import { denseLayers } from '../../src/export/dense-layers.ts'
import { toOnnx } from '../../src/export/onnx.ts'
import { loadParameters, saveParameters } from '../../src/nn/files/parameters.ts'
import { numbersOf, readSafetensors, writeSafetensors } from '../../src/nn/files/safetensors.ts'
import { readStateDict } from '../../src/nn/files/state-dict.ts'
import { MLP } from '../../src/nn/layers/mlp.ts'
import { BinReadOut } from '../../src/nn/layers/value-bins.ts'
import { sac } from '../../src/rl/actor-critic/sac.ts'
import type { Env } from '../../src/rl/envs/env.ts'
import { make } from '../../src/rl/envs/tasks/make.ts'
import { makeVec } from '../../src/rl/envs/vector/make-vec.ts'
import type { EnvLike } from '../../src/rl/envs/vector/sync-vector-env.ts'
import { logFromCsv, logToCsv } from '../../src/rl/offline/episode-log-csv.ts'
import { ppo } from '../../src/rl/on-policy/ppo.ts'
import { SquashedGaussianPolicy } from '../../src/rl/policies/continuous-policies.ts'
import { DecisionTree } from '../../src/rl/policies/decision-tree.ts'
import { CategoricalPolicy, QPolicy, ValueFunction } from '../../src/rl/policies/discrete-policies.ts'
import { loadSb3Policy } from '../../src/rl/policies/sb3-policy.ts'
import { dqn } from '../../src/rl/value-based/dqn.ts'
import { qLearning } from '../../src/tabular/td-control.ts'
import { Rng } from '../../src/tensor/random.ts'
import { sizeOf } from '../../src/tensor/shape.ts'

export interface Loader {
  readonly name: string
  readonly seeds: () => readonly Uint8Array[]
  /** Reads a file and checks the result. Throws a documented error on a bad file, an Inconsistency on a bad result. */
  readonly read: (file: Uint8Array) => void
}

/** An accepted file with contents that contradict each other. */
export class Inconsistency extends Error {
  override readonly name = 'Inconsistency'
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Inconsistency(what)
}

const bytesOf = (text: string) => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const golden = (path: string) => new Uint8Array(readFileSync(new URL(`../../test/golden/${path}`, import.meta.url)))
const network = (...sizes: number[]) => new MLP(sizes, new Rng(1))

function someDataset(): LabelledDataset {
  const spec = { envId: 'CartPole-v1', observationSize: 4, actionSpace: new Discrete(2) }
  const rng = new Rng(3)
  const numbers = (count: number) => Float32Array.from({ length: count }, () => rng.normal())
  const actions = Int32Array.from({ length: 6 }, (_, i) => i % 2)
  return LabelledDataset.of(spec, { observations: numbers(24), logits: numbers(12), actions, returns: numbers(6) })
}

function checkDataset(dataset: LabelledDataset): void {
  check(Number.isSafeInteger(dataset.size) && dataset.size > 0, 'the dataset is empty')
  dataset.requireUsable('fuzz', true)
  check(datasetToJson(datasetFromJson(datasetToJson(dataset))) === datasetToJson(dataset), 'JSON does not come back')
}

const bounds = { low: Float32Array.of(-2), high: Float32Array.of(2) }

function agents(): Uint8Array[] {
  const binned = new BinReadOut(network(4, 3), Float64Array.of(-1, 0, 1))
  return [
    saveAgent(new CategoricalPolicy(network(4, 3, 2), 4, 2), { environment: 'CartPole-v1' }),
    saveAgent(new QPolicy(network(4, 2), 4, 2)),
    saveAgent(new ValueFunction(network(4, 3, 1), 4, 2)),
    saveAgent(new ValueFunction(binned, 4, 2)),
    saveAgent(new SquashedGaussianPolicy(network(3, 4, 2), 3, bounds)),
    golden('teachers/sb3-ppo-cartpole.safetensors'),
  ]
}

function checkAgent(agent: ReturnType<typeof loadAgent>): void {
  if (agent instanceof ValueFunction) return
  const action = agent.act(new Float32Array(agent.observationSize))
  const { numActions = 1 } = agent as { numActions?: number }
  if (typeof action === 'number') check(action >= 0 && action < numActions, `action ${action} of ${numActions}`)
}

const trainings = {
  ppo: (resume?: Checkpoint) =>
    ppo(makeVec('CartPole-v1', 2), {
      totalTimesteps: 64,
      numSteps: 8,
      numMinibatches: 2,
      numEpochs: 1,
      hidden: [3],
      resume,
    }),
  dqn: (resume?: Checkpoint) =>
    dqn(makeVec('CartPole-v1', 2), {
      ...{
        totalTimesteps: 60,
        bufferSize: 32,
        learningStarts: 8,
        batchSize: 4,
        hidden: [3],
        nStep: 2,
        trainInterval: 4,
      },
      ...{ prioritized: true, gradientSteps: 1, resume },
    }),
  sac: (resume?: Checkpoint) =>
    sac(makeVec('Pendulum-v1', 1), {
      ...{
        totalTimesteps: 40,
        bufferSize: 32,
        learningStarts: 8,
        batchSize: 4,
        hidden: [3],
        logInterval: 4,
        resume,
      },
    }),
  distill: (resume?: Checkpoint) =>
    distill(make('CartPole-v1') as Env as unknown as EnvLike, new QPolicy(network(4, 3, 2), 4, 2), {
      ...{ labels: 12, rounds: 2, rolloutSteps: 20, hidden: [3], updates: 3, roundUpdates: 2, resume },
    }),
  qLearning: (resume?: Checkpoint) =>
    qLearning(make<number>('FrozenLake-v1') as never, { totalTimesteps: 60, resume } as never),
}

type Report = { readonly step?: number; save(): Checkpoint }

function training(name: keyof typeof trainings): Loader {
  return {
    name: `training ${name}`,
    seeds: () => {
      const files: Uint8Array[] = []
      for (const report of trainings[name]() as Iterable<Report>) {
        if (files.length < 4) files.push(writeCheckpoint(report.save(), { notes: '{"step":8}' }))
      }
      return files
    },
    read: (file) => {
      const saved = readCheckpoint(file)
      const next = (trainings[name](saved) as Generator<Report, unknown>).next()
      if (next.done !== true) readCheckpoint(writeCheckpoint(next.value.save()))
    },
  }
}

function inFolder(file: string, bytes: Uint8Array, read: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'alambic-fuzz-'))
  try {
    writeFileSync(join(folder, file), bytes)
    read(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const options = { gamma: 0.99, hidden: [64, 64], learningRate: { relative: 1 }, targetKl: 'Infinity' }
const config = { version: '1.0.0', algorithm: 'ppo', env: 'CartPole-v1', numEnvs: 4, options }

export const loaders: readonly Loader[] = [
  {
    name: 'safetensors',
    seeds: () => [golden('torch/mixed.safetensors'), saveParameters(network(4, 2), { a: 'b' })],
    read: (bytes) => {
      const file = readSafetensors(bytes)
      const again = readSafetensors(writeSafetensors(file))
      check(
        [...again.tensors.keys()].sort().join() === [...file.tensors.keys()].sort().join(),
        'names do not come back',
      )
    },
  },
  {
    name: 'parameters',
    seeds: () => [saveParameters(network(4, 3, 2))],
    read: (bytes) => loadParameters(network(4, 3, 2), bytes),
  },
  { name: 'agent', seeds: agents, read: (bytes) => checkAgent(loadAgent(bytes)) },
  {
    name: 'sb3 policy',
    seeds: () => [
      golden('teachers/sb3-dqn-acrobot.safetensors'),
      saveParameters({
        'q_net.q_net.0.weight': network(2, 3).parameters()['0.weight']!,
        'q_net.q_net.0.bias': network(2, 3).parameters()['0.bias']!,
      }),
    ],
    read: (bytes) => checkAgent(loadSb3Policy(bytes)),
  },
  {
    name: 'model zip',
    seeds: () => ['ppo', 'dqn'].map((name) => golden(`pytorch/sb3-${name}.zip`)),
    read: (bytes) => checkAgent(loadAgent(bytes)),
  },
  {
    name: 'model zip, vectors',
    seeds: () => ['ppo-box', 'sac', 'td3'].map((name) => golden(`pytorch/sb3-${name}.zip`)),
    read: (bytes) => checkAgent(loadAgent(bytes, { actionSpace: new Box([-2], [2]) })),
  },
  {
    name: 'state dict',
    seeds: () => ['', '-float64', '-float16', '-bfloat16'].map((type) => golden(`pytorch/mlp${type}.pth`)),
    read: (bytes) => {
      const file = readStateDict(bytes)
      for (const [name, { shape }] of file.tensors) {
        check(numbersOf(file, name).length === sizeOf(shape), 'a tensor does not fill its shape')
      }
      checkAgent(loadSb3Policy(file, { layerNames: { logits: ['0', '2'] } }))
    },
  },
  {
    name: 'onnx',
    seeds: () => [
      golden('pytorch/mlp.onnx'),
      golden('pytorch/matmul.onnx'),
      toOnnx(denseLayers(network(4, 3, 2)), 'actionValues'),
    ],
    read: (bytes) => checkAgent(loadAgent(bytes)),
  },
  {
    name: 'tree',
    seeds: () => [bytesOf(fitTree(someDataset(), { maxDepth: 3 }).toJson())],
    read: (bytes) => {
      const tree = DecisionTree.fromJson(textOf(bytes))
      checkAgent(tree as unknown as ReturnType<typeof loadAgent>)
      check(tree.leaves > tree.depth && tree.toText().length > 0, 'a tree has more leaves than its depth')
      check(DecisionTree.fromJson(tree.toJson()).toJson() === tree.toJson(), 'the tree does not come back')
    },
  },
  {
    name: 'dataset safetensors',
    seeds: () => [saveDataset(someDataset())],
    read: (bytes) => checkDataset(loadDataset(bytes)),
  },
  {
    name: 'dataset JSON',
    seeds: () => [bytesOf(datasetToJson(someDataset()))],
    read: (bytes) => checkDataset(datasetFromJson(textOf(bytes))),
  },
  {
    name: 'dataset CSV',
    seeds: () => [
      bytesOf(datasetToCsv(someDataset())),
      bytesOf('"observation_0",value,return\r\n1,"2",-.5e-3\r\n\r\n+3.,4,0\r\n'),
    ],
    read: (bytes) =>
      checkDataset(datasetFromCsv(textOf(bytes), { envId: 'CartPole-v1', actionSpace: new Discrete(2) })),
  },
  {
    name: 'dataset CSV, inferred',
    seeds: () => [
      bytesOf('episode,observation_0,action\n1,0.5,0\n1,-2,3\n2,1e-3,1\n'),
      bytesOf('observation_0,action_0,action_1\n1,0.5,0\n1,-2,3\n'),
    ],
    read: (bytes) => {
      const dataset = datasetFromCsv(textOf(bytes), { envId: 'robot' })
      checkDataset(dataset)
      if (dataset.numActions > 0) check(hardScores(dataset).length <= 256 * dataset.size, 'too many actions')
    },
  },
  {
    name: 'episode log CSV',
    seeds: () => [
      bytesOf(
        'episode,step,observation_0,action,reward,terminated,truncated\na,0,1,0,-1,0,1\na,1,2,,,,\nb,0,3,1,0,true,False\n',
      ),
    ],
    read: (bytes) => {
      const log = logFromCsv(textOf(bytes))
      check(logFromCsv(logToCsv(log), log).size === log.size && log.size > 0, 'the log does not come back')
    },
  },
  {
    name: 'run config',
    seeds: () => [bytesOf(JSON.stringify(config, null, 2))],
    read: (bytes) =>
      inFolder('config.json', bytes, (folder) => {
        const run = RunFolder.open(folder)
        check(run.config.numEnvs >= 1, 'no environment')
        run.readCheckpoint()
      }),
  },
  ...(Object.keys(trainings) as (keyof typeof trainings)[]).map(training),
]
