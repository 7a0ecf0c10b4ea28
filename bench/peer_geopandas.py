#!/usr/bin/python3
"""geopandas' side: peer_geopandas.py locate|areal DIR OUT. Reads the same files, prints one line of JSON.

Timed as ours is: from geometries in memory to the result, spatial index included, files excluded. The grid's cells
as geometries are made before the clock starts, although ours never makes any.
"""
import json
import os
import sys
import time
import warnings

import geopandas
import numpy
from shapely.geometry import box

warnings.simplefilter("ignore")


def clocked(work):
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return result, {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - wall}


def locate(folder, about, out):
    areas = geopandas.read_file(os.path.join(folder, "areas_deg.gpkg"))
    xy = numpy.fromfile(os.path.join(folder, "points.f64")).reshape(2, -1)
    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(*xy), crs=areas.crs)
    joined, timing = clocked(lambda: geopandas.sjoin(points, areas, how="inner", predicate="intersects"))
    first = joined["index_right"].groupby(level=0).min()  # of several areas the first, as ours
    numpy.bincount(first, minlength=len(areas)).astype("int64").tofile(out)
    return timing


def areal(folder, about, out):
    areas = geopandas.read_file(os.path.join(folder, "areas_m.gpkg"))
    g = about["grid"]
    x = g["x0"] + g["cell"] * numpy.arange(g["n_x"] + 1)
    y = g["y0"] + g["cell"] * numpy.arange(g["n_y"] + 1)
    cells = geopandas.GeoDataFrame({"cell": numpy.arange(g["n_x"] * g["n_y"])}, crs=areas.crs, geometry=[
        box(x[i], y[j], x[i + 1], y[j + 1]) for j in range(g["n_y"]) for i in range(g["n_x"])])

    def work():
        areas["density"] = areas["mass"] / areas.area
        pieces = geopandas.overlay(areas, cells, how="intersection", keep_geom_type=True)
        return (pieces["density"] * pieces.area).groupby(pieces["cell"]).sum()

    by_cell, timing = clocked(work)
    full = numpy.zeros(g["n_x"] * g["n_y"])
    full[by_cell.index] = by_cell
    full.tofile(out)
    return timing


def main():
    task, folder, out = sys.argv[1:]
    with open(os.path.join(folder, "about.json"), encoding="utf-8") as file:
        about = json.load(file)
    timing = {"locate": locate, "areal": areal}[task](folder, about, out)
    print(json.dumps({**timing, "version": geopandas.__version__}))


main()
