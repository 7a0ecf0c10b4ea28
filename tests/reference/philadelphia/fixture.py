"""The case of Philadelphia: a count of 2018, frozen, flagged on every day of 2019. Standard library only.

A fixture: a product that is known to be a plain count, so that what a trial says of it is known as well. Squares of 150 m
on the lattice of degrees nearest to that; ties by the lower row and column.
"""
import csv
import gzip
import math
import os

SQUARE_M = 150.0
BOXES = 100  # a day
LAT = 40.0
STEP_LAT = SQUARE_M / 111_035.0
STEP_LON = SQUARE_M / (111_320.0 * math.cos(math.radians(LAT)))
CITY = (-75.29, 39.86, -74.95, 40.14)


def counts(path):
    """Records of 2018 by square, those that lie in the city."""
    by_square = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if not row["datetime"].startswith("2018") or row["lon"] == "" or row["lat"] == "":
                continue
            lon, lat = float(row["lon"]), float(row["lat"])
            if CITY[0] <= lon <= CITY[2] and CITY[1] <= lat <= CITY[3]:
                at = (math.floor((lat - CITY[1]) / STEP_LAT), math.floor((lon - CITY[0]) / STEP_LON))
                by_square[at] = by_square.get(at, 0) + 1
    return by_square


def days():
    lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return [f"2019-{month + 1:02d}-{day + 1:02d}" for month in range(12) for day in range(lengths[month])]


def write(folder, shared, ten_years=False, replicates=2000, baselines=None):
    """Writes predictions.csv and case.yaml; returns the case's path."""
    incidents = os.path.join(os.path.abspath(shared), "data", "incidents")
    part1 = os.path.join(incidents, "philadelphia_part1_2018_2019.csv.gz")
    top = sorted(counts(part1).items(), key=lambda item: (-item[1], item[0]))[:BOXES]
    all_days = days()
    with open(os.path.join(folder, "predictions.csv"), "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["issued", "day", "lon", "lat"])
        for day in all_days:
            for (row, column), _ in top:
                out.writerow(["2018-12-31T23:59:59", day, f"{CITY[0] + (column + 0.5) * STEP_LON:.6f}",
                              f"{CITY[1] + (row + 0.5) * STEP_LAT:.6f}"])
    outcomes = os.path.join(incidents, "philadelphia_2016_2025.csv.gz") if ten_years else part1
    names = baselines or "uniform, previous_window, moving_count, long_run, kde, near_repeat, self_exciting"
    case = os.path.join(folder, "case.yaml")
    with open(case, "w", encoding="utf-8") as file:
        file.write(f"""onus: 1
title: Does a count of last year, frozen, beat counting on?
kind: place
areas: {{file: {os.path.join(incidents, "philadelphia_blockgroups_race.geojson")}, id: GEOID}}
outcomes:
  file: {outcomes}
  time: {{column: utc, zone: America/New_York}}
  lon: lon
  lat: lat
  type: category
  invalid: exclude
predictions:
  form: boxes
  file: {os.path.join(os.path.abspath(folder), "predictions.csv")}
  lon: lon
  lat: lat
  size: 150 m
  issued: {{column: issued, zone: America/New_York}}
  from: {{column: day, zone: America/New_York}}
  lasts: 1 d
grid: {{cell: 150 m}}
period: {{from: 2019-01-01, until: 2020-01-01}}
protocol:
  window: 1 d
  baselines: [{names}]
  history: 180 d
  resample: {{unit: week, replicates: {replicates}, level: 0.95}}
  max_excluded: 10 %
  seed: 2019
claims:
  - {{say: at least a tenth more than counting on, measure: place.capture_ratio, scope: {{baseline: moving_count}}, at_least: 1.1}}
  - {{say: better than boxes placed by chance, measure: place.hit_lift, at_least: 2}}
""")
    return case
