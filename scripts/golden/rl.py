"""The formulas of test/golden/torch/rl.json, as the notes of its cases give them. Time is the first axis."""

import torch
import torch.nn.functional as F
from torch.distributions import Categorical, Normal

from tables import squashed_log_prob


def backwards(x):
    return range(len(x) - 1, -1, -1)


def discounted_returns(i, a):
    following, out = i['last_value'], torch.zeros_like(i['rewards'])
    for t in backwards(out):
        out[t] = following = i['rewards'][t] + a['gamma'] * torch.where(i['done'][t], 0.0, following)
    return out


def bootstrap(i):
    """0 after a termination, the final value after a truncation, else V of the next step."""
    following = torch.cat([i['values'][1:], i['last_values'][None]])
    return torch.where(i['terminated'], 0.0, torch.where(i['truncated'], i['final_values'], following))


def gae(i, a):
    boot, ended = bootstrap(i), i['terminated'] | i['truncated']
    delta = i['rewards'] + a['gamma'] * boot - i['values']
    advantages, following = torch.zeros_like(delta), torch.zeros_like(delta[0])
    for t in backwards(delta):
        following = delta[t] + a['gamma'] * a['lambda'] * torch.where(ended[t], 0.0, following)
        advantages[t] = following
    return {'advantages': advantages, 'returns': advantages + i['values'], 'bootstrap_values': boot}


def n_step(i, a):
    boot, ended = bootstrap(i), i['terminated'] | i['truncated']
    rewards, (length, envs) = i['rewards'], i['rewards'].shape
    targets, sums, steps, discounts = (torch.zeros_like(rewards) for _ in range(4))
    for t in range(length):
        for k in range(envs):
            total, m = 0.0, 0
            while True:
                total, last, m = total + a['gamma'] ** m * rewards[t + m, k], t + m, m + 1
                if m == a['n'] or ended[last, k] or last == length - 1:
                    break
            sums[t, k], steps[t, k] = total, m
            discounts[t, k] = 0 if i['terminated'][last, k] else a['gamma'] ** m
            targets[t, k] = total + a['gamma'] ** m * boot[last, k]
    return {'targets': targets, 'reward_sums': sums, 'steps': steps, 'discounts': discounts}


def lambda_returns(i, a):
    following, out = i['next_values'][-1], torch.zeros_like(i['rewards'])
    for t in backwards(out):
        mixed = (1 - a['lambda']) * i['next_values'][t] + a['lambda'] * following
        out[t] = following = i['rewards'][t] + i['discounts'][t] * mixed
    return out


def log_probs(i):
    return Categorical(logits=i['logits']).log_prob(i['actions'])


def surrogate(new, i, a):
    ratio = (new - i['old_log_probs']).exp()
    clipped = ratio.clamp(1 - a['clip_eps'], 1 + a['clip_eps'])
    return ratio, -torch.minimum(ratio * i['advantages'], clipped * i['advantages']).mean()


def ppo_loss(i, a):
    new = log_probs(i)
    ratio, loss = surrogate(new, i, a)
    return {
        'loss': loss,
        'ratio': ratio,
        'policy_loss': loss,
        'entropy': Categorical(logits=i['logits']).entropy().mean(),
        'approx_kl_k1': (i['old_log_probs'] - new).mean(),
        'approx_kl_k3': (ratio - 1 - (new - i['old_log_probs'])).mean(),
        'clip_fraction': ((ratio - 1).abs() > a['clip_eps']).double().mean(),
    }


def value_loss(i, a):
    return 0.5 * ((i['values'] - i['returns']) ** 2).mean()


def ppo_total_loss(i, a):
    parts = {**ppo_loss(i, a), 'value_loss': value_loss(i, a)}
    return {**parts, 'loss': parts['policy_loss'] + a['vf_coef'] * parts['value_loss'] - a['ent_coef'] * parts['entropy']}


def ppo_loss_gaussian(i, a):
    new = Normal(i['mean'], i['log_std'].exp()).log_prob(i['actions']).sum(-1)
    ratio, loss = surrogate(new, i, a)
    return {'loss': loss, 'ratio': ratio, 'log_probs': new}


def value_loss_clipped(i, a):
    near = i['old_values'] + (i['values'] - i['old_values']).clamp(-a['clip_eps'], a['clip_eps'])
    return 0.5 * torch.maximum((i['values'] - i['returns']) ** 2, (near - i['returns']) ** 2).mean()


def chosen(q, actions):
    return q.gather(1, actions[:, None])[:, 0]


def double_dqn_target(i, a):
    best = i['next_q_online'].argmax(1)
    values = chosen(i['next_q_target'], best)
    return {'out': i['rewards'] + a['gamma'] * torch.where(i['terminated'], 0.0, values), 'argmax': best}


def dqn_loss_weighted(i, a):
    q = chosen(i['q'], i['actions'])
    rows = F.huber_loss(q, i['targets'], reduction='none')
    return {'loss': (i['is_weights'] * rows).mean(), 'abs_td': (q - i['targets']).abs()}


def c51_projection(i, a):
    low, high, atoms = a['vmin'], a['vmax'], a['atoms']
    width = (high - low) / (atoms - 1)
    moved = i['rewards'][:, None] + i['discounts'][:, None] * torch.linspace(low, high, atoms, dtype=torch.float64)
    place = (moved.clamp(low, high) - low) / width
    # A triangle around each atom: 1 on it, 0 from the neighbouring atoms on.
    share = (1 - (place[:, :, None] - torch.arange(atoms)).abs()).clamp(min=0)
    return (i['next_probs'][:, :, None] * share).sum(1)


def quantile_huber(i, a):
    quantiles, targets, kappa = i['quantiles'], i['targets'], a['kappa']
    count = quantiles.shape[1]
    u = targets[:, None, :] - quantiles[:, :, None]
    tau = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    huber = F.huber_loss(u, torch.zeros_like(u), reduction='none', delta=kappa) / kappa
    return ((tau[None, :, None] - (u.detach() < 0).double()).abs() * huber).mean(2).sum(1).mean()


def per(i, a):
    scaled = i['priorities'] ** a['alpha']
    probs = scaled / scaled.sum()
    raw = (len(probs) * probs) ** -a['beta']
    batch = raw[i['batch']]
    return {'probs': probs, 'raw_weights': raw, 'weights_by_buffer_max': batch / raw.max(), 'weights_by_batch_max': batch / batch.max()}


def per_prefix_search(i, a):
    sums = i['priorities'].cumsum(0)
    return {'indices': torch.searchsorted(sums, i['uniforms'] * sums[-1], right=True)}


def polyak(i, a):
    after, target = [], i['target']
    for _ in range(10):
        target = (1 - a['tau']) * target + a['tau'] * i['online']
        after.append(target)
    return {'after_1': after[0], 'after_10': after[-1]}


def bootstrapped(i, a, values):
    return i['rewards'] + a['gamma'] * torch.where(i['terminated'], 0.0, values)


def sac_actor_loss(i, a):
    u = i['mean'] + i['log_std'].exp() * i['noise']
    action = torch.tanh(u)
    log_probs = squashed_log_prob(u, i['mean'], i['log_std'])
    q1 = i['b1'] - ((action - i['c1']) ** 2).sum(-1)
    q2 = i['b2'] - 0.5 * ((action - i['c2']) ** 2).sum(-1)
    loss = (a['alpha'] * log_probs - torch.minimum(q1, q2)).mean()
    return {'loss': loss, 'log_probs': log_probs, 'action': action, 'q1': q1, 'q2': q2}


def symlog(x):
    return x.sign() * x.abs().log1p()


def symexp(x):
    return x.sign() * x.abs().expm1()


def two_hot(values, a):
    bins = torch.linspace(a['low'], a['high'], a['bins'], dtype=torch.float64)
    place = (values.clamp(a['low'], a['high']) - a['low']) / ((a['high'] - a['low']) / (a['bins'] - 1))
    weights = (1 - (place[:, None] - torch.arange(a['bins'])).abs()).clamp(min=0)
    return {'out': weights, 'decoded': weights @ bins}


def two_hot_symlog(i, a):
    hot = two_hot(symlog(i['values']), a)
    return {**hot, 'decoded': symexp(hot['decoded'])}


def two_hot_loss(i, a):
    hot = two_hot(i['values'], a)
    bins = torch.linspace(a['low'], a['high'], a['bins'], dtype=torch.float64)
    return {'loss': F.cross_entropy(i['logits'], hot['out']), 'decoded': i['logits'].softmax(-1) @ bins}


def hl_gauss(i, a):
    edges = torch.linspace(a['low'], a['high'], a['bins'] + 1, dtype=torch.float64)
    mean = i['values'].clamp(a['low'], a['high'])[:, None]
    cdf = Normal(mean, a['sigma']).cdf(edges)
    weights = cdf.diff(dim=1) / (cdf[:, -1:] - cdf[:, :1])
    return {'out': weights, 'decoded': weights @ ((edges[1:] + edges[:-1]) / 2)}


def running_stats(i, a):
    seen, out = [], {}
    for k, batch in enumerate(i.values()):
        seen.append(batch)
        rows = torch.cat(seen)
        out |= {f'mean_{k}': rows.mean(0), f'var_{k}': rows.var(0, correction=0)}
    return out


TABLE = {
    'discounted_returns': discounted_returns,
    'gae': gae,
    'n_step': n_step,
    'lambda_returns': lambda_returns,
    'reinforce': lambda i, a: -(log_probs(i) * (i['returns'] - i['baseline'])).mean(),
    'reinforce_sum': lambda i, a: -(log_probs(i) * i['returns']).sum(),
    'advantage_norm': lambda i, a: (i['advantages'] - i['advantages'].mean())
    / (i['advantages'].std(correction=a['correction']) + a['eps']),
    'ppo_loss': ppo_loss,
    'ppo_total_loss': ppo_total_loss,
    'ppo_loss_gaussian': ppo_loss_gaussian,
    'value_loss_clipped': value_loss_clipped,
    'value_loss': value_loss,
    'dqn_target': lambda i, a: bootstrapped(i, a, i['next_q_target'].amax(1)),
    'double_dqn_target': double_dqn_target,
    'dqn_n_step_target': lambda i, a: i['reward_sums'] + i['discounts'] * i['next_q_target'].amax(1),
    'dqn_loss_huber': lambda i, a: F.huber_loss(chosen(i['q'], i['actions']), i['targets']),
    'dqn_loss_mse': lambda i, a: F.mse_loss(chosen(i['q'], i['actions']), i['targets']),
    'dqn_loss_weighted': dqn_loss_weighted,
    'dueling': lambda i, a: i['value'] + i['advantage'] - i['advantage'].mean(1, keepdim=True),
    'c51_projection': c51_projection,
    'c51_loss': lambda i, a: F.cross_entropy(i['logits'], i['target_probs']),
    'quantile_huber': quantile_huber,
    'per': per,
    'per_prefix_search': per_prefix_search,
    'polyak': polyak,
    'sac_target': lambda i, a: bootstrapped(i, a, torch.minimum(i['next_q1'], i['next_q2']) - a['alpha'] * i['next_log_probs']),
    'sac_critic_loss': lambda i, a: F.mse_loss(i['q1'], i['targets']) + F.mse_loss(i['q2'], i['targets']),
    'sac_actor_loss': sac_actor_loss,
    'sac_alpha_loss_log': lambda i, a: -(i['log_alpha'] * (i['log_probs'] + a['target_entropy'])).mean(),
    'sac_alpha_loss_exp': lambda i, a: -(i['log_alpha'].exp() * (i['log_probs'] + a['target_entropy'])).mean(),
    'td3_smoothing': lambda i, a: (
        i['target_action'] + (a['sigma'] * i['noise']).clamp(-a['noise_clip'], a['noise_clip'])
    ).clamp(-a['action_limit'], a['action_limit']),
    'td3_target': lambda i, a: bootstrapped(i, a, torch.minimum(i['next_q1'], i['next_q2'])),
    'two_hot': lambda i, a: two_hot(i['values'], a),
    'two_hot_symlog': two_hot_symlog,
    'two_hot_loss': two_hot_loss,
    'hl_gauss': hl_gauss,
    'symlog': lambda i, a: symlog(i['x']),
    'symexp': lambda i, a: symexp(i['x']),
    'running_stats': running_stats,
}
