"""The training loops of loops.json in PyTorch, on one thread unless OMP_NUM_THREADS is set: environment steps a second.

    pip install torch numpy
    python3 torch_rl.py --algorithm ppo

Networks, batches, updates and their number are those of alambic's loops (loops.ts beside this file), so that the two differ in
what computes and not in what is computed. Episodes that were cut off bootstrap from the observation before the reset.
"""

import argparse
import copy
import json
import os
import pathlib
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch reads it

import numpy as np
import torch
from torch import nn
from torch.distributions import Categorical, Normal
from torch.nn import functional as F

from envs import SINGLE

torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


FUSED = False


def adam(parameters, **options):
    """Adam, with its fused kernel if FUSED is set."""
    return torch.optim.Adam(parameters, fused=FUSED, **options)


def mlp(sizes, activation=nn.ReLU, gain=None):
    """Linear layers with an activation between them; with a gain, orthogonal weights, the last layer's scaled by it."""
    layers = []
    for i, (inputs, outputs) in enumerate(zip(sizes[:-1], sizes[1:])):
        linear = nn.Linear(inputs, outputs)
        last = i == len(sizes) - 2
        if gain is not None:
            nn.init.orthogonal_(linear.weight, gain if last else np.sqrt(2))
            nn.init.zeros_(linear.bias)
        layers += [linear] if last else [linear, activation()]
    return nn.Sequential(*layers)


class Envs:
    """Copies of an environment that restart within the step that ends an episode."""

    def __init__(self, name, count, seed):
        self.rng = np.random.default_rng(seed)
        self.envs = [SINGLE[name](self.rng) for _ in range(count)]
        self.observations = np.array([env.reset() for env in self.envs], np.float32)
        self.size = self.envs[0].size
        self.num_actions = getattr(self.envs[0], "num_actions", 0)
        self.totals = [0.0] * count
        self.returns = []

    def __len__(self):
        return len(self.envs)

    def step(self, actions):
        """The observations after the step (before any reset), rewards, terminated, ended."""
        after = np.empty_like(self.observations)
        rewards, terminated, ended = (np.zeros(len(self), np.float32) for _ in range(3))
        for i, env in enumerate(self.envs):
            observation, reward, is_over, is_cut = env.step(actions[i])
            after[i], rewards[i], terminated[i], ended[i] = observation, reward, is_over, is_over or is_cut
            self.totals[i] += reward
            if ended[i]:
                self.returns.append(self.totals[i])
                self.totals[i] = 0
                observation = env.reset()
            self.observations[i] = observation
        return after, rewards, terminated, ended


# --- PPO and A2C


class ActorCritic(nn.Module):
    def __init__(self, inputs, actions, hidden):
        super().__init__()
        self.actor = mlp([inputs, *hidden, actions], nn.Tanh, 0.01)
        self.critic = mlp([inputs, *hidden, 1], nn.Tanh, 1.0)

    def policy(self, observations):
        return Categorical(logits=self.actor(observations))

    def values(self, observations):
        return self.critic(observations).squeeze(-1)


@torch.no_grad()
def collect(envs, agent, o):
    """A rollout, flat: observations, actions, log-probabilities, values, advantages, returns."""
    seen, rows = [], []
    for _ in range(o["numSteps"]):
        observations = torch.tensor(envs.observations)
        policy = agent.policy(observations)
        actions = policy.sample()
        log_probs, values = policy.log_prob(actions), agent.values(observations)
        after, rewards, terminated, ended = map(torch.tensor, envs.step(actions.numpy()))
        seen.append((observations, actions, log_probs, values))
        rows.append((rewards, terminated, ended, after))
    observations, actions, log_probs, values = (torch.stack(each) for each in zip(*seen))
    rewards, terminated, ended, after = (torch.stack(each) for each in zip(*rows))
    deltas = rewards + o["gamma"] * (1 - terminated) * agent.values(after) - values
    advantages, last = torch.zeros_like(rewards), torch.zeros(len(envs))
    for t in reversed(range(o["numSteps"])):
        last = deltas[t] + o["gamma"] * o["gaeLambda"] * (1 - ended[t]) * last
        advantages[t] = last
    rollout = (observations, actions, log_probs, values, advantages, advantages + values)
    return [each.flatten(0, 1) for each in rollout]


def descend(optimizer, loss, parameters, max_norm=None):
    optimizer.zero_grad()
    loss.backward()
    if max_norm is not None:
        nn.utils.clip_grad_norm_(parameters, max_norm)
    optimizer.step()


def ppo(envs, o, steps):
    agent = ActorCritic(envs.size, envs.num_actions, o["hidden"])
    optimizer = adam(agent.parameters(), lr=o["learningRate"], eps=o["adamEpsilon"])
    rollout_size = o["numSteps"] * len(envs)
    for step in range(0, steps, rollout_size):
        optimizer.param_groups[0]["lr"] = o["learningRate"] * (1 - step / steps)
        rollout = collect(envs, agent, o)
        for _ in range(o["numEpochs"]):
            for rows in torch.randperm(rollout_size).chunk(o["numMinibatches"]):
                observations, actions, old_log_probs, old_values, advantages, returns = (each[rows] for each in rollout)
                advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
                policy, values = agent.policy(observations), agent.values(observations)
                ratio = (policy.log_prob(actions) - old_log_probs).exp()
                clipped = ratio.clamp(1 - o["clipRange"], 1 + o["clipRange"])
                policy_loss = -torch.min(ratio * advantages, clipped * advantages).mean()
                near = old_values + (values - old_values).clamp(-o["clipRange"], o["clipRange"])
                value_loss = 0.5 * torch.max((values - returns) ** 2, (near - returns) ** 2).mean()
                loss = policy_loss + o["valueCoef"] * value_loss - o["entropyCoef"] * policy.entropy().mean()
                descend(optimizer, loss, agent.parameters(), o["maxGradNorm"])


def a2c(envs, o, steps):
    agent = ActorCritic(envs.size, envs.num_actions, o["hidden"])
    optimizer = torch.optim.RMSprop(agent.parameters(), lr=o["learningRate"], alpha=o["rmsDecay"], eps=o["rmsEpsilon"])
    for _ in range(0, steps, o["numSteps"] * len(envs)):
        observations, actions, _, _, advantages, returns = collect(envs, agent, o)
        policy = agent.policy(observations)
        policy_loss = -(policy.log_prob(actions) * advantages).mean()
        value_loss = F.mse_loss(agent.values(observations), returns)
        loss = policy_loss + o["valueCoef"] * value_loss - o["entropyCoef"] * policy.entropy().mean()
        descend(optimizer, loss, agent.parameters(), o["maxGradNorm"])


# --- what learns from a replay memory


class Replay:
    def __init__(self, capacity, size, action_shape, action_type):
        self.observations, self.after = (np.zeros((capacity, size), np.float32) for _ in range(2))
        self.actions = np.zeros((capacity, *action_shape), action_type)
        self.rewards, self.terminated = (np.zeros(capacity, np.float32) for _ in range(2))
        self.count = 0

    def add(self, observation, action, reward, after, terminated):
        at = self.count % len(self.rewards)
        self.observations[at], self.actions[at], self.rewards[at] = observation, action, reward
        self.after[at], self.terminated[at] = after, terminated
        self.count += 1

    def sample(self, size, rng):
        rows = rng.integers(0, min(self.count, len(self.rewards)), size)
        parts = (self.observations, self.actions, self.rewards, self.after, self.terminated)
        return [torch.from_numpy(each[rows]) for each in parts]


def play(envs, o, steps, replay, choose, to_environment):
    """Plays in the one environment and remembers; yields the step from where updates begin."""
    for step in range(1, steps + 1):
        before = envs.observations[0].copy()
        action = choose(before, step)
        after, rewards, terminated, _ = envs.step([to_environment(action)])
        replay.add(before, action, rewards[0], after[0], terminated[0])
        if step >= o["learningStarts"]:
            yield step


def epsilon_greedy(envs, o, steps, values):
    """Chooses at random with a probability that falls from 1 along a straight line, else the largest value."""

    @torch.no_grad()
    def choose(observation, step):
        epsilon = max(o["explorationFinalEps"], 1 - (1 - o["explorationFinalEps"]) * step / (o["explorationFraction"] * steps))
        if step <= o["learningStarts"] or envs.rng.random() < epsilon:
            return int(envs.rng.integers(envs.num_actions))
        return int(values(torch.from_numpy(observation[None])).argmax(1))

    return choose


def learn_values(envs, o, steps, network, optimizer, values, loss_of):
    """The loop of DQN and C51: `loss_of(batch, target)` from a sample and the target network."""
    target = copy.deepcopy(network)
    replay = Replay(o["bufferSize"], envs.size, (1,), np.int64)
    for step in play(envs, o, steps, replay, epsilon_greedy(envs, o, steps, values), int):
        if step % o["targetUpdateInterval"] == 0:
            target.load_state_dict(network.state_dict())
        if step % o["trainInterval"] == 0:
            for _ in range(o["gradientSteps"]):
                loss = loss_of(replay.sample(o["batchSize"], envs.rng), target)
                descend(optimizer, loss, network.parameters(), o["maxGradNorm"])


def dqn(envs, o, steps):
    network = mlp([envs.size, *o["hidden"], envs.num_actions])
    optimizer = adam(network.parameters(), lr=o["learningRate"])

    def loss_of(batch, target):
        observations, actions, rewards, after, terminated = batch
        with torch.no_grad():
            targets = rewards + o["gamma"] * (1 - terminated) * target(after).amax(1)
        return F.mse_loss(network(observations).gather(1, actions).squeeze(1), targets)

    learn_values(envs, o, steps, network, optimizer, network, loss_of)


def c51(envs, o, steps):
    actions_count, atoms = envs.num_actions, o["atoms"]
    low, high = o["lowestReturn"], o["highestReturn"]
    support = torch.linspace(low, high, atoms)
    network = mlp([envs.size, *o["hidden"], actions_count * atoms])
    optimizer = adam(network.parameters(), lr=o["learningRate"], eps=o["adamEpsilon"])

    def logits(net, observations):
        return net(observations).view(-1, actions_count, atoms)

    def values(observations):
        return (logits(network, observations).softmax(2) * support).sum(2)

    def loss_of(batch, target):
        observations, actions, rewards, after, terminated = batch
        rows = torch.arange(len(rewards))
        with torch.no_grad():
            all_next = logits(target, after).softmax(2)
            chosen = all_next[rows, (all_next * support).sum(2).argmax(1)]
            returns = (rewards[:, None] + o["gamma"] * (1 - terminated)[:, None] * support).clamp(low, high)
            places = (returns - low) / (high - low) * (atoms - 1)
            below, above = places.floor().long(), places.ceil().long()
            to_above = places - below  # 0 where the place is an atom itself
            projected = torch.zeros_like(chosen)
            projected.scatter_add_(1, below, chosen * (1 - to_above)).scatter_add_(1, above, chosen * to_above)
        log_probs = logits(network, observations)[rows, actions.squeeze(1)].log_softmax(1)
        return -(projected * log_probs).sum(1).mean()

    learn_values(envs, o, steps, network, optimizer, values, loss_of)


def blend(target, source, tau):
    with torch.no_grad():
        for to, from_ in zip(target.parameters(), source.parameters()):
            to.lerp_(from_, tau)


def joined(observations, actions):
    return torch.cat([observations, actions], 1)


class Control:
    """What SAC, TD3 and DDPG share. Actions are in [-1, 1] inside and stretched over the bounds of the environment."""

    def __init__(self, envs, o, outputs):
        self.envs, self.o = envs, o
        self.size = envs.envs[0].action_size
        self.low, self.high = envs.envs[0].low, envs.envs[0].high
        self.actor = mlp([envs.size, *o["hidden"], outputs * self.size])
        self.replay = Replay(o["bufferSize"], envs.size, (self.size,), np.float32)

    def critic(self):
        return mlp([self.envs.size + self.size, *self.o["hidden"], 1])

    def batches(self, steps, act):
        """Plays; yields a sample for each step once updates begin. `act` gives an action in [-1, 1]."""

        @torch.no_grad()
        def choose(observation, step):
            if step <= self.o["learningStarts"]:
                return self.envs.rng.uniform(-1, 1, self.size).astype(np.float32)
            return act(torch.from_numpy(observation[None]))[0].numpy()

        def stretch(action):
            return self.low + (action + 1) / 2 * (self.high - self.low)

        for _ in play(self.envs, self.o, steps, self.replay, choose, stretch):
            yield self.replay.sample(self.o["batchSize"], self.envs.rng)

    def noisy(self, observations):
        actions = torch.tanh(self.actor(observations))
        return (actions + self.o["explorationNoise"] * torch.randn_like(actions)).clamp(-1, 1)


def sac(envs, o, steps):
    control = Control(envs, o, 2)
    critics = nn.ModuleList([control.critic(), control.critic()])
    targets = copy.deepcopy(critics)
    log_alpha = torch.tensor(float(np.log(o["entropyCoef"])), requires_grad=True)
    critic_optimizer = adam(critics.parameters(), lr=o["criticLearningRate"])
    actor_optimizer = adam(control.actor.parameters(), lr=o["actorLearningRate"])
    alpha_optimizer = adam([log_alpha], lr=o["criticLearningRate"])

    def draw(observations):
        mean, log_std = control.actor(observations).chunk(2, 1)
        gaussian = Normal(mean, log_std.clamp(-20, 2).exp())
        before_tanh = gaussian.rsample()
        squeezed = 2 * (np.log(2) - before_tanh - F.softplus(-2 * before_tanh))  # ln(1 - tanh²)
        return torch.tanh(before_tanh), (gaussian.log_prob(before_tanh) - squeezed).sum(1)

    def least(networks, observations, actions):
        return torch.min(*(each(joined(observations, actions)).squeeze(1) for each in networks))

    for observations, actions, rewards, after, terminated in control.batches(steps, lambda x: draw(x)[0]):
        alpha = log_alpha.exp().detach()
        with torch.no_grad():
            next_actions, next_log_probs = draw(after)
            soft_values = least(targets, after, next_actions) - alpha * next_log_probs
            y = rewards + o["gamma"] * (1 - terminated) * soft_values
        critic_loss = sum(F.mse_loss(each(joined(observations, actions)).squeeze(1), y) for each in critics)
        descend(critic_optimizer, critic_loss, None)
        new_actions, log_probs = draw(observations)
        critics.requires_grad_(False)
        descend(actor_optimizer, (alpha * log_probs - least(critics, observations, new_actions)).mean(), None)
        critics.requires_grad_(True)
        alpha_loss = -(log_alpha.exp() * (log_probs.detach() - control.size)).mean()
        descend(alpha_optimizer, alpha_loss, None)
        blend(targets, critics, o["tau"])


def td3(envs, o, steps):
    control = Control(envs, o, 1)
    critics = nn.ModuleList([control.critic(), control.critic()])
    target_critics, target_actor = copy.deepcopy(critics), copy.deepcopy(control.actor)
    critic_optimizer = adam(critics.parameters(), lr=o["learningRate"])
    actor_optimizer = adam(control.actor.parameters(), lr=o["learningRate"])
    for update, batch in enumerate(control.batches(steps, control.noisy), 1):
        observations, actions, rewards, after, terminated = batch
        with torch.no_grad():
            noise = (o["targetNoise"] * torch.randn_like(actions)).clamp(-o["targetNoiseClip"], o["targetNoiseClip"])
            next_actions = (torch.tanh(target_actor(after)) + noise).clamp(-1, 1)
            next_values = torch.min(*(each(joined(after, next_actions)).squeeze(1) for each in target_critics))
            y = rewards + o["gamma"] * (1 - terminated) * next_values
        critic_loss = sum(F.mse_loss(each(joined(observations, actions)).squeeze(1), y) for each in critics)
        descend(critic_optimizer, critic_loss, None)
        if update % o["policyDelay"] == 0:
            critics.requires_grad_(False)
            policy_actions = torch.tanh(control.actor(observations))
            descend(actor_optimizer, -critics[0](joined(observations, policy_actions)).mean(), None)
            critics.requires_grad_(True)
            blend(target_critics, critics, o["tau"])
            blend(target_actor, control.actor, o["tau"])


def ddpg(envs, o, steps):
    control = Control(envs, o, 1)
    critic = control.critic()
    target_critic, target_actor = copy.deepcopy(critic), copy.deepcopy(control.actor)
    critic_optimizer = adam(critic.parameters(), lr=o["learningRate"])
    actor_optimizer = adam(control.actor.parameters(), lr=o["learningRate"])
    for observations, actions, rewards, after, terminated in control.batches(steps, control.noisy):
        with torch.no_grad():
            next_values = target_critic(joined(after, torch.tanh(target_actor(after)))).squeeze(1)
            y = rewards + o["gamma"] * (1 - terminated) * next_values
        descend(critic_optimizer, F.mse_loss(critic(joined(observations, actions)).squeeze(1), y), None)
        critic.requires_grad_(False)
        descend(actor_optimizer, -critic(joined(observations, torch.tanh(control.actor(observations)))).mean(), None)
        critic.requires_grad_(True)
        blend(target_critic, critic, o["tau"])
        blend(target_actor, control.actor, o["tau"])


ALGORITHMS = {"ppo": ppo, "a2c": a2c, "dqn": dqn, "c51": c51, "sac": sac, "td3": td3, "ddpg": ddpg}


def run(name, loop, steps, options, seed=0):
    """Trains; the returns of all episodes."""
    torch.manual_seed(seed)
    envs = Envs(loop["env"], loop["numEnvs"], seed)
    ALGORITHMS[name](envs, options, steps)
    return envs.returns


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--algorithm", required=True, choices=ALGORITHMS)
    parser.add_argument("--steps", type=int, help="environment steps in all; those of loops.json by default")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    loop = json.loads((pathlib.Path(__file__).parent / "loops.json").read_text())[args.algorithm]
    steps = args.steps or loop["steps"]
    clock, processor = time.perf_counter(), time.process_time()
    returns = run(args.algorithm, loop, steps, loop["options"], args.seed)
    clock, processor = time.perf_counter() - clock, time.process_time() - processor
    recent = np.mean(returns[-20:]) if returns else float("nan")
    print(
        f"{args.algorithm} {loop['env']}: {steps / clock:,.0f} steps/s on the clock, "
        f"{steps / processor:,.0f} by processor time, return {recent:.1f} in the last episodes, torch {torch.__version__}"
    )


if __name__ == "__main__":
    main()
