#!/usr/bin/env python3
"""What onus does on a terminal: colours and the bar there, neither in a pipe, and Ctrl-C.

usage: test_terminal.py --onus FILE
A pseudo-terminal stands in for the real one. Prints TAP.
"""

import argparse
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
PASSED_ON = ("ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS")  # from the quality gates
SMALL = SOURCE / "tests/golden/common/small.sh"


def on_terminal(onus, args, folder, environment=None, act=None, columns=80):
    """Runs onus with stdin, stdout and stderr on a terminal. @return (exit code, what was drawn)"""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        passed_on = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        os.execve(onus, [str(onus), *args], {"TERM": "xterm", **passed_on, **(environment or {})})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    drawn = b""
    while True:
        ready, _, _ = select.select([terminal], [], [], 60)
        if not ready:
            os.kill(pid, signal.SIGKILL)
            raise AssertionError("nothing was drawn for a minute")
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        drawn += piece
        if act is not None:
            act(pid, terminal, drawn)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), drawn.decode("utf-8", "replace")


def large_case(folder, side):
    """A case over side * side areas; the pairs of areas take most of the time."""
    subprocess.run(["sh", "-eu", "-c", f'. "{SMALL}"; large_case {side}'], cwd=folder, check=True)


def left(folder):
    return sorted(str(p.relative_to(folder)) for p in Path(folder).rglob("*"))


def colours_on_a_terminal(onus, folder):
    code, drawn = on_terminal(onus, ["tri"], folder)
    assert code == 64 and "\033[1;31merror:" in drawn, drawn


def no_colours_when_asked(onus, folder):
    for args, environment in ((["tri", "--no-color"], {}), (["tri"], {"NO_COLOR": "1"}), (["tri"], {"TERM": "dumb"})):
        _, drawn = on_terminal(onus, args, folder, environment)
        assert "\033" not in drawn, drawn
    _, drawn = on_terminal(onus, ["tri"], folder, {"NO_COLOR": ""})
    assert "\033" in drawn, "an empty NO_COLOR counts as unset"


def bar_on_a_terminal_is_gone_at_the_end(onus, folder):
    large_case(folder, 40)
    code, drawn = on_terminal(onus, ["try", "case.yaml"], folder)
    assert code == 0, drawn
    assert "[#" in drawn or "[." in drawn, "no bar was drawn"
    last_bar = max(drawn.rfind("#]"), drawn.rfind(".]"))
    assert "\r\033[K" in drawn[last_bar:], "the last bar was not removed"
    bars = [part for part in drawn.split("\r\033[K") if part.endswith(" %")]
    assert bars and max(map(len, bars)) < 80, bars


def bar_follows_the_width(onus, folder):
    large_case(folder, 60)
    resized = []

    def act(pid, terminal, drawn):
        if not resized and b"[" in drawn:
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 44, 0, 0))
            os.kill(pid, signal.SIGWINCH)
            resized.append(len(drawn))

    code, drawn = on_terminal(onus, ["try", "case.yaml"], folder, act=act, columns=100)
    assert code == 0, drawn
    assert resized, "no bar was drawn"
    bars = [part for part in drawn[resized[0] :].split("\r\033[K") if part.endswith(" %")]
    assert bars and max(map(len, bars[1:] or bars)) <= 44, bars[-3:]


def nothing_is_drawn_in_a_pipe(onus, folder):
    large_case(folder, 20)
    done = subprocess.run(
        [onus, "try", "case.yaml"], cwd=folder, capture_output=True, text=True, env={"TERM": "xterm"}, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "\r" not in done.stdout + done.stderr and "\033" not in done.stdout + done.stderr


def ctrl_c_leaves_nothing(onus, folder):
    large_case(folder, 100)
    before = left(folder)
    sent = []

    def act(_, terminal, drawn):
        if not sent and b"[" in drawn:
            os.write(terminal, b"\x03")
            sent.append(time.monotonic())

    code, drawn = on_terminal(onus, ["try", "case.yaml", "--threads", "1"], folder, act=act)
    assert sent, "no bar was drawn"
    assert code == 130, f"exit code {code}: {drawn}"
    assert "interrupted" in drawn, drawn
    assert left(folder) == before, left(folder)
    assert time.monotonic() - sent[0] < 5, "it took more than 5 s to stop"


def second_ctrl_c_ends_at_once(onus, folder):
    large_case(folder, 100)
    before = left(folder)
    sent = []

    def act(pid, _, drawn):
        if not sent and b"[" in drawn:
            os.kill(pid, signal.SIGTERM)
            os.kill(pid, signal.SIGINT)
            sent.append(True)

    code, drawn = on_terminal(onus, ["try", "case.yaml", "--threads", "1"], folder, act=act)
    assert code == 130, f"exit code {code}: {drawn}"
    assert left(folder) == before, left(folder)


TESTS = [
    colours_on_a_terminal,
    no_colours_when_asked,
    bar_on_a_terminal_is_gone_at_the_end,
    bar_follows_the_width,
    nothing_is_drawn_in_a_pipe,
    ctrl_c_leaves_nothing,
    second_ctrl_c_ends_at_once,
]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--onus", type=Path, default=SOURCE / "build" / "onus")
    onus = parser.parse_args().onus.resolve()
    print(f"1..{len(TESTS)}")
    n_failed = 0
    for number, test in enumerate(TESTS, 1):
        with tempfile.TemporaryDirectory(prefix="terminal-") as folder:
            try:
                test(onus, folder)
                print(f"ok {number} - {test.__name__}")
            except AssertionError as problem:
                n_failed += 1
                print(f"not ok {number} - {test.__name__}")
                for line in str(problem).splitlines():
                    print(f"# {line!r}")
        sys.stdout.flush()
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
