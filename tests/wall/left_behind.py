"""What a run left behind, for the tests of the wall: every file and stream, and what is in them.

The tests plant words that occur nowhere else in what a trial is given; whatever holds one of them
afterwards has let something through. Used by every test_*.py beside it; knows no kind of trial.
"""
import os
import subprocess
import sys


def run(onus, folder, *more):
    """Tries the folder's case.yaml; report and trace are asked for, so that they can be searched."""
    return subprocess.run([onus, "try", "case.yaml", "--output", "report", "--trace", *more],
                          cwd=folder, capture_output=True, check=False)


def everything(folder, got):
    """Every byte that a run left behind, by where it was."""
    out = {"stdout": got.stdout, "stderr": got.stderr}
    for root, _, files in os.walk(os.path.join(folder, "report")):
        for file in files:
            path = os.path.join(root, file)
            with open(path, "rb") as handle:
                out[os.path.relpath(path, folder)] = handle.read()
    return out


def holders(left, words, any_case=False):
    """Where any of these words (bytes) stands, and which; any_case: however it is written."""
    if any_case:
        words = [word.lower() for word in words]
        left = {where: data.lower() for where, data in left.items()}
    return [(where, word) for where, data in left.items() for word in words if word in data]


def without_digests(value, digits=None):
    """Results without digests of inputs, which differ because the inputs do; digits: of numbers that
    are compared, all where it is None."""
    if isinstance(value, dict):
        return {k: without_digests(v, digits) for k, v in value.items() if k != "sha256"}
    if isinstance(value, list):
        return [without_digests(v, digits) for v in value]
    if isinstance(value, float) and digits is not None:
        return float(f"{value:.{digits}g}")
    return value


def check(ok, text):
    check.n += 1
    print(f"{'ok' if ok else 'not ok'} {check.n} - {text}")
    check.failed += 0 if ok else 1


check.n = 0
check.failed = 0


def has_run(got, text):
    """Checks that the trial ran; prints why where it did not."""
    check(got.returncode == 0, text)
    if got.returncode != 0:
        sys.stderr.buffer.write(got.stderr)
    return got.returncode == 0


def finish():
    """Exit status of the test."""
    print(f"1..{check.n}")
    return 1 if check.failed else 0
