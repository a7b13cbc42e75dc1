"""The runs of test/golden/torch/{optim,mlp}.json: optimizers, clipping, schedules and whole networks."""

import warnings

import torch
import torch.nn.functional as F
from torch.optim import lr_scheduler

OPTIMIZERS = {'sgd': 'SGD', 'adam': 'Adam', 'adamw': 'AdamW', 'rmsprop': 'RMSprop', 'adagrad': 'Adagrad'}


def optim(case, read):
    if case['op'] == 'schedule':
        return schedule(case)
    inputs = {name: read(each) for name, each in case['inputs'].items()}
    a = case.get('attrs') or {}
    if case['op'] in ('clip_grad_norm', 'clip_grad_value'):
        parameters = [torch.nn.Parameter(torch.zeros_like(each)) for each in inputs.values()]
        for parameter, gradient in zip(parameters, inputs.values()):
            parameter.grad = gradient.clone()
        if case['op'] == 'clip_grad_value':
            norm = {}
            torch.nn.utils.clip_grad_value_(parameters, a['clip_value'])
        else:
            norm = {'total_norm': torch.nn.utils.clip_grad_norm_(parameters, a['max_norm'], float(a['norm_type']))}
        return {'outputs': {**norm, **{name: each.grad for name, each in zip(inputs, parameters)}}}
    return optimizer(case, inputs, read)


def optimizer(case, inputs, read):
    """`optimizer` computes its gradients; `optimizer_given_grads` and `optimizer_groups` have them in the file."""
    names = list(case['params'])
    parameters = {name: inputs[name].clone().requires_grad_(True) for name in names}
    kind = getattr(torch.optim, OPTIMIZERS[case['optimizer']])
    if 'groups' in case:
        steps = kind([{**{k: v for k, v in each.items() if k != 'param'}, 'params': [parameters[each['param']]]} for each in case['groups']])
    else:
        settings = {k: tuple(v) if isinstance(v, list) else v for k, v in case['attrs'].items()}
        steps = kind(list(parameters.values()), **settings)
    computes = case['op'] == 'optimizer'
    given = None if computes else {name: read(each) for name, each in case['grads'].items()}
    losses, grads, after = [], {name: [] for name in names}, {name: [] for name in names}
    for step in range(case['steps']):
        steps.zero_grad()
        if computes:
            p, q = parameters['p'], parameters['q']
            loss = 0.5 * (inputs['a'] * (p - inputs['c']) ** 2).sum()
            loss = loss + 5 * ((q[1:] - q[:-1] ** 2) ** 2).sum() + 0.5 * ((1 - q[:-1]) ** 2).sum()
            loss.backward()
            losses.append(loss.detach())
        else:
            for name in names:
                parameters[name].grad = given[name][step].clone()
        for name in names:
            grads[name].append(parameters[name].grad.clone())
        steps.step()
        for name in names:
            after[name].append(parameters[name].detach().clone())
    figures = {'params': {name: torch.stack(each) for name, each in after.items()}}
    if computes:
        figures |= {'grads': {name: torch.stack(each) for name, each in grads.items()}, 'losses': torch.stack(losses)}
    return figures


def schedule(case):
    steps = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=case['base_lr'], momentum=0.9)
    scheduler = scheduler_of(steps, case['schedule'], case['attrs'])
    lr, momentum = [], []
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # OneCycleLR and SequentialLR call deprecated parts of themselves
        for step in range(case['steps']):
            lr.append(steps.param_groups[0]['lr'])
            momentum.append(steps.param_groups[0]['momentum'])
            steps.step()
            if step + 1 < case['steps']:
                scheduler.step()
    figures = {'lr': lr, 'momentum': momentum}
    return {key: figures[key] for key in figures if key in case}


def scheduler_of(steps, name, settings):
    settings = dict(settings)
    if 'parts' in settings:
        parts = [scheduler_of(steps, each['schedule'], {k: v for k, v in each.items() if k != 'schedule'}) for each in settings['parts']]
        return lr_scheduler.SequentialLR(steps, parts, settings['milestones'])
    return getattr(lr_scheduler, name)(steps, **settings)


def mlp(case, read):
    a = case['attrs']
    parameters = {name: read(each).requires_grad_(True) for name, each in case['params'].items()}
    x, target = (read(case['inputs'][name]) for name in ('x', 'target'))
    last = 2 * (len(a['sizes']) - 2)
    activation = {'tanh': torch.tanh, 'relu': torch.relu}[a['activation']]
    loss_of = {'mse': F.mse_loss, 'cross_entropy': F.cross_entropy}[a['loss']]

    def forward():
        h = x
        for i in range(0, last + 1, 2):
            h = F.linear(h, parameters[f'{i}.weight'], parameters[f'{i}.bias'])
            h = h if i == last else activation(h)
        return h

    out = forward()
    loss = loss_of(out, target)
    grads = dict(zip(parameters, torch.autograd.grad(loss, list(parameters.values()))))
    adam = torch.optim.Adam(list(parameters.values()), **a['adam'])
    losses = []
    for _ in range(a['steps']):
        adam.zero_grad()
        current = loss_of(forward(), target)
        losses.append(current.detach())
        current.backward()
        adam.step()
    losses.append(loss_of(forward(), target).detach())
    outputs = {'out': out, 'loss': loss}
    return {'outputs': outputs, 'grads': grads, 'losses': torch.stack(losses), 'params_after': parameters}
