#!/usr/bin/python3
"""Every results.json that can be made here is valid, and the schema notices each kind of damage.

usage: test_schema.py VALIDATE SCHEMA WORK FIXTURE ONUS SHARED   (TAP; 77 without python3-jsonschema)
"""
import copy
import json
import os
import shutil
import subprocess
import sys

try:
    import jsonschema  # noqa: F401  (validate needs it)
except ImportError:
    print("1..0 # SKIP python3-jsonschema is not installed")
    sys.exit(77)

validate, schema, work, fixture, onus, shared = sys.argv[1:]
n = failed = 0


def ok(good, fact, details=""):
    global n, failed
    n += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {n} - {fact}")
    if not good:
        print("".join(f"# {line}\n" for line in details.splitlines()[:10]), end="")


def judge(path):
    done = subprocess.run([sys.executable, validate, schema, path], capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


def good(name, path):
    ok(*judge(path)[:1], f"{name} is valid", judge(path)[1])


def damages():
    """What is done to a valid document, and why it must be refused."""

    def has_value(m):
        return m["value"] is not None and m["interval"] is not None

    def first(r, wanted):
        return next(m for m in r["measures"] if wanted(m))

    return [
        ("a field nobody declared", lambda r: r.update(extra=1)),
        ("a measure's field nobody declared", lambda r: r["measures"][0].update(note="")),
        ("a part that is missing", lambda r: r.pop("evidence")),
        ("another schema's name", lambda r: r.update(schema="onus.results/2")),
        ("a path in the case's name", lambda r: r["case"].update(file="/home/me/case.yaml")),
        ("a digest cut short", lambda r: r["case"].update(sha256="abc")),
        ("a null without a reason", lambda r: first(r, has_value).update(value=None, interval=None, reason=None)),
        ("an interval around nothing", lambda r: first(r, has_value).update(value=None, reason="x")),
        ("a withheld measure with its count", lambda r: first(r, lambda m: m["withheld"]).update(num=7, den=9)),
        ("a verdict that does not exist", lambda r: r["claims"][0].update(verdict="guilty")),
        ("a claim without a bound", lambda r: r["claims"][0].pop("at_most")),
        ("a p-value of 2", lambda r: r["claims"][0].update(p_value=2)),
        ("a grade that does not exist", lambda r: r["questions"][0].update(grade="A")),
        ("an account that does not add up", lambda r: r["evidence"][0].update(used=r["evidence"][0]["used"] + 1)),
        ("a measure that does not exist", lambda r: r["claims"][0].update(measures=[10**6])),
        ("a row shorter than its columns", lambda r: next(iter(r["series"].values()))["rows"][0].pop()),
        ("a measure without a definition", lambda r: r["definitions"].pop(r["measures"][0]["id"])),
        ("a numerator alone", lambda r: first(r, lambda m: m["den"] is not None).update(den=None)),
        ("text where a number belongs", lambda r: first(r, has_value).update(value="1.5")),
    ]


shutil.rmtree(work, ignore_errors=True)
os.makedirs(work)
report = os.path.join(work, "fixture")
run(fixture, report)
source = os.path.join(report, "results.json")
good("the fixture", source)

with open(source, encoding="utf-8") as file:
    results = json.load(file)
target = os.path.join(work, "damaged.json")
for name, damage in damages():
    broken = copy.deepcopy(results)
    damage(broken)
    with open(target, "w", encoding="utf-8") as file:
        json.dump(broken, file, sort_keys=True)
    accepted, said = judge(target)
    ok(not accepted and "damaged.json" in said, f"refused: {name}", said)
with open(target, "w", encoding="utf-8") as file:
    file.write(json.dumps(results, sort_keys=True).replace('"seed": 7', '"seed": NaN'))
ok(not judge(target)[0], "refused: NaN")
with open(target, "w", encoding="utf-8") as file:
    json.dump(dict(reversed(list(results.items()))), file)
ok(not judge(target)[0], "refused: keys out of order")

city = os.path.join(work, "city")
run(onus, "new", "place", city)
run(onus, "try", os.path.join(city, "case.yaml"), "-o", os.path.join(work, "city-report"))
good("the teaching city", os.path.join(work, "city-report", "results.json"))

cases = os.path.join(shared, "design", "cases")
if os.path.isdir(cases):
    for name in sorted(os.listdir(cases)):
        if name.startswith("predpol-") and name.endswith(".yaml"):
            out = os.path.join(work, name[:-5])
            run(onus, "try", os.path.join(cases, name), "--data", os.path.join(shared, "data"), "-o", out)
            good(name, os.path.join(out, "results.json"))
        if name.startswith("match-") and name.endswith(".yaml"):
            out = os.path.join(work, name[:-5])
            run(onus, "try", os.path.join(cases, name), "--data", os.path.join(shared, "expected"), "-o", out)
            good(name, os.path.join(out, "results.json"))
else:
    ok(True, "the shared cases # SKIP they are absent")

print(f"1..{n}")
sys.exit(1 if failed else 0)
