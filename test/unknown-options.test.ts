// A misspelt option throws and names the nearest one, wherever options are taken.

import { expect, it } from 'vitest'
import { distill, fitStudent, fitTree, playTeacher, viper } from '../src/distill/index.ts'
import * as nn from '../src/nn/index.ts'
import { Adam, fit as fitModel, MLP, mseLoss, Optimizer } from '../src/nn/index.ts'
import {
  checkEnv,
  evaluatePolicy,
  Lookahead,
  make,
  makeVec,
  NormalizeObservation,
  NormalizeReward,
  ppo,
  ReplayBuffer,
} from '../src/rl/index.ts'
import { PrioritizedReplayBuffer } from '../src/rl/replay/prioritized.ts'
import { qLearning } from '../src/tabular/index.ts'
import { Rng, zeros } from '../src/tensor/index.ts'

const env = () => make('CartPole-v1')
const net = () => new MLP([4, 8, 2], new Rng(0))
const rule = () => 0
const optimizers = Object.values<unknown>(nn).filter(
  (each): each is typeof Adam => typeof each === 'function' && each.prototype instanceof Optimizer,
)
const sizes = { capacity: 3, observationSize: 2 }

it.each<[string, string, (options: never) => unknown, object]>([
  ['distill', 'labels', (o) => distill(env(), rule, o), { lables: 3 }],
  ['fitStudent', 'learningRate', (o) => fitStudent(net(), {} as never, {} as never, o).next(), { learningRat: 1 }],
  ['fitTree', 'maxDepth', (o) => fitTree({} as never, o), { maxDept: 3 }],
  ['viper', 'maxDepth', (o) => viper(env, rule, o), { maxDept: 3 }],
  ['playTeacher', 'gamma', (o) => playTeacher(env(), rule, o), { gama: 1 }],
  ['ppo', 'clipRange', (o) => ppo(env(), o).next(), { clipRang: 0.1 }],
  ['qLearning', 'learningRate', (o) => qLearning(make('Taxi-v4'), o).next(), { learningrat: 1 }],
  ['NormalizeObservation', 'epsilon', (o) => new NormalizeObservation(env(), o), { epsilom: 1 }],
  ['NormalizeReward', 'gamma', (o) => new NormalizeReward(env(), o), { gama: 1 }],
  ['CartPole-v1', 'suttonBartoReward', (o) => make('CartPole-v1', o), { suttonBartoRewar: true }],
  ['makeVec', 'autoreset', (o) => makeVec('CartPole-v1', 2, o), { autoRest: 'same-step' }],
  ['checkEnv', 'steps', (o) => checkEnv(env(), o), { step: 3 }],
  ['evaluatePolicy', 'episodes', (o) => evaluatePolicy(rule, env(), o), { episode: 3 }],
  ['lookahead', 'depth', (o) => new Lookahead({ observationSize: 4, numActions: 2 } as never, env(), o), { dept: 2 }],
  ['ReplayBuffer', 'actionSize', (o) => new ReplayBuffer(o), { ...sizes, acitonSize: 1 }],
  ['ReplayBuffer', 'actionSize', (o) => new PrioritizedReplayBuffer(o), { ...sizes, acitonSize: 1 }],
  ['MLP', 'activation', (o) => new MLP([2, 2], new Rng(0), o), { activaton: 'tanh' }],
  [
    'fit',
    'epochs',
    (o) => fitModel(net(), zeros([4, 4]), zeros([4, 2]), o),
    { loss: mseLoss, optimizer: new Adam(net()), epoch: 3 },
  ],
  ...optimizers.map((Kind): [string, string, (options: never) => unknown, object] => [
    'optimizer',
    'learningRate',
    (o) => new Kind(net(), o),
    { lr: 0.1 },
  ]),
  ['optimizer: a group', 'learningRate', (group) => new Adam([group]), { parameters: net(), learningrate: 0.1 }],
])('%s suggests %s', (op, name, call, options) => {
  expect(() => call(options as never)).toThrow(`${op}: unknown option "`)
  expect(() => call(options as never)).toThrow(`Did you mean "${name}"?`)
})
