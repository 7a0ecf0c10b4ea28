"""Counts single tests in meson's log: TAP subtests one by one, other tests as one each.

usage: count_tests.py testlog.json
Prints one line a test: passed|failed|skipped, a tab, name, a tab, reason.
"""

import json
import re
import sys

TAP_LINE = re.compile(r"^\s*(not ok|ok)\b\s*\d*\s*(?:-\s*)?(.*)$")
SKIP = re.compile(r"#\s*skip\b:?\s*(.*)$", re.IGNORECASE)
TODO = re.compile(r"#\s*todo\b", re.IGNORECASE)
FAILED = {"FAIL", "TIMEOUT", "INTERRUPT", "ERROR", "UNEXPECTEDPASS"}


def tap_results(text):
    """Also cmocka's own form of a skip, "not ok 3 # SKIP name", whose reason it printed before."""
    said = ""
    for line in text.splitlines():
        match = TAP_LINE.match(line)
        if not match:
            said = line.lstrip("# ").strip() or said
            continue
        word, name = match.groups()
        skipped = SKIP.search(name)
        if skipped and skipped.start() == 0:
            yield "skipped", skipped.group(1).strip(), said
        elif skipped:
            yield "skipped", name[: skipped.start()].strip(), skipped.group(1).strip()
        elif word == "ok":
            yield "passed", name.strip(), ""
        else:
            yield "failed", TODO.split(name)[0].strip(), said
        said = ""


def results(entry):
    found = list(tap_results(entry.get("stdout") or ""))
    name, result = entry["name"], entry["result"]
    for kind, subtest, reason in found:
        yield kind, f"{name}: {subtest}", reason
    if result in FAILED and not any(kind == "failed" for kind, _, _ in found):
        yield "failed", name, result.lower()
    elif not found:
        last = (entry.get("stdout") or entry.get("stderr") or "").strip().splitlines()[-1:]
        if result == "SKIP":
            yield "skipped", name, last[0] if last else ""
        elif result not in FAILED:
            yield "passed", name, ""


def main():
    with open(sys.argv[1], encoding="utf-8") as log:
        for line in log:
            for kind, name, reason in results(json.loads(line)):
                clean = [part.replace("\t", " ") for part in (kind, name, reason)]
                print("\t".join(clean))


if __name__ == "__main__":
    main()
