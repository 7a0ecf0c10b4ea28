#!/usr/bin/python3
"""Case files against schemas/case.schema.json, as an editor that knows JSON Schema would see them.

usage: test_case_schema.py SCHEMA CASES SHARED   (TAP; 77 without python3-jsonschema or python3-yaml)
"""
import copy
import datetime
import glob
import json
import sys

try:
    import jsonschema
    import yaml
except ImportError:
    print("1..0 # SKIP python3-jsonschema or python3-yaml is not installed")
    sys.exit(77)

schema_path, cases, shared = sys.argv[1:]
n = failed = 0


def ok(good, fact, details=""):
    global n, failed
    n += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {n} - {fact}")
    if not good:
        print(f"# {details}")


def plain(value):
    """YAML's dates are text to us, as they are to JSON."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, datetime.date) else value


with open(schema_path, encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
ok(True, "the schema is a JSON Schema of draft 2020-12")


def complaint(case):
    error = next(iter(validator.iter_errors(case)), None)
    return None if error is None else f"{list(error.path)}: {error.message}"


paths = sorted(glob.glob(f"{cases}/*.yaml")) + sorted(glob.glob(f"{shared}/design/cases/*.yaml"))
for path in paths:
    with open(path, encoding="utf-8") as file:
        case = plain(yaml.safe_load(file))
    said = complaint(case)
    ok(said is None, f"{path.split('/')[-1]} is valid", said)

with open(f"{cases}/predpol.yaml", encoding="utf-8") as file:
    good = plain(yaml.safe_load(file))


def damaged(fact, change):
    case = copy.deepcopy(good)
    change(case)
    ok(complaint(case) is not None, f"refused: {fact}")


damaged("an unknown key", lambda c: c.update(claim=[]))
damaged("a key of another kind of case", lambda c: c.update(labels={"file": "x"}))
damaged("an unknown kind", lambda c: c.update(kind="plase"))
damaged("no title", lambda c: c.pop("title"))
damaged("a length without a unit", lambda c: c["predictions"].update(size=150))
damaged("a number with junk behind it", lambda c: c["protocol"].update(seed="42abc"))
damaged("a level of 1", lambda c: c["protocol"].update(resample={"level": 1}))
damaged("an unknown form", lambda c: c["predictions"].update(form="circles"))
damaged("a universe without a total", lambda c: c["people"]["universes"][0].pop("total"))
damaged("a claim without a measure", lambda c: c["claims"][0].pop("measure"))
print(f"1..{n}")
sys.exit(failed > 0)
