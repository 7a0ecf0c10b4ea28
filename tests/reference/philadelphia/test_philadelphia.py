#!/usr/bin/python3
"""Philadelphia, 122,025 records: a product that is known to be a plain count comes out as one.

  test_philadelphia.py --onus EXE --shared DIR

Writes TAP; exit 77 where the records are absent. The product is a count of 2018 that is flagged on every day of 2019
(fixture.py). What is held against the trial is counted here a second way, from the table alone and on the lattice of
degrees that the boxes were laid on.
"""
import argparse
import csv
import gzip
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
from datetime import datetime
from zoneinfo import ZoneInfo

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import fixture  # noqa: E402

# A square of 150 m in the trial's projection and one of the lattice differ by under a metre in a hundred and fifty.
SQUARES_DIFFER = 0.01
MEMORY_MB = 400
NUMBER = 0
FAILED = 0


def fact(good, name, *details):
    global NUMBER, FAILED
    NUMBER += 1
    print(f"{'ok' if good else 'not ok'} {NUMBER} - {name}")
    if not good:
        FAILED += 1
        for detail in details:
            print(f"# {detail}")


def run(onus, case, out, threads):
    done = subprocess.run([onus, "try", case, "-o", out, "--threads", str(threads)], capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        print(f"Bail out! onus ended with {done.returncode}: {done.stderr[-2000:]}")
        sys.exit(1)
    with open(os.path.join(out, "results.json"), "rb") as file:
        return file.read()


def counted_here(folder, records):
    """Hits and captured records of the boxes, on the lattice."""
    def square(lon, lat):
        return (math.floor((lat - fixture.CITY[1]) / fixture.STEP_LAT),
                math.floor((lon - fixture.CITY[0]) / fixture.STEP_LON))
    flagged = set()
    n_flags = 0
    with open(os.path.join(folder, "predictions.csv"), encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            flagged.add((row["day"], square(float(row["lon"]), float(row["lat"]))))
            n_flags += 1
    assert len(flagged) == n_flags
    zone = ZoneInfo("America/New_York")
    hit = set()
    captured = 0
    with gzip.open(records, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["lon"] == "" or row["lat"] == "":
                continue
            when = datetime.fromisoformat(row["utc"].replace("Z", "+00:00")).astimezone(zone)
            at = (when.date().isoformat(), square(float(row["lon"]), float(row["lat"])))
            if at in flagged:
                captured += 1
                hit.add(at)
    return len(hit), captured, n_flags


def near(a, b):
    return abs(a - b) <= SQUARES_DIFFER * b


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--onus", required=True)
    ask.add_argument("--shared", required=True)
    opts = ask.parse_args()
    if "ONUS_SANITIZED" in os.environ:
        print("1..0 # SKIP minutes under a sanitizer; the same code runs there on shorter records")
        sys.exit(77)
    records = os.path.join(opts.shared, "data", "incidents", "philadelphia_part1_2018_2019.csv.gz")
    if not os.path.exists(records):
        print("1..0 # SKIP the shared records are absent")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        case = fixture.write(folder, opts.shared, replicates=500, baselines="uniform, moving_count, long_run")
        one = run(opts.onus, case, os.path.join(folder, "one"), 1)
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        two = run(opts.onus, case, os.path.join(folder, "two"), 2)
        hits, captured, n_flags = counted_here(folder, records)
    results = json.loads(one)

    def measure(name, **scope):
        return next(m for m in results["measures"] if m["id"] == name and m["scope"] == scope)

    fact(one == two, "the same bytes with one thread and with two")
    fact(all(i["rows"] == i["used"] + sum(x["rows"] for x in i["excluded"]) for i in results["evidence"]),
         "every row is used or left out for a reason")
    fact(measure("place.windows")["value"] == 365, "a window for every day of the year")
    fact(measure("place.predictions")["value"] == n_flags, "every box is scored")
    rate = measure("place.hit_rate")
    fact(near(rate["num"], hits) and rate["den"] == n_flags, "boxes with a record, counted twice", rate, hits)
    rate = measure("place.capture_rate")
    fact(near(rate["num"], captured), "records in boxes, counted twice", rate, captured)
    verdicts = [claim["verdict"] for claim in results["claims"]]
    fact(verdicts == ["contradicted", "supported"], "a frozen count beats chance and does not beat counting on", verdicts)
    ratio = measure("place.capture_ratio", baseline="long_run")
    fact(0.9 < ratio["value"] < 1.05, "a count of all records captures about as much", ratio)
    fact(memory < MEMORY_MB, f"within {MEMORY_MB} MB", f"{memory:.0f} MB")
    print(f"1..{NUMBER}")
    sys.exit(1 if FAILED else 0)


main()
