"""Writes the files of this folder; see README.md. Run from this folder: python generate.py"""

import json
import os
import zipfile

import gymnasium
import numpy as np
import stable_baselines3 as sb3
import torch
from torch import nn

torch.manual_seed(0)
rng = np.random.default_rng(0)
outputs = {"versions": {"torch": torch.__version__, "stable_baselines3": sb3.__version__, "gymnasium": gymnasium.__version__}}


def randomise(module):
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn_like(parameter) * 0.5)


def deflate(path):
    with zipfile.ZipFile(path) as archive:
        entries = [(name, archive.read(name)) for name in archive.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)


def model(name, algorithm, env, deflated=False, **options):
    trained = algorithm("MlpPolicy", env, seed=0, **options)
    randomise(trained.policy)
    trained.save(f"{name}.zip")
    if deflated:
        deflate(f"{name}.zip")
    size = trained.observation_space.shape[0]
    observations = rng.normal(size=(5, size)).astype(np.float32)
    x = torch.as_tensor(observations)
    actions, _ = trained.predict(observations, deterministic=True)
    found = {"observations": observations.tolist(), "actions": actions.tolist()}
    policy = trained.policy
    with torch.no_grad():
        if name == "sb3-dqn":
            found["actionValues"] = policy.q_net(x).tolist()
        elif name in ("sb3-ppo", "sb3-ppo-box"):
            distribution = policy.get_distribution(x).distribution
            found["values"] = policy.predict_values(x)[:, 0].tolist()
            if name == "sb3-ppo":
                found["logits"] = distribution.logits.tolist()
            else:
                found["mean"] = distribution.mean.tolist()
                found["logStd"] = distribution.stddev.log().tolist()
        elif name == "sb3-sac":
            mean, log_std, _ = policy.actor.get_action_dist_params(x)
            found["mean"], found["logStd"] = mean.tolist(), log_std.tolist()
    outputs[name] = found


arch = {"net_arch": [4, 3]}
model("sb3-ppo", sb3.PPO, "CartPole-v1", n_steps=64, policy_kwargs={**arch, "activation_fn": nn.ReLU})
model("sb3-dqn", sb3.DQN, "CartPole-v1", deflated=True, buffer_size=1, policy_kwargs=dict(arch))
model("sb3-ppo-box", sb3.PPO, "Pendulum-v1", deflated=True, n_steps=64, policy_kwargs=dict(arch))
model("sb3-sac", sb3.SAC, "Pendulum-v1", deflated=True, buffer_size=1, policy_kwargs=dict(arch))
model("sb3-td3", sb3.TD3, "Pendulum-v1", deflated=True, buffer_size=1, policy_kwargs=dict(arch))

mlp = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))
randomise(mlp)
observations = rng.normal(size=(5, 4)).astype(np.float32)
with torch.no_grad():
    outputs["mlp"] = {"observations": observations.tolist(), "logits": mlp(torch.as_tensor(observations)).tolist()}
state = mlp.state_dict()
outputs["mlp"]["state"] = {name: value.flatten().tolist() for name, value in state.items()}
torch.save(state, "mlp.pth")
flat = torch.cat([value.flatten() for value in state.values()])
parts = flat.split([value.numel() for value in state.values()])
torch.save({name: part.view_as(value) for (name, value), part in zip(state.items(), parts)}, "mlp-views.pth")
for short, dtype in [("float64", torch.float64), ("float16", torch.float16), ("bfloat16", torch.bfloat16)]:
    halved = {name: value.to(dtype) for name, value in state.items()}
    torch.save(halved, f"mlp-{short}.pth", pickle_protocol=4 if short == "float64" else 2)
    outputs[f"mlp-{short}"] = {name: value.float().flatten().tolist() for name, value in halved.items()}


class Matmul(nn.Module):
    """MatMul and Add, where nn.Linear is a Gemm."""

    def __init__(self):
        super().__init__()
        self.weights = nn.ParameterList([state["0.weight"].t().contiguous(), state["2.weight"].t().contiguous()])
        self.biases = nn.ParameterList([state["0.bias"], state["2.bias"]])

    def forward(self, x):
        x = torch.tanh(x @ self.weights[0] + self.biases[0])
        return torch.tanh(x @ self.weights[1] + self.biases[1])


axes = {"input_names": ["obs"], "output_names": ["out"], "dynamic_axes": {"obs": {0: "batch"}, "out": {0: "batch"}}}
for name, network in [
    ("mlp", mlp),
    ("matmul", Matmul()),
    ("refused-sigmoid", nn.Sequential(nn.Linear(4, 3), nn.Sigmoid(), nn.Linear(3, 2))),
]:
    torch.onnx.export(network, (torch.as_tensor(observations),), f"{name}.onnx", dynamo=False, **axes)

# Refused.
torch.save(state, "refused-legacy.pth", _use_new_zipfile_serialization=False)
torch.save({"0.weight": torch.zeros(3, 4).t()}, "refused-strides.pth")


class Evil:
    def __reduce__(self):
        return os.system, ("touch alambic-was-here",)


torch.save({"0.weight": Evil()}, "refused-code.pth")

with open("outputs.json", "w") as file:
    json.dump(outputs, file)
    file.write("\n")
