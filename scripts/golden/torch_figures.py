"""Recomputes test/golden/torch/{ops,losses,optim,mlp,rl}.json with PyTorch, from the inputs and settings stored in each case.

/usr/bin/python3 scripts/golden/torch_figures.py --check        compares with the stored figures; exit code 1 where one differs
/usr/bin/python3 scripts/golden/torch_figures.py --write ops    writes the file with the figures computed now

The formulas are in tables.py, training.py and rl.py, the layout in test/golden/torch/README.md. Inputs are not drawn anew: they stay as
they are in the file.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import torch

import rl
import tables
import training

FOLDER = Path(__file__).resolve().parents[2] / 'test/golden/torch'
SPECIAL = {'NaN': math.nan, 'Infinity': math.inf, '-Infinity': -math.inf}
DTYPES = {'int': torch.int64, 'bool': torch.bool}


def read(stored):
    data = [SPECIAL.get(x, x) if isinstance(x, str) else x for x in stored['data']]
    return torch.tensor(data, dtype=DTYPES.get(stored.get('dtype'), torch.float64)).reshape(stored['shape'])


def stored_form(x, kind):
    """A tensor in the layout of the files; `kind` is the stored dtype, if any."""

    def number(value):
        if math.isfinite(value):
            return int(value) if value == int(value) and str(value) != '-0.0' else value
        return 'NaN' if math.isnan(value) else 'Infinity' if value > 0 else '-Infinity'

    data = [number(each) for each in x.detach().reshape(-1).tolist()]
    return {'shape': list(x.shape), **({'dtype': kind} if kind else {}), 'data': data}


def float64(figure):
    """A tensor, or a list of numbers."""
    return figure.to(torch.float64) if torch.is_tensor(figure) else torch.tensor(figure, dtype=torch.float64)


def differentiated(table):
    """Cases of one formula: outputs, and the gradient of sum(out * W) or of the loss."""

    def compute(case):
        inputs = {name: read(each) for name, each in case['inputs'].items()}
        wanted = list(case.get('grads', {}))
        for name in wanted:
            inputs[name].requires_grad_(True)
        outputs = table[case['op']](inputs, case.get('attrs') or {})
        if not isinstance(outputs, dict):
            outputs = {next(iter(case['outputs'])): outputs}
        figures = {'outputs': outputs}
        if wanted:
            scalar = (outputs['out'] * read(case['W'])).sum() if 'W' in case else outputs['loss']
            leaves = [inputs[name] for name in wanted]
            grads = torch.autograd.grad(scalar, leaves, allow_unused=True)
            figures['grads'] = {n: torch.zeros_like(x) if g is None else g for n, x, g in zip(wanted, leaves, grads)}
        return figures

    return compute


FILES = {
    'ops': differentiated(tables.OPS),
    'losses': differentiated(tables.LOSSES),
    'optim': lambda case: training.optim(case, read),
    'mlp': lambda case: training.mlp(case, read),
    'rl': differentiated(rl.TABLE),
}


def pairs(stored, computed, path):
    """(where, stored figure, computed figure), by the stored names: no figure of the file is left out."""
    if isinstance(stored, dict) and 'shape' not in stored:
        for name, each in stored.items():
            yield from pairs(each, computed[name], f'{path}.{name}')
    else:
        yield path, float64(read(stored) if isinstance(stored, dict) else stored), float64(computed)


def write(parent, key, computed):
    stored = parent[key]
    if isinstance(stored, dict) and 'shape' not in stored:
        for name in stored:
            write(stored, name, computed[name])
    else:
        parent[key] = stored_form(computed, stored.get('dtype')) if isinstance(stored, dict) else computed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument('--check', action='store_true')
    action.add_argument('--write', action='store_true')
    parser.add_argument('files', nargs='*', help=f'of {", ".join(FILES)}; default all')
    given = parser.parse_args()
    failed = 0
    for name in given.files or FILES:
        path = FOLDER / f'{name}.json'
        file = json.loads(path.read_text())
        matches = bits = 0
        for case in file['cases']:
            try:
                computed = FILES[name](case)
                found = [pair for key in computed for pair in pairs(case[key], computed[key], key)]
            except Exception as error:
                print(f'{name}: {case["name"]}: {type(error).__name__}: {error}')
                continue
            tolerance = case.get('tol64') or {'rtol': 1e-10, 'atol': 1e-10}
            wrong, equal = [], True
            for where, old, new in found:
                equal = equal and old.shape == new.shape and bool(((old == new) | (old.isnan() & new.isnan())).all())
                if old.shape != new.shape or not torch.allclose(new, old, **tolerance, equal_nan=True):
                    wrong.append(where)
            matches += not wrong
            bits += equal
            if wrong:
                print(f'{name}: {case["name"]}: {", ".join(wrong)} differ')
            if given.write:
                for key in computed:
                    write(case, key, computed[key])
        total = len(file['cases'])
        failed += total - matches
        print(f'{name}: {matches} of {total} cases match, {bits} to the last bit (PyTorch {torch.__version__}, file {file["torch"]})')
        if given.write:
            head = json.dumps({**file, 'cases': []})[: -len(']}')]
            cases = ',\n'.join(json.dumps(case, separators=(',', ':'), ensure_ascii=False) for case in file['cases'])
            path.write_text(f'{head}\n{cases}\n]}}\n')
    sys.exit(failed > 0)


if __name__ == '__main__':
    main()
