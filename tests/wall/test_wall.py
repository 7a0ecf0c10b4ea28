#!/usr/bin/env python3
"""The wall: which cells a plain method would flag leaves the program nowhere.

A town of 9 by 9 cells in which everything happens in one cell that the product never flags and that
every plain method, fitted to the past, would flag first. Four things are asked:

  1  no file and no stream of a run (results, tables, page, geopackage, trace, log, messages of
     failing runs) holds the name of that cell, of any other cell, or its place
  2  the town mirrored from west to east, so that the methods would flag the mirrored cell, gives the
     same results to the last digit that is printed: had anything about the place come through, the
     two would differ
  3  no public header declares a function of the methods or of the simulated policies, and nothing
     in src/ asks a simulation for rates by cell

  4  the same as 1 of runs that simulate acting on the records: their patrols go to that cell every day

usage: test_wall.py ONUS SOURCE_ROOT
"""
import json
import os
import re
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree may be read-only
from left_behind import check, everything, finish, has_run, holders, run, without_digests  # noqa: E402

SIDE = 9
STEP = 0.01
WEST, SOUTH = -40.045, 39.955
DAYS = 120
FIRST = 60
# The kernel density is laid on pixels from west to east, so that a mirrored town differs in the
# third digit; it is searched for with the others and left out where towns are compared.
ALIKE = "uniform, previous_window, moving_count, long_run, near_repeat, self_exciting"
METHODS = ALIKE + ", kde"


def name(column, row):
    return f"sentinel-{row:02d}-{column:02d}"


def day(n):
    months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    month = 0
    while n >= months[month]:
        n -= months[month]
        month += 1
    return f"2025-{month + 1:02d}-{n + 1:02d}"


def write_town(folder, column, form, methods=METHODS):
    """Everything happens in `column` of row 6; the product flags the middle column of row 2."""
    features = []
    for row in range(SIDE):
        for col in range(SIDE):
            x, y = WEST + col * STEP, SOUTH + row * STEP
            ring = [[x, y], [x + STEP, y], [x + STEP, y + STEP], [x, y + STEP], [x, y]]
            features.append({"type": "Feature", "properties": {"id": name(col, row)},
                             "geometry": {"type": "Polygon",
                                          "coordinates": [[[round(a, 6), round(b, 6)]
                                                           for a, b in ring]]}})
    with open(os.path.join(folder, "grid.geojson"), "w", encoding="utf-8") as out:
        json.dump({"type": "FeatureCollection", "features": features}, out)
    x = WEST + (column + 0.5) * STEP
    y = SOUTH + 6.5 * STEP
    with open(os.path.join(folder, "records.csv"), "w", encoding="utf-8") as out:
        out.write("when,lon,lat\n")
        for n in range(DAYS):
            for hour in (9, 17):
                out.write(f"{day(n)} {hour:02d}:30,{x:.6f},{y:.6f}\n")
            if n % 3 == 0:  # a little where the product looks, so that it captures something
                out.write(f"{day(n)} 12:30,{WEST + 4.5 * STEP:.6f},{SOUTH + 2.5 * STEP:.6f}\n")
    if form == "risk":
        with open(os.path.join(folder, "rates.csv"), "w", encoding="utf-8") as out:
            out.write("cell,day,rate\n")
            for n in range(FIRST, DAYS):
                for row in range(SIDE):
                    for col in range(SIDE):
                        rate = 0.5 if (row, col) == (2, 4) else 0.01
                        out.write(f"{name(col, row)},{day(n)},{rate}\n")
        predictions = ("predictions: {form: risk, file: rates.csv, cell: cell, rate: rate, "
                       "time: {column: day, zone: UTC}}\n")
    else:
        with open(os.path.join(folder, "boxes.csv"), "w", encoding="utf-8") as out:
            out.write("lon,lat,start\n")
            for n in range(FIRST, DAYS):
                out.write(f"{WEST + 4.5 * STEP:.6f},{SOUTH + 2.5 * STEP:.6f},{day(n)}\n")
        predictions = ("predictions: {form: boxes, file: boxes.csv, lon: lon, lat: lat, "
                       "size: 500 m, from: {column: start, zone: UTC}, lasts: 24 h}\n")
    with open(os.path.join(folder, "case.yaml"), "w", encoding="utf-8") as out:
        out.write("onus: 1\ntitle: The wall\nkind: place\n"
                  "grid: {file: grid.geojson, id: id}\n"
                  "outcomes: {file: records.csv, time: {column: when, zone: UTC}, lon: lon, lat: lat}\n"
                  + predictions +
                  f"period: {{from: {day(FIRST)}, until: {day(DAYS)}}}\n"
                  f"protocol: {{window: 1 d, budget: [2 %], baselines: [{methods}], history: 30 d, "
                  "resample: {unit: week, replicates: 200}, seed: 1}\n"
                  "claims:\n  - {say: better than counting, measure: place.capture_ratio, "
                  "scope: {baseline: moving_count}, at_least: 1}\n")


def simulate(folder, model, more="patrols: 2"):
    """Asks for a simulation of acting on the records, which all lie in two cells."""
    path = os.path.join(folder, "case.yaml")
    with open(path, encoding="utf-8") as case:
        text = case.read()
    with open(path, "w", encoding="utf-8") as case:
        case.write(text + f"feedback: {{models: [{model}], {more}, runs: 5, window: 30 d, "
                          "discovery: [0.5]}\n")


def main():
    onus = os.path.abspath(sys.argv[1])
    source = sys.argv[2]
    for form in ("risk", "boxes"):
        seen = []
        for column in (1, 7):
            with tempfile.TemporaryDirectory() as folder:
                write_town(folder, column, form)
                got = run(onus, folder)
                left = everything(folder, got)
                if not has_run(got, f"{form}, column {column}: the trial runs"):
                    continue
                places = [f"{WEST + (column + 0.5) * STEP:.6f}".encode()[:8] + b"5",
                          name(column, 6).encode(), b"sentinel-"]
                held = holders(left, places)
                check(not held, f"{form}, column {column}: no cell is named in {len(left)} files "
                                f"and streams {held[:3]}")
                results = json.loads(left["report/results.json"])
                ratio = [m for m in results["measures"] if m["id"] == "place.baseline_capture"
                         and m["scope"].get("baseline") == "moving_count"
                         and "ties" not in m["scope"]]
                check(len(ratio) == 1 and ratio[0]["value"] > 0.2,
                      f"{form}, column {column}: counting would have flagged the cell, so there is "
                      "something to hide")
            with tempfile.TemporaryDirectory() as folder:
                write_town(folder, column, form, ALIKE)
                got = run(onus, folder)
                results = json.loads(everything(folder, got)["report/results.json"])
                seen.append(without_digests(results, digits=9))
        check(len(seen) == 2 and seen[0] == seen[1],
              f"{form}: the mirrored town gives the same results")
        if len(seen) == 2 and seen[0] != seen[1]:
            for key in seen[0]:
                if seen[0][key] != seen[1][key]:
                    print(f"# {key}: {str(seen[0][key])[:2000]} {str(seen[1][key])[:2000]}")
    with tempfile.TemporaryDirectory() as folder:
        write_town(folder, 1, "risk")
        with open(os.path.join(folder, "case.yaml"), encoding="utf-8") as case:
            text = case.read()
        with open(os.path.join(folder, "case.yaml"), "w", encoding="utf-8") as case:
            case.write(text.replace(f"until: {day(DAYS)}", "until: 2026-12-31"))
        with open(os.path.join(folder, "rates.csv"), "a", encoding="utf-8") as rates:
            for row in range(SIDE):
                for col in range(SIDE):
                    rates.write(f"{name(col, row)},2026-01-01,0.1\n")
        got = run(onus, folder)
        check(got.returncode == 65 and b"begin after the last recorded outcome" in got.stderr,
              "a window after the last record is refused")
        check(not os.path.exists(os.path.join(folder, "report", "results.json")),
              "and nothing is written about it")
        check(b"sentinel-" not in got.stderr + got.stdout, "nor is a cell named in the refusal")
    for model in ("grid", "lum_isaac"):
        with tempfile.TemporaryDirectory() as folder:
            write_town(folder, 1, "risk")
            simulate(folder, model)
            got = run(onus, folder)
            left = everything(folder, got)
            if not has_run(got, f"simulated, {model}: the trial runs"):
                continue
            places = [f"{WEST + 1.5 * STEP:.6f}".encode()[:8] + b"5", b"sentinel-"]
            held = holders(left, places)
            check(not held, f"simulated, {model}: no cell is named in {len(left)} files and streams "
                            f"{held[:3]}")
            results = json.loads(left["report/results.json"])
            always = [m["value"] for m in results["measures"] if m["id"] == "feedback.cells_always"]
            check(bool(always) and max(always) >= 1, f"simulated, {model}: a cell is patrolled every "
                                                     "day, so there is something to hide")
            check("feedback_fan" in results["series"] and b"simulations" in left["stderr"],
                  f"simulated, {model}: the fan and the trace were searched as well")
    with tempfile.TemporaryDirectory() as folder:
        write_town(folder, 1, "risk")
        simulate(folder, "grid", "patrols: 82")
        got = run(onus, folder)
        check(got.returncode == 65 and b"81 cells to patrol" in got.stderr
              and b"sentinel-" not in got.stderr + got.stdout,
              "more patrols than cells are refused, and no cell is named in the refusal")
    declared = []
    for root, _, files in os.walk(os.path.join(source, "include")):
        for file in files:
            with open(os.path.join(root, file), encoding="utf-8") as handle:
                declared += re.findall(r"onus_baseline\w*|onus_frame\w*|feedback_(?:world|policy|grid|tally)\w*"
                                       r"|lum_isaac_\w*", handle.read())
    check(not declared, f"no public header knows the methods {declared[:3]}")
    simulated = re.compile(r"\b(?:feedback_(?:world|tally|policy|loop)|lum_isaac|grid_loop)\w*")
    named, readers = [], []
    for root, _, files in os.walk(source):
        if os.path.relpath(root, source).split(os.sep)[0] not in ("include", "src"):
            continue
        for file in files:
            with open(os.path.join(root, file), encoding="utf-8") as handle:
                text = handle.read()
            if os.path.relpath(root, source).startswith("include"):
                named += simulated.findall(text)
            elif '#include "lum_isaac_rates.h"' in text:
                readers.append(file)
    check(not named, f"nor the simulated policies {named[:3]}")
    check(readers == ["lum_isaac.c"], f"rates by cell of a simulation are for tests only {readers}")
    return finish()


if __name__ == "__main__":
    sys.exit(main())
