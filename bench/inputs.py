#!/usr/bin/python3
"""Makes the inputs of bench/run: areas in degrees and in metres, points, masses, the grid.

  inputs.py SHARED DIR

Areas: the 2,514 block groups of Los Angeles from SHARED, or, where that folder is absent, as many areas of a
made-up city (a grid with jittered corners and wiggly sides, so that neighbours share edges exactly). Points are
uniform over the bounding box and lie on the lattice of 1e-9 degree, so that rounding cannot move one across an
edge. Everything is drawn from a fixed seed.
"""
import json
import os
import sys

import geopandas
import numpy
from shapely.geometry import Polygon

SEED = 20181218
N_POINTS = 1_000_000
CELL_M = 150.0
LATTICE = 9  # decimals of a degree


def made_up_city(rng, n_wanted=2514, n_x=50, step=0.01, wiggles=8):
    """Areas of about 1 km with shared, wiggly sides; the last row is incomplete."""
    n_y = -(-n_wanted // n_x)
    corner = numpy.empty((n_y + 1, n_x + 1, 2))
    for j in range(n_y + 1):
        for i in range(n_x + 1):
            corner[j, i] = (-118.6 + step * i, 33.8 + step * j) + rng.uniform(-0.2, 0.2, 2) * step

    def side(a, b):
        t = numpy.linspace(0, 1, wiggles + 2)[:, None]
        line = a + t * (b - a)
        line[1:-1] += rng.uniform(-0.01, 0.01, (wiggles, 2)) * step  # too little to cross another side
        return numpy.round(line, 5)

    flat = [[side(corner[j, i], corner[j, i + 1]) for i in range(n_x)] for j in range(n_y + 1)]
    tall = [[side(corner[j, i], corner[j + 1, i]) for i in range(n_x + 1)] for j in range(n_y)]
    shapes = []
    for k in range(n_wanted):
        j, i = divmod(k, n_x)
        ring = [*flat[j][i][:-1], *tall[j][i + 1][:-1], *flat[j + 1][i][::-1][:-1], *tall[j][i][::-1][:-1]]
        shapes.append(Polygon(ring))
    return geopandas.GeoDataFrame(geometry=shapes, crs="EPSG:4326")


def main():
    shared, out = sys.argv[1:]
    rng = numpy.random.default_rng(SEED)
    source = os.path.join(shared, "data/predpol/geometry/la.geojson")
    real = os.path.exists(source)
    areas = geopandas.read_file(source) if real else made_up_city(rng)
    areas = areas[["geometry"]]
    if not areas.is_valid.all():
        sys.exit("inputs.py: error: an area is not valid")
    areas["mass"] = rng.integers(0, 4000, len(areas)).astype(float)
    x0, y0, x1, y1 = areas.total_bounds
    x = numpy.round(rng.uniform(x0, x1, N_POINTS), LATTICE)
    y = numpy.round(rng.uniform(y0, y1, N_POINTS), LATTICE)
    numpy.concatenate([x, y]).tofile(os.path.join(out, "points.f64"))
    areas["mass"].to_numpy().tofile(os.path.join(out, "mass.f64"))
    areas.to_file(os.path.join(out, "areas_deg.gpkg"), driver="GPKG")
    centre = f"+lat_0={(y0 + y1) / 2:.4f} +lon_0={(x0 + x1) / 2:.4f}"
    metres = areas.to_crs(f"+proj=laea {centre} +units=m +datum=WGS84")
    metres.to_file(os.path.join(out, "areas_m.gpkg"), driver="GPKG")
    x0, y0, x1, y1 = metres.total_bounds
    x0, y0 = numpy.floor([x0 / CELL_M, y0 / CELL_M]) * CELL_M
    grid = {"x0": x0, "y0": y0, "cell": CELL_M,
            "n_x": int(numpy.ceil((x1 - x0) / CELL_M)), "n_y": int(numpy.ceil((y1 - y0) / CELL_M))}
    n_vertices = int(sum(len(part.exterior.coords) + sum(len(hole.coords) for hole in part.interiors)
                         for shape in areas.geometry.explode(index_parts=False) for part in [shape]))
    about = {"areas": "block groups of Los Angeles" if real else "areas of a made-up city",
             "n_areas": len(areas), "n_vertices": n_vertices, "n_points": N_POINTS, "grid": grid}
    with open(os.path.join(out, "about.json"), "w", encoding="utf-8") as file:
        json.dump(about, file, indent=1)


main()
