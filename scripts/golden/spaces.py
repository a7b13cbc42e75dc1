"""Recomputes test/golden/spaces/flatten.json with Gymnasium: each space is seeded by its index and gives three samples.

python3 scripts/golden/spaces.py --check    compares with the stored figures; exit code 1 where one differs
python3 scripts/golden/spaces.py --write    writes the file

Needs Gymnasium 1.4.0 and NumPy; the layout is in test/golden/spaces/README.md.
"""

import argparse
import json
import math
import sys
from pathlib import Path

import gymnasium
import numpy
from gymnasium import spaces
from gymnasium.spaces.utils import flatten, flatten_space

PATH = Path(__file__).resolve().parents[2] / 'test/golden/spaces/flatten.json'


def space_of(given):
    kind = given['type']
    if kind == 'Box':
        low, high = (numpy.array([float(x) for x in given[side]], numpy.float32).reshape(given['shape']) for side in ('low', 'high'))
        return spaces.Box(low, high, dtype=numpy.float32)
    if kind == 'Discrete':
        return spaces.Discrete(given['n'], start=given['start'])
    if kind == 'MultiDiscrete':
        return spaces.MultiDiscrete(given['nvec'])
    if kind == 'MultiBinary':
        return spaces.MultiBinary(given['n'])
    if kind == 'Tuple':
        return spaces.Tuple([space_of(each) for each in given['spaces']])
    return spaces.Dict({key: space_of(each) for key, each in given['spaces']})


def plain(value):
    """A value as JSON, arrays flat and row-major."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    if isinstance(value, numpy.ndarray):
        return [plain(each) for each in value.reshape(-1)]
    value = value.item() if isinstance(value, numpy.generic) else value
    return value if math.isfinite(value) else 'Infinity' if value > 0 else '-Infinity'


def case_of(index, given):
    space = space_of(given)
    space.seed(index)
    flat = flatten_space(space)
    values = [space.sample() for _ in range(3)]
    samples = [{'value': plain(value), 'flat': [float(x) for x in flatten(space, value)]} for value in values]
    return {'space': given, 'low': plain(flat.low.astype(float)), 'high': plain(flat.high.astype(float)), 'samples': samples}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument('--check', action='store_true')
    action.add_argument('--write', action='store_true')
    given = parser.parse_args()
    file = json.loads(PATH.read_text())
    cases = [case_of(index, each['space']) for index, each in enumerate(file['cases'])]
    equal = [new == old for new, old in zip(cases, file['cases'])]
    print(f'{sum(equal)} of {len(equal)} spaces match (Gymnasium {gymnasium.__version__}, NumPy {numpy.__version__})')
    if given.write:
        head = {'format': file['format'], 'gymnasium_version': gymnasium.__version__, 'numpy_version': numpy.__version__}
        lines = ',\n'.join('    ' + json.dumps(each, ensure_ascii=False) for each in cases)
        PATH.write_text(f'{json.dumps(head)[:-1]}, "cases": [\n{lines}\n]}}\n')
    sys.exit(0 if all(equal) else 1)


if __name__ == '__main__':
    main()
