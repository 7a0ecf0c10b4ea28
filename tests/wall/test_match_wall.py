#!/usr/bin/env python3
"""The wall of a match trial: no person, sighting, entry or track leaves the program by name.

A made test of a product: people with comparisons, searches of a list and tracks. Every id is a token
that occurs nowhere else, in upper and lower case. Asked:

  1  no file and no stream of a run (results, tables, page, trace, summary, --json) holds any of them,
     while names of groups and cameras, which may be shown, do arrive
  2  a count of fewer than ten people is withheld, and so is what would give it back by subtraction;
     of a group of one or two people nothing is shown at all
  3  a run that fails at a bad value says where and what, and names nobody
  4  the same people under other names give the same results to the byte, but for digests of inputs:
     had anything of a name come through, the two would differ
  5  no source of the product reads a picture: no library for one is linked

usage: test_match_wall.py ONUS
"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree may be read-only
from left_behind import check, everything, finish, has_run, holders, run, without_digests  # noqa: E402

PEOPLE = 43
EACH = 3
CAMERAS = ("north", "south", "yard")


def names(salt):
    """Names of people, sightings, entries and tracks, the same number of them for any salt."""
    word = random.Random(salt)

    def token(kind, n):
        return f"{kind}{''.join(word.choice('BCDFGHJKLMNPQRSTVWXZ') for _ in range(9))}{n:03d}"
    return {"person": [token("Pz", n) for n in range(PEOPLE)],
            "sighting": [token("Sz", n) for n in range(PEOPLE * EACH)],
            "entry": [token("Ez", n) for n in range(PEOPLE)],
            "search": [token("Qz", n) for n in range(30)],
            "track": [token("Tz", n) for n in range(12)]}


def group(person):
    """Two people in `rare`, seven in `few`, the others in two groups that may be shown."""
    return "rare" if person < 2 else "few" if person < 9 else "many" if person < 25 else "most"


def write_case(folder, named, bad=False):
    def path(name):
        return os.path.join(folder, name)
    draw = random.Random(5)
    with open(path("comparisons.csv"), "w", encoding="utf-8") as out:
        out.write("a,b,pa,pb,ca,cb,ga,gb,score\n")
        n = PEOPLE * EACH
        for a in range(n):
            for b in range(a + 1, n):
                p, q = a // EACH, b // EACH
                score = draw.gauss(0.7 if p == q else 0.3, 0.13)
                text = "" if draw.random() < 0.01 else f"{score:.6f}"
                if bad and (a, b) == (70, 80):
                    text = "much"
                out.write(",".join([named["sighting"][a], named["sighting"][b],
                                    named["person"][p], named["person"][q],
                                    CAMERAS[a % EACH], CAMERAS[b % EACH], group(p), group(q),
                                    text]) + "\n")
    with open(path("gallery.csv"), "w", encoding="utf-8") as out:
        out.write("entry,person\n")
        for p in range(PEOPLE):
            out.write(f"{named['entry'][p]},{named['person'][p]}\n")
    with open(path("candidates.csv"), "w", encoding="utf-8") as out:
        out.write("search,person,entry,score\n")
        for s, search in enumerate(named["search"]):
            who = named["person"][s] if s < 20 else f"{named['person'][s]}x"
            for k in range(5):
                entry = s if k == 0 and s < 15 else draw.randrange(PEOPLE)
                out.write(f"{search},{who},{named['entry'][entry]},{0.9 - 0.1 * k:.4f}\n")
    for file, keys, shift in (("truth.csv", "person", 0), ("output.csv", "track", 0.4)):
        with open(path(file), "w", encoding="utf-8") as out:
            out.write("cam,frame,id,x,y,w,h\n")
            for frame in range(60):
                for p in range(6):
                    who = (p + (frame > 30 and file == "output.csv" and p < 2)) % 6
                    out.write(f"{CAMERAS[p % 3]},{frame},{named[keys][who]},{100 * p + shift},"
                              f"{frame},20,40\n")
    with open(path("case.yaml"), "w", encoding="utf-8") as out:
        out.write("""onus: 1
title: The wall
kind: match
comparisons:
  file: comparisons.csv
  score: score
  higher_is: same
  probe: {id: a, person: pa, camera: ca, groups: {group: ga}}
  reference: {id: b, person: pb, camera: cb, groups: {group: gb}}
searches: {file: candidates.csv, probe: search, probe_person: person, reference: entry, score: score}
gallery: {file: gallery.csv, id: entry, person: person}
tracks:
  truth: {file: truth.csv, camera: cam, frame: frame, person: id, box: {x: x, y: y, w: w, h: h}}
  output: {file: output.csv, camera: cam, frame: frame, person: id, box: {x: x, y: y, w: w, h: h}}
threshold: {value: 0.5, from: vendor}
deployment: {searches_per_day: 2000, people_on_list: 5000, prevalence: 1e-4, hops: 4, people: 10000, sightings_each: 10}
protocol: {thresholds: [0.4], pairs: [all, cross_camera], fmr_at: [1e-2], resample: {unit: person, replicates: 100}, seed: 3}
""")


def held(left, named):
    """Tokens of people and things that any file or stream holds, in any case."""
    return holders(left, [t.encode() for kind in named.values() for t in kind], any_case=True)[:3]


def scopes(results, **wanted):
    return [m for m in results["measures"]
            if all(m["scope"].get(k) == v for k, v in wanted.items())]


def check_run(onus):
    seen = []
    for salt in (1, 2):
        named = names(salt)
        with tempfile.TemporaryDirectory() as folder:
            write_case(folder, named)
            got = run(onus, folder, "--json")
            left = everything(folder, got)
            if not has_run(got, "the trial runs"):
                return
            found = held(left, named)
            check(not found, f"nobody is named in {len(left)} files and streams {found}")
            results = json.loads(left["report/results.json"])
            seen.append(without_digests(results))
            text = left["report/results.json"].decode()
            check('"most"' in text and b"load evidence" in left["stderr"],
                  "groups are named, and the trace was searched as well")
    check(seen[0] == seen[1], "the same people under other names give the same results")
    check_small(seen[0])


def check_small(results):
    people = [m for m in results["measures"] if m["id"] == "match.people"]
    by_group = {m["scope"].get("group"): m for m in people}
    check(by_group[None]["value"] == PEOPLE, f"all {PEOPLE} people are counted")
    withheld = sorted(g for g, m in by_group.items() if g and m["value"] is None)
    check("rare" in withheld and "few" in withheld, f"small groups are withheld: {withheld}")
    shown = sum(m["value"] for g, m in by_group.items() if g and m["value"] is not None)
    rest = PEOPLE - shown
    check(len(withheld) != 1 and (rest == 0 or rest >= 10),
          f"nor do the shown ones leave a small rest: {rest} in {len(withheld)}")
    for key in ("group", "probe_group", "reference_group"):
        rare = [m for m in scopes(results, **{key: "rare"})]
        told = [m for m in rare if m["value"] is not None or m["num"] is not None
                or m["interval"] is not None]
        check(not told, f"of two people nothing is shown by {key}: {len(rare)} measures "
                        f"{[m['id'] for m in told][:3]}")
    check(bool(scopes(results, group="rare")), "of which there are some to withhold")
    few = [m for m in scopes(results, group="few") if m["interval"] is not None]
    check(not few and bool(scopes(results, group="few")),
          "nor of the seven whose figures would give the two back by subtraction")
    persons = [m for m in results["measures"]
               if m["unit"] == "people" and m["value"] is not None and 0 < m["value"] < 10
               and float(m["value"]).is_integer() and m["id"] == "match.people"]
    check(not persons, f"no count of one to nine people is printed {persons[:2]}")


def check_failure(onus):
    named = names(3)
    with tempfile.TemporaryDirectory() as folder:
        write_case(folder, named, bad=True)
        got = run(onus, folder)
        left = everything(folder, got)
        check(got.returncode == 65 and re.search(rb"comparisons\.csv:\d+:", got.stderr)
              and b"'much'" in got.stderr, "a bad score is refused with line and value")
        found = held(left, named)
        check(not found, f"and nobody is named in the refusal {found}")


def main():
    onus = os.path.abspath(sys.argv[1])
    check_run(onus)
    check_failure(onus)
    linked = subprocess.run(["ldd", onus], capture_output=True, text=True, check=False).stdout
    readers = re.findall(r"lib(?:opencv|dlib|onnx|torch|tensorflow|avcodec)\S*", linked)
    direct = subprocess.run(["readelf", "-d", onus], capture_output=True, text=True,
                            check=False).stdout
    direct = re.findall(r"\[lib(?:png|jpeg|tiff|webp|heif|opencv\w*|avcodec)\.so[^\]]*\]", direct)
    check(not direct and not [r for r in readers if r.startswith(("libdlib", "libonnx", "libtorch",
                                                                  "libtensorflow"))],
          f"no reader of pictures and no model is linked {direct} {readers}")
    return finish()


if __name__ == "__main__":
    sys.exit(main())
