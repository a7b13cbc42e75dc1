"""The formulas of test/golden/torch/{ops,losses}.json in PyTorch: a function (inputs, attrs) -> outputs for each `op`."""

import math

import torch
import torch.nn.functional as F
from torch.distributions import Categorical, Normal, kl_divergence


def axis(f):
    """Reduces `dim`, or everything where it is None."""
    return lambda x, a: f(x, **{**a, 'dim': tuple(range(x.dim())) if a.get('dim') is None else a['dim']})


def best(f):
    def call(x, a):
        if a.get('dim') is None:
            return {'out': f(x)}
        values, indices = f(x, a['dim'], a['keepdim'])
        return {'out': values, 'indices': indices}

    return call


def index_of(f):
    return lambda x, a: f(x, a['dim'], a['keepdim'])


def composite(i, a):
    x, w = i.get('x'), i.get('w')
    return {
        'x*x + x': lambda: x * x + x,
        'x + x': lambda: x + x,
        'y = x*w; out = y*y + tanh(y) + x': lambda: (x * w) * (x * w) + torch.tanh(x * w) + x,
        'out = -sum(softmax(x)*log_softmax(x), -1)': lambda: -(x.softmax(-1) * x.log_softmax(-1)).sum(-1),
        'out = x * detach(x)': lambda: x * x.detach(),
        'out = (x - mean(x,0,keepdim)) / (std(x,0,keepdim,correction=0) + 1e-5)': lambda: (x - x.mean(0, keepdim=True))
        / (x.std(0, keepdim=True, correction=0) + 1e-5),
        'a = x@w; out = softmax(a @ transpose(a), -1) @ x': lambda: torch.softmax((x @ w) @ (x @ w).T, -1) @ x,
        'matmul(transpose(a), transpose(b))': lambda: i['a'].T @ i['b'].T,
        'reshape(transpose(x), [-1])': lambda: x.T.reshape(-1),
    }[a['expr']]()


BINARY = {'add': torch.add, 'sub': torch.sub, 'mul': torch.mul, 'div': torch.div, 'matmul': torch.matmul}
BINARY |= {'maximum': torch.maximum, 'minimum': torch.minimum}
SCALAR = {
    'add_scalar': lambda x, s: x + s,
    'sub_scalar': lambda x, s: x - s,
    'rsub_scalar': lambda x, s: s - x,
    'mul_scalar': lambda x, s: x * s,
    'div_scalar': lambda x, s: x / s,
    'rdiv_scalar': lambda x, s: s / x,
}
# Of `x` and the settings.
UNARY = {
    **{name: (lambda f: lambda x, a: f(x))(getattr(torch, name)) for name in ('neg', 'exp', 'log', 'sqrt', 'abs', 'relu', 'tanh', 'sigmoid')},
    'leaky_relu': lambda x, a: F.leaky_relu(x, **a),
    'elu': lambda x, a: F.elu(x, **a),
    'gelu': lambda x, a: F.gelu(x),
    'gelu_tanh': lambda x, a: F.gelu(x, approximate='tanh'),
    'softplus': lambda x, a: F.softplus(x),
    'silu': lambda x, a: F.silu(x),
    'pow': lambda x, a: x ** a['exponent'],
    'clamp': lambda x, a: x.clamp(a.get('min'), a.get('max')),
    'transpose': lambda x, a: x.transpose(a['dim0'], a['dim1']),
    'permute': lambda x, a: x.permute(a['dims']),
    'reshape': lambda x, a: x.reshape(a['shape']),
    'expand': lambda x, a: x.expand(a['shape']),
    'unsqueeze': lambda x, a: x.unsqueeze(a['dim']),
    'squeeze': lambda x, a: x.squeeze(a['dim']),
    'sum': axis(torch.sum),
    'mean': axis(torch.mean),
    'amax': axis(torch.amax),
    'amin': axis(torch.amin),
    'var': axis(lambda x, **a: torch.var(x, **a)),
    'std': axis(lambda x, **a: torch.std(x, **a)),
    'max': best(torch.max),
    'min': best(torch.min),
    'argmax': index_of(torch.argmax),
    'argmin': index_of(torch.argmin),
    'softmax': lambda x, a: x.softmax(a['dim']),
    'log_softmax': lambda x, a: x.log_softmax(a['dim']),
    'logsumexp': lambda x, a: x.logsumexp(a['dim'], a.get('keepdim', False)),
    'slice': lambda x, a: x[tuple(slice(*each) for each in a['slices'])],
    'narrow': lambda x, a: x.narrow(a['dim'], a['start'], a['length']),
    'select': lambda x, a: x.select(a['dim'], a['index']),
    'cumsum': lambda x, a: x.cumsum(a['dim']),
}
OPS = {
    **{name: (lambda f: lambda i, a: f(i['a'], i['b']))(f) for name, f in BINARY.items()},
    **{name: (lambda f: lambda i, a: f(i['x'], a['scalar']))(f) for name, f in SCALAR.items()},
    **{name: (lambda f: lambda i, a: f(i['x'], a))(f) for name, f in UNARY.items()},
    'linear': lambda i, a: F.linear(i['x'], i['weight'], i.get('bias')),
    'composite': composite,
    'gather': lambda i, a: i['x'].gather(a['dim'], i['index']),
    'index_select': lambda i, a: i['x'].index_select(a['dim'], i['index']),
    'embedding': lambda i, a: F.embedding(i['index'], i['weight']),
    'one_hot': lambda i, a: F.one_hot(i['index'], a['num_classes']),
    'concat': lambda i, a: torch.cat(list(i.values()), a['dim']),
    'stack': lambda i, a: torch.stack(list(i.values()), a['dim']),
    'where': lambda i, a: torch.where(i['cond'], i['a'], i['b']),
    'layer_norm': lambda i, a: F.layer_norm(i['x'], a['normalized_shape'], i.get('weight'), i.get('bias'), a['eps']),
}


def kd(i, a, reverse=False):
    """T^2 * mean over rows of KL, from the teacher to the student or the reverse."""
    t = a['temperature']
    student, teacher = (i[f'{name}_logits'] / t for name in ('student', 'teacher'))
    p, q = (student, teacher.detach()) if reverse else (teacher.detach(), student)
    log_p, log_q = p.log_softmax(-1), q.log_softmax(-1)
    return t * t * (log_p.exp() * (log_p - log_q)).sum(-1).mean()


def kd_mix(i, a):
    hard, soft = F.cross_entropy(i['student_logits'], i['labels']), kd(i, a)
    return {'loss': a['alpha'] * hard + (1 - a['alpha']) * soft, 'hard': hard, 'soft': soft}


def entropy(logits):
    """-sum p log p; masked logits (-Infinity) add 0 and have gradient 0."""
    masked = torch.isneginf(logits)
    log_p = logits.log_softmax(-1)
    return -(log_p.exp() * log_p.masked_fill(masked, 0)).sum(-1)


def squashed_log_prob(u, mean, log_std, scale=1.0):
    """Log-probability of scale * tanh(u) + bias, summed over the last axis."""
    # logaddexp, because F.softplus returns x itself above 20
    log_slope = 2 * (math.log(2) - u - torch.logaddexp(torch.zeros_like(u), -2 * u))
    return (Normal(mean, log_std.exp()).log_prob(u) - log_slope - math.log(scale)).sum(-1)


def squashed_gaussian(i, a):
    u = i['mean'] + i['log_std'].exp() * i['noise']
    action = torch.tanh(u) * a['scale'] + a['bias']
    return {'out': squashed_log_prob(u, i['mean'], i['log_std'], a['scale']), 'pre_tanh': u, 'action': action}


def normal(i):
    return Normal(i['mean'], i['std'])


def normal_kl(i):
    return kl_divergence(Normal(i['mean_p'], i['std_p']), Normal(i['mean_q'], i['std_q']))


LOSSES = {
    'mse': lambda i, a: F.mse_loss(i['input'], i['target'], **a),
    'l1': lambda i, a: F.l1_loss(i['input'], i['target'], **a),
    'huber': lambda i, a: F.huber_loss(i['input'], i['target'], **a),
    'smooth_l1': lambda i, a: F.smooth_l1_loss(i['input'], i['target'], **a),
    'cross_entropy': lambda i, a: F.cross_entropy(i['logits'], i['labels'], i.get('weight'), **a),
    'cross_entropy_soft': lambda i, a: F.cross_entropy(i['logits'], i['target_probs'], **a),
    'nll': lambda i, a: F.nll_loss(i['log_probs'], i['labels'], **a),
    'bce_with_logits': lambda i, a: F.binary_cross_entropy_with_logits(i['logits'], i['target'], pos_weight=i.get('pos_weight'), **a),
    'bce': lambda i, a: F.binary_cross_entropy(i['probs'], i['target'], **a),
    'kl_div': lambda i, a: F.kl_div(i['input_log_probs'], i['target'], **a),
    'kd': kd,
    'kd_reverse': lambda i, a: kd(i, a, reverse=True),
    'kd_mix': kd_mix,
    'gaussian_nll': lambda i, a: F.gaussian_nll_loss(i['input'], i['target'], i['var'], **a),
    'normal_log_prob': lambda i, a: normal(i).log_prob(i['value']),
    'normal_log_prob_sum': lambda i, a: normal(i).log_prob(i['value']).sum(-1),
    'normal_log_prob_log_std': lambda i, a: Normal(i['mean'], i['log_std'].exp()).log_prob(i['value']).sum(-1),
    'normal_entropy': lambda i, a: normal(i).entropy(),
    'normal_kl': lambda i, a: normal_kl(i),
    'normal_kl_diag': lambda i, a: normal_kl(i).sum(-1),
    'normal_kl_standard': lambda i, a: (0.5 * (i['mean'] ** 2 + i['log_var'].exp() - 1 - i['log_var'])).sum(-1).mean(),
    'categorical_log_prob': lambda i, a: Categorical(logits=i['logits']).log_prob(i['value']),
    'categorical_probs': lambda i, a: i['logits'].softmax(-1),
    'categorical_entropy': lambda i, a: entropy(i['logits']),
    'categorical_entropy_mean': lambda i, a: entropy(i['logits']).mean(),
    'categorical_kl': lambda i, a: kl_divergence(Categorical(logits=i['logits_p']), Categorical(logits=i['logits_q'])),
    'squashed_gaussian': squashed_gaussian,
    'squashed_gaussian_given': lambda i, a: squashed_log_prob(i['pre_tanh'], i['mean'], i['log_std']),
}
