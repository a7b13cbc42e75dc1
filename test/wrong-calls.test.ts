// Wrong calls of public functions, as a newcomer makes them. The message names the call, what it got and what it expected.

import { expect, it } from 'vitest'
import * as distill from '../src/distill/index.ts'
import * as exports from '../src/export/index.ts'
import * as nn from '../src/nn/index.ts'
import * as render from '../src/render/index.ts'
import * as rl from '../src/rl/index.ts'
import * as tensor from '../src/tensor/index.ts'

const network = new nn.MLP([4, 8, 2], new tensor.Rng(1))
const agent = new rl.QPolicy(network, 4, 2)
const makeEnv = () => rl.make('CartPole-v1')
const values = new rl.ValueFunction(new nn.MLP([4, 1], new tensor.Rng(1)), 4, 2)

// The compiler refuses most of these calls; JavaScript does not.
// biome-ignore lint/complexity/noBannedTypes: of any arguments
const call = (f: Function, ...given: unknown[]) => f(...given)
const pair = tensor.zeros([2])
const cartPole = /expected an environment, such as make\('CartPole-v1'\)/

const wrong: readonly [string, () => unknown, RegExp][] = [
  ['ppo of an id', () => rl.finish(call(rl.ppo, 'CartPole-v1')), /^ppo: the environment is "CartPole-v1"; expected an/],
  ['dqn of a function', () => rl.finish(call(rl.dqn, makeEnv)), /^dqn: the environment is a function; expected an/],
  ['finish of an agent', () => call(rl.finish, agent), /^finish: the training is a QPolicy; .* such as ppo\(env\)/],
  ['evaluate in no environment', () => call(rl.evaluatePolicy, agent), cartPole],
  ['evaluate, swapped', () => call(rl.evaluatePolicy, makeEnv(), agent), /^evaluatePolicy: the policy is a TimeLimit/],
  ['evaluate state values', () => call(rl.evaluatePolicy, values, makeEnv), /is a ValueFunction; .* a Lookahead/],
  [
    'evaluate in a task of another size',
    () => rl.evaluatePolicy(agent, () => rl.make('Acrobot-v1')),
    /^act: the observation has 6 numbers; expected 4/,
  ],
  [
    'act on the result of reset',
    () => agent.act(call(() => makeEnv().reset())),
    /observation has no numbers; expected 4/,
  ],
  ['reset with a number', () => call((seed: never) => makeEnv().reset(seed), 7), /reset: the options are 7/],
  [
    'reset with a misspelt option',
    () => call((o: never) => makeEnv().reset(o), { sed: 1 }),
    /^CartPole-v1: reset: unknown option "sed".*Did you mean "seed"/,
  ],
  ['register without create', () => call(rl.register, { id: 'My-v0' }), /is {"id":"My-v0"}; expected { id: .*create:/],
  ['register a class', () => call(rl.register, class My {}), /the environment is a function; expected { id: .*create:/],
  [
    'register without id',
    () => call(rl.register, { create: () => {} }),
    /register: id is undefined; expected a string/,
  ],
  ['gae of nothing', () => call(rl.gae), /rewards are undefined; expected an array/],
  ['discountedReturns', () => call(rl.discountedReturns, [1], [0]), /lastValues are undefined; expected an array/],
  ['gae of a part', () => call(rl.gae, { rewards: [1], lastValues: [0] }, 0.9, 0.9), /values are undefined; expected/],
  [
    'sample without Rng',
    () => call(new rl.Discrete(3).sample.bind(new rl.Discrete(3))),
    /Discrete.sample: .*new Rng\(seed\)/,
  ],
  [
    'drawEnv of an id',
    () => call(render.drawEnv, 'CartPole-v1'),
    /the environment is "CartPole-v1"; expected one that make/,
  ],
  [
    'datasetFromCsv',
    () => call(distill.datasetFromCsv, 'observation_0,action'),
    /envId is undefined; expected a string/,
  ],
  ['datasetFromCsv of nothing', () => call(distill.datasetFromCsv, undefined, { envId: '' }), /the text is undefined/],
  [
    'a policy of no network',
    () => call(() => new rl.QPolicy(makeEnv as never, 4, 2)),
    /^the network is a function; .*MLP/,
  ],
  ['distill in an id', () => call(distill.distill, 'CartPole-v1', agent), /^distill: the environment is "CartPole-v1"/],
  [
    'distill without a teacher',
    () => call(distill.distill, makeEnv()),
    /^distill: no source of labels; give a teacher/,
  ],
  [
    'distill a network',
    () => call(distill.distill, makeEnv(), network),
    /^distill: the teacher is a MLP; expected a policy/,
  ],
  ['distill to no target', () => call(distill.distill, makeEnv(), agent, { target: {} }), /^distill: the target is {}/],
  ['a path as a table', () => distill.datasetFromCsv('a.csv', { envId: 'x' }), /the text is "a.csv"; expected column/],
  ['loadAgent of a path', () => call(exports.loadAgent, 'a.zip'), /^loadAgent: "a.zip"; expected readFileSync\(path\)/],
  [
    'export an agent',
    () => call(exports.toJavaScript, agent),
    /^toJavaScript: .* expected .*agentLayers\(agent\).layers/,
  ],
  ['add a list', () => call(tensor.add, pair, [1, 2]), /^add: an operand is \[1,2\]; expected tensor\(…\)/],
  ['forward a list', () => call((x: never) => network.forward(x), [1, 2]), /^linear: an operand is \[1,2\]/],
  ['the loss of lists', () => call(nn.mseLoss, [1], [1]), /^mseLoss: an operand is \[1\]/],
  ['sum with an option', () => call(tensor.sum, pair, { axis: 0 }), /^sum: the axis is {"axis":0}; expected a number/],
  ['zeros of a number', () => call(tensor.zeros, 3), /^zeros: the shape is 3; expected a list of sizes/],
  ['reshape to a number', () => call(tensor.reshape, pair, 2), /^reshape: the shape is 2; expected a list of sizes/],
  [
    'minimize a tensor',
    () => call((x: never) => new nn.Adam(network).minimize(x), pair),
    /^minimize: the loss is a Tensor/,
  ],
]

it.each(wrong)('a wrong call: %s', (_, run, message) => {
  expect(run).toThrow(tensor.AlambicError)
  expect(run).toThrow(message)
})
