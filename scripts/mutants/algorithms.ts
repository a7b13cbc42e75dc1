// Errors in the algorithms of reinforcement learning, in distillation, in the studies, and in the runs of the command.

import { mutantsOf } from './mutant.ts'
import { testsIn } from './tests.ts'

const rl = testsIn('test/rl', 'test/data')
const distill = testsIn('test/distill')

const learning = [
  ...mutantsOf('src/rl/actor-critic/sac.ts', rl('sac'), [
    ['sub(nextValues.reduce(minimum), mul(nextLogProbs, entropyCoef))', 'nextValues.reduce(minimum)'],
    [
      'sub(nextValues.reduce(minimum), mul(nextLogProbs, entropyCoef))',
      'sub(nextValues.reduce(minimum), nextLogProbs)',
    ],
    [
      'sub(nextValues.reduce(minimum), mul(nextLogProbs, entropyCoef))',
      'sub(nextValues[0]!, mul(nextLogProbs, entropyCoef))',
    ],
    [
      'return sacTargets(rewards, discounts, nextValues, next.logProb, entropyCoef)',
      'return sacTargets(rewards, discounts, nextValues, next.logProb, 0)',
    ],
    ['targets.values(nextObservations, next.action)', 'critics.values(nextObservations, next.action)'],
    ['targets.values(nextObservations, next.action)', 'targets.values(observations, next.action)'],
    ['targets.values(nextObservations, next.action)', 'targets.values(nextObservations, actions)'],
    ['agent.distribution(nextObservations)', 'agent.distribution(observations)'],
    [
      'sacActorLoss(logProb, critics.values(observations, action), entropyCoef)',
      'sacActorLoss(logProb, critics.values(observations, action), 1)',
    ],
    [
      'sacActorLoss(logProb, critics.values(observations, action), entropyCoef)',
      'sacActorLoss(logProb, targets.values(observations, action), entropyCoef)',
    ],
    [
      'mean(sub(mul(logProbs, entropyCoef), values.reduce(minimum)))',
      'mean(sub(mul(logProbs, entropyCoef), values[0]!))',
    ],
    [
      'entropyCoefLoss(exp(logEntropyCoef), tensor(Float32Array.from(logProbs)), -agent.actionSize)',
      'entropyCoefLoss(exp(logEntropyCoef), tensor(Float32Array.from(logProbs)), agent.actionSize)',
    ],
    [
      'return neg(mul(entropyCoef, add(mean(logProbs), targetEntropy)))',
      'return mul(entropyCoef, add(mean(logProbs), targetEntropy))',
    ],
    ['    polyakUpdate(targets, critics, o.tau)\n', ''],
    ['polyakUpdate(targets, critics, o.tau)', 'polyakUpdate(targets, critics, 1)'],
    ['exponential(logEntropyCoef.item())', 'logEntropyCoef.item()'],
  ]),
  ...mutantsOf('src/rl/actor-critic/td3.ts', rl('td3'), [
    ['smoothedActions(action, normal(rng, action.shape), o.targetNoise, o.targetNoiseClip!, 1)', 'action'],
    [
      'smoothedActions(action, normal(rng, action.shape), o.targetNoise, o.targetNoiseClip!, 1)',
      'smoothedActions(action, normal(rng, action.shape), o.explorationNoise, o.targetNoiseClip!, 1)',
    ],
    [
      'smoothedActions(action, normal(rng, action.shape), o.targetNoise, o.targetNoiseClip!, 1)',
      'smoothedActions(action, normal(rng, action.shape), o.targetNoise, 1, 1)',
    ],
    [
      'smoothedActions(action, normal(rng, action.shape), o.targetNoise, o.targetNoiseClip!, 1)',
      'smoothedActions(action, normal(rng, action.shape), o.targetNoise, o.targetNoiseClip!, 2)',
    ],
    ["deterministicLearner('td3', 2,", "deterministicLearner('td3', 1,"],
    ["deterministicLearner('ddpg', 1,", "deterministicLearner('ddpg', 2,"],
    ['targetAgent.choose(nextObservations)', 'agent.choose(nextObservations)'],
    [
      'targetCritics.values(nextObservations, nextAction(nextObservations)).reduce(minimum)',
      'targetCritics.values(nextObservations, nextAction(nextObservations))[0]!',
    ],
    [
      'targetCritics.values(nextObservations, nextAction(nextObservations)).reduce(minimum)',
      'critics.values(nextObservations, nextAction(nextObservations)).reduce(minimum)',
    ],
    ['criticOptimizer.steps % o.policyDelay !== 0', 'false'],
    ['criticOptimizer.steps % o.policyDelay !== 0', 'criticOptimizer.steps % o.policyDelay === 0'],
    [
      'neg(mean(critics.firstValues(observations, agent.choose(observations))))',
      'mean(critics.firstValues(observations, agent.choose(observations)))',
    ],
    ['      polyakUpdate(targetCritics, critics, o.tau)\n', ''],
    ['      polyakUpdate(targetAgent, agent, o.tau)\n', ''],
    ['clamp(mul(noise, deviation), -noiseClip, noiseClip)', 'mul(noise, deviation)'],
    ['noisyVectors(agent.actBatch(observations), o.explorationNoise, rng)', 'agent.actBatch(observations)'],
  ]),
  ...mutantsOf('src/rl/value-based/value-based.ts', rl('dqn', 'rainbow'), [
    ['          buffer.updatePriorities(sample.indices, noGrad(errors).view())\n', ''],
    ['weightedMean(terms, tensor(sample.weights))', 'weightedMean(terms, tensor(sample.weights.fill(1)))'],
    [
      'buffer.sample(o.batchSize, rng, priorityCorrectionAt(step, o))',
      'buffer.sample(o.batchSize, rng, o.priorityCorrection)',
    ],
    ['buffer.sample(o.batchSize, rng, priorityCorrectionAt(step, o))', 'buffer.sample(o.batchSize, rng, 0)'],
    [
      'new PrioritizedReplayBuffer({ ...replay, alpha: o.priorityExponent })',
      'new PrioritizedReplayBuffer({ ...replay, alpha: 1 })',
    ],
    ['if (passes(step, numEnvs, o.targetUpdateInterval)) copyParameters(network, target)', ''],
    ['step <= o.learningStarts ||', ''],
    ['explorationFinalEps === undefined || o.noisy', 'explorationFinalEps === undefined'],
  ]),
  ...mutantsOf('src/rl/value-based/value-network.ts', rl('dqn', 'rainbow'), [
    ['byAction(each.forward(states, rng), width)', 'byAction(each.forward(states), width)'],
  ]),
  ...mutantsOf('src/rl/value-based/dqn.ts', rl('dqn'), [
    ['errors: () => sub(values, targets)', 'errors: () => distance(values, targets, { reduction })'],
    ['argmax(learnerValues ?? nextValues, 1, true)', 'argmax(nextValues, 1, true)'],
    ['const learnerValues = double ?', 'const learnerValues = true ?'],
    ["o.loss === 'huber' ?", "o.loss !== 'huber' ?"],
  ]),
  ...mutantsOf('src/rl/value-based/rainbow.ts', rl('rainbow'), [
    ['c51Targets(batch, head, true)', 'c51Targets(batch, head, false)'],
  ]),
  ...mutantsOf('src/rl/value-based/munchausen-dqn.ts', rl('munchausen-dqn'), [
    [
      'clamp(chosen(scaledLogPolicy(target(observations))), o.munchausenClip, 0)',
      'chosen(scaledLogPolicy(target(observations)))',
    ],
    ['sub(next, nextLog)', 'next'],
    ['mul(bonus, o.munchausenAlpha)', 'bonus'],
  ]),
  ...mutantsOf('src/rl/value-based/c51.ts', rl('c51', 'rainbow'), [
    ['expectation(learnerProbs ?? nextProbs)', 'expectation(nextProbs)'],
    ['chosenRows(nextProbs, best)', 'chosenRows(learnerProbs ?? nextProbs, best)'],
  ]),
  ...mutantsOf('src/rl/value-based/qr-dqn.ts', rl('qr-dqn'), [
    ['mul(weights, mul(capped, sub(distance, mul(capped, 0.5))))', 'mul(weights, distance)'],
    ['(i + 0.5) / n', '(i + 1) / n'],
  ]),
  ...mutantsOf('src/rl/policies/discrete-policies.ts', rl('dqn'), [
    [
      'return greedyActions(this, observations, masks)\n',
      'return greedyActions(this, observations, masks, new Rng(1))\n',
    ],
    ['    return this.network.forward(observations, rng)\n', '    return this.network.forward(observations)\n'],
    [
      'return greedyActions(agent, observations, masks, rng).map',
      'return greedyActions(agent, observations, masks).map',
    ],
  ]),
  ...mutantsOf(
    'src/rl/replay/off-policy.ts',
    [...rl('dqn', 'off-policy', 'td3')],
    [
      ['(1 - o.priorityCorrection) * Math.min(1, step / o.totalTimesteps)', '(1 - o.priorityCorrection)'],
      ['(terminated[i] === 1 ? 0 : integerPower(gamma, n))', '(terminated[i] === 1 ? 0 : gamma)'],
      ['((1 - o.explorationFinalEps) * step) / explorationSteps', '(step) / explorationSteps'],
    ],
  ),
  ...mutantsOf('src/rl/on-policy/ppo.ts', rl('ppo'), [
    ['if (o.normalizeAdvantages) normalize(batch.advantages)', ''],
    ['if (o.normalizeAdvantages) normalize(batch.advantages)', 'normalize(batch.advantages)'],
    ['sub(mul(valueLoss, o.valueCoef), mul(entropy, o.entropyCoef))', 'mul(valueLoss, o.valueCoef)'],
    ['sub(mul(valueLoss, o.valueCoef), mul(entropy, o.entropyCoef))', 'sub(valueLoss, mul(entropy, o.entropyCoef))'],
    ['const values = agent.stateValues(observations)\n', 'const values = old.returns\n'],
    ['if (losses[losses.length - 1]!.approxKl > o.targetKl) break', ''],
    ['  return neg(mean(minimum(', '  return neg(mean(maximum('],
    [
      'mul(mean(maximum(square(sub(values, returns)), square(sub(near, returns)))), 0.5)',
      'mul(mean(square(sub(near, returns)), -1), 0.5)',
    ],
    [': mul(mean(square(sub(values, returns))), 0.5)', ': mean(square(sub(values, returns)), -1)'],
  ]),
  ...mutantsOf(
    'src/rl/training/returns.ts',
    [...rl('returns'), ...rl('ppo')],
    [
      ['Math.sqrt(squares / (n - 1)) + 1e-8', '1'],
      ['Math.sqrt(squares / (n - 1)) + 1e-8', 'Math.sqrt(squares / n) + 1e-8'],
    ],
  ),
  ...mutantsOf('src/rl/on-policy/a2c.ts', rl('a2c'), [
    ['sub(mul(valueLoss, o.valueCoef), mul(entropy, o.entropyCoef))', 'mul(valueLoss, o.valueCoef)'],
    [
      'sub(mul(valueLoss, o.valueCoef), mul(entropy, o.entropyCoef))',
      'add(mul(valueLoss, o.valueCoef), mul(entropy, o.entropyCoef))',
    ],
    ['sub(mul(valueLoss, o.valueCoef), mul(entropy, o.entropyCoef))', 'sub(valueLoss, mul(entropy, o.entropyCoef))'],
    ['if (o.normalizeAdvantages) normalize(rollout.advantages)', ''],
    [
      'const valueLoss = mean(square(sub(agent.stateValues(observations), returns)))',
      'const valueLoss = mean(square(sub(agent.stateValues(observations), advantages)))',
    ],
  ]),
  ...mutantsOf('src/rl/on-policy/reinforce.ts', rl('reinforce'), [
    ['mul(mean(square(sub(b, g))), o.valueCoef)', 'mean(square(sub(b, g)))'],
    ['sub(g, detach(b))', 'g'],
    ['if (!o.baseline) return reinforceLoss(logProbs, g)\n', ''],
    ['discountedReturns(rewards, played.dones, [0], o.gamma)', 'discountedReturns(rewards, played.dones, [0], 1)'],
    ['o.gamma * played.cutOffValues[t]!', 'played.cutOffValues[t]!'],
    ['o.gamma * played.cutOffValues[t]!', '0'],
  ]),
  ...mutantsOf('src/rl/on-policy/trpo.ts', rl('trpo'), [
    ['change <= o.targetKl && after > before', 'after > before'],
    ['change <= o.targetKl && after > before', 'change <= o.targetKl'],
    ['(2 * o.targetKl) / curvature', 'o.targetKl / curvature'],
    ['length *= o.lineSearchShrink', 'length *= 0.5'],
    ['    setVector(parameters, start)\n    return { kl: 0', '    return { kl: 0'],
    ['    normalize(rollout.advantages)\n', ''],
    ['damping * v[i]!', '0'],
  ]),
  ...mutantsOf('src/rl/value-based/qdagger.ts', rl('qdagger'), [
    [
      'mul(crossEntropyWith(policy.logProbs, values, o.temperature), weight)',
      'crossEntropyWith(policy.logProbs, values, o.temperature)',
    ],
    [
      'mul(crossEntropyWith(policy.logProbs, values, o.temperature), weight)',
      'mul(crossEntropyWith(policy.logProbs, values, 1), weight)',
    ],
    ['softenedPolicy(teacher, o.teacherTemperature, observations)', 'softenedPolicy(teacher, 1, observations)'],
    ['update(shown.sample(o.batchSize, rng), o.weight)', 'update(shown.sample(o.batchSize, rng), 1)'],
    ['update(buffer.sample(o.batchSize, rng), guidance)', 'update(buffer.sample(o.batchSize, rng), o.weight)'],
    ['const guidance = o.weight * distillationCoef(', 'const guidance = distillationCoef('],
    ['mul(actionValues, 1 / temperature)', 'actionValues'],
    ['mul(exp(teacherLogProbs), logQ)', 'mul(exp(logQ), logQ)'],
    ['mul(exp(teacherLogProbs), logQ)', 'mul(exp(logQ), teacherLogProbs)'],
  ]),
  ...mutantsOf('src/rl/on-policy/expected-entropy.ts', rl('expected-entropy'), [
    ["objective === 'nDistill' ? [teacher, student] : [student, teacher]", '[teacher, student]'],
    ['add(p.kl(q), p.entropy())', 'p.kl(q)'],
    ['mul(mean(policy.entropy()), o.entropyCoef)', 'mean(policy.entropy())'],
    ['sub(mul(valueLoss, o.valueCoef), entropy)', 'add(mul(valueLoss, o.valueCoef), entropy)'],
    ['const distilled = add(crossEntropy, policyLoss)', 'const distilled = policyLoss'],
    ['const distilled = add(crossEntropy, policyLoss)', 'const distilled = crossEntropy'],
    ['becomeCosts(rollout.rewards, costs, o.rewardCoef)', 'becomeCosts(rollout.rewards, costs, 1)'],
  ]),
  ...mutantsOf('src/rl/on-policy/teacher-losses.ts', rl('teacher-losses'), [
    ['mul(mean(teacher.kl(policy)), this.lambda)', 'mean(teacher.kl(policy))'],
    ['mul(mean(teacher.kl(policy)), this.lambda)', 'mul(mean(policy.kl(teacher as never)), this.lambda)'],
    ['(o.ramp ? 1 - progress : 1)', '1'],
    ['maximum(ratio, constant(ratio, 1 - clipRange))', 'ratio'],
    [
      'proximalDivergence(divergences, logProbs, oldLogProbs, clipRange), weight)',
      'proximalDivergence(divergences, logProbs, oldLogProbs, clipRange), 1)',
    ],
  ]),
  ...mutantsOf('src/rl/envs/wrappers/action.ts', rl('wrappers/wrappers'), [
    [
      'return low[k]! * (1 - fraction) + high[k]! * fraction\n    })\n  }\n}\n\n/**\n * A choice',
      'return low[k]! + fraction * (high[k]! - low[k]!)\n    })\n  }\n}\n\n/**\n * A choice',
    ],
  ]),
  ...mutantsOf('src/data/columns.ts', rl('buffers/n-step', 'buffers/replay'), [
    ['this.first(name, rows).slice()', 'this.first(name, rows)'],
  ]),
]

const distillation = [
  ...mutantsOf('src/distill/collecting/collector.ts', distill('collector', 'rounds', 'distill'), [
    ['    if (beta === 0) return student\n', '    if (beta === 0) return this.teacher.player()\n'],
    ['o.firstBeta * integerPower(o.betaDecay, round)', 'o.firstBeta'],
    ['Rollout.play(this.player(round, student, rng), envs', 'Rollout.play(this.player(0, student, rng), envs'],
    ['epsilon: () => o.studentEpsilon', 'epsilon: () => 0'],
  ]),
  ...mutantsOf('src/distill/collecting/play.ts', distill('collector', 'rounds', 'distill'), [
    ['rng.uniform() >= beta', 'rng.uniform() < beta'],
    ['rng.uniform() >= beta', 'false'],
  ]),
  ...mutantsOf('src/distill/choice.ts', distill('choice', 'distill-loop'), [
    ['students.length === 1', 'true'],
    ['mean > returns[best]!', 'mean < returns[best]!'],
    ["cost.purpose = 'choice'", ''],
    ['episodes > 0 ? total / episodes :', 'episodes > 0 ? total :'],
    ['running[i] = 0', 'running[i] = running[i]!'],
  ]),
  ...mutantsOf('src/distill/teachers/jacobians.ts', distill('jacobians'), [
    ['(row * width + output) * size)', '(row * width) * size)'],
    ['1 / (squared + 1e-12)', '1'],
    ['near[0]!.squared > RADIUS * RADIUS', 'false'],
    ['|| dataset.contains(state)', ''],
  ]),
  ...mutantsOf('src/distill/options.ts', distill('distill', 'rounds'), [
    ["o.roundUpdates === 'auto' ? Math.round(updates / 3)", "o.roundUpdates === 'auto' ? 1"],
    ['(given?.provenance.rounds ?? rounds) > 1', 'false'],
    ['{ temperature: ROUNDS_TEMPERATURE }', '{ temperature: { relative: 1 } }'],
    ['(given?.provenance.rounds ?? rounds) > 1', 'true'],
  ]),
  ...mutantsOf('src/distill/distill.ts', distill('distill', 'rounds', 'choice'), [
    ['      players = trained\n', ''],
    ['bestByReturn(trained, env, o, cost).load()', 'bestByReturn(trained, env, o, cost)'],
    ['if (!o.aggregate) dataset.clear()', ''],
  ]),
  ...mutantsOf('src/distill/students.ts', distill('students', 'distill', 'rounds', 'choice'), [
    [': [o.roundUpdates, o.roundStudents]', ': [o.updates, o.roundStudents]'],
    [': [o.roundUpdates, o.roundStudents]', ': [1, o.roundStudents]'],
    [': [o.roundUpdates, o.roundStudents]', ': [o.roundUpdates, 1]'],
    ['fit: this.fitting?.save() ?? null', 'fit: null'],
    ['isFirst ? start : ', 'true ? start : '],
    ['o.warmStart && round > 0', 'false && round > 0'],
  ]),
  ...mutantsOf('src/distill/trees.ts', distill('viper'), [
    ['round === 0 ? teacher.player() : trees.at(-1)!', 'teacher.player()'],
    ['mean >= evaluations[top]!.mean', 'mean > evaluations[top]!.mean'],
  ]),
  ...mutantsOf('src/distill/targets/target.ts', distill('temperature', 'distill', 'targets-labels'), [
    ['DEFAULT_TEMPERATURE: Temperature = { relative: 1 }', 'DEFAULT_TEMPERATURE: Temperature = { relative: 0.5 }'],
    ['ROUNDS_TEMPERATURE: Temperature = { relative: 0.5 }', 'ROUNDS_TEMPERATURE: Temperature = { relative: 1 }'],
    ["temperature === 'auto' ? DEFAULT_TEMPERATURE", "temperature === 'auto' ? ROUNDS_TEMPERATURE"],
    ['value: DEFAULT_TEMPERATURE', 'value: ROUNDS_TEMPERATURE'],
    ['number * actionValueStd(values, numActions)', 'number'],
    ['Math.sqrt(squares / values.length)', 'Math.sqrt(squares / (values.length - 1))'],
  ]),
  ...mutantsOf('src/distill/targets/state-values.ts', distill('value-successors'), [
    ['discounts[i] !== 0', 'true'],
    ['const LARGEST_DIFFERENCE = 10', 'const LARGEST_DIFFERENCE = 1e9'],
    ["      inputs: dataset.column('successors'),\n", ''],
  ]),
  ...mutantsOf('src/distill/collecting/successors.ts', distill('value-successors'), [
    ['distance <= farthest', 'distance >= farthest'],
    ['        restoreEnv(this.model, before)\n', ''],
    ['    this.cost.addSteps(count * numActions)\n', ''],
  ]),
  ...mutantsOf('src/distill/targets/policy.ts', distill('targets-losses', 'targets-labels', 'targets', 'continuous'), [
    ['scores.map((each) => each / resolved)', 'scores.slice()'],
    [
      "divergence === 'forward-kl' ? teacher.kl(student) : student.kl(teacher)",
      "divergence === 'forward-kl' ? student.kl(teacher) : teacher.kl(student)",
    ],
  ]),
  ...mutantsOf('src/distill/targets/action-values.ts', distill('targets-losses', 'targets-labels', 'targets'), [
    ['mul(mean(teacher.kl(student)), temperature * temperature)', 'mean(teacher.kl(student))'],
    ['new Categorical(mul(outputs, 1 / temperature))', 'new Categorical(outputs)'],
    ['.map((each) => each / std),\n', ',\n'],
    ['const temperature = resolved / std', 'const temperature = resolved'],
  ]),
  ...mutantsOf('src/distill/targets/target.ts', distill('targets-losses', 'targets-labels', 'targets'), [
    [
      "mul(mseLoss(outputs, detach(labels), { reduction: 'none' }), 0.5)",
      "mseLoss(outputs, detach(labels), { reduction: 'none' })",
    ],
  ]),
  ...mutantsOf(
    'src/nn/losses/distillation.ts',
    ['test/nn/distillation-losses.test.ts'],
    [
      [
        'mul(fromTeacher, 1 / (1 - beta)), mul(fromStudent, 1 / beta)',
        'mul(fromTeacher, 1 / beta), mul(fromStudent, 1 / (1 - beta))',
      ],
      ['-temperature * temperature)', '-1)'],
      ['mul(softmax(detach(logits)), 1 - floor)', 'softmax(detach(logits))'],
    ],
  ),
]

const studies = [
  ...mutantsOf(
    'studies/small-data/cell.ts',
    ['test/studies/small-data/cell.test.ts'],
    [
      ['(mean - randomReturn) / (teacherReturn - randomReturn)', 'mean / teacherReturn'],
      ['(mean - randomReturn) / (teacherReturn - randomReturn)', '(mean - randomReturn) / teacherReturn'],
      ['shared.seedStep * (10_000 * teacher + seed)', 'shared.seedStep * (10_000 * teacher)'],
    ],
  ),
  ...mutantsOf(
    'studies/on-policy/students.ts',
    ['test/studies/on-policy.test.ts'],
    [
      ['(mean - random) / (good - random)', 'mean / good'],
      ['(mean - random) / (good - random)', '(mean - random) / good'],
    ],
  ),
  ...mutantsOf(
    'studies/statistics/aggregates.ts',
    ['test/studies/statistics/aggregates.test.ts'],
    [
      ['Math.floor(sorted.length / 4)', 'Math.floor(sorted.length / 3)'],
      ['Math.min(score, goal)', 'score'],
      ['runs[i]! > thresholds[t]!', 'runs[i]! >= thresholds[t]!'],
    ],
  ),
  ...mutantsOf(
    'studies/small-data/summary.ts',
    ['test/studies/small-data/summary.test.ts'],
    [
      ['score < 0.5', 'score <= 0.5'],
      ['worst: Math.min(...own)', 'worst: Math.max(...own)'],
    ],
  ),
]

const commands = [
  ...mutantsOf('src/cli/runs/run-folder.ts', testsIn('test/cli')('run-folder', 'train-bad-input', 'distill'), [
    ['exitCode(error) === 2 && !this.hasBegun', 'exitCode(error) === 2'],
    ['exitCode(error) === 2 && !this.hasBegun', '!this.hasBegun'],
    ['    if (this.replaced.length > 0) return\n', ''],
    ['if (force && isStudent) return', 'if (force) return'],
  ]),
]

export const algorithmMutants = [...learning, ...distillation, ...studies, ...commands]
