#!/usr/bin/env python3
"""The wall of affect trials: who was shown, in what, and who rated it leaves the program nowhere.

A case whose ids of people, items and raters are rare tokens. Four things are asked:

  1  no file and no stream of a run (results, tables, page, trace, log) holds any of them, nor do the
     messages of runs that fail because of a row that holds one
  2  a group of one person is in no figure: its measures are withheld, and so is what would give it back
  3  a number of people below suppress_below is printed nowhere, and neither is one that gives it back
  4  with other names in the same order the results are the same to the byte, but for digests of files

usage: test_affect_wall.py ONUS
"""
import json
import os
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree may be read-only
from left_behind import check, everything, finish, has_run, holders, run, without_digests  # noqa: E402

LABELS = ["calm", "happy", "sad"]
PEOPLE = 31
CLIPS = 6


def home(person):
    """One person is alone in the west, four are in the east."""
    return "west" if person == 30 else "east" if person >= 26 else "north" if person % 2 else "south"


def write_case(folder, tag):
    def person(p):
        return f"{tag}person-{p:03d}"

    def item(p, k):
        return f"{tag}item-of-{p:03d}-{k}"

    def write(name, lines):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")

    said, felt, votes, clips, people = ["clip,said,p0,p1,p2,take"], ["clip,felt"], ["clip,who,vote"], ["clip,actor"], \
        ["actor,home,age"]
    for p in range(PEOPLE):
        people.append(f"{person(p)},{home(p)},{'old' if p % 3 == 0 else 'young'}")
        for k in range(CLIPS):
            truth = (p + k) % 3
            noise = (p * 7 + k * 5) % 10
            label = "" if noise == 9 else LABELS[truth if noise < 6 else 0]
            clips.append(f"{item(p, k)},{person(p)}")
            felt.append(f"{item(p, k)},{LABELS[truth]}")
            for take in range(2):
                said.append(f"{item(p, k)},{label if take == 0 or k % 2 else LABELS[(truth + 1) % 3]},"
                            + ",".join("0.6" if LABELS[c] == label else "0.2" for c in range(3)) + f",{take}")
            for r in range(3):
                vote = truth if (p + k + r) % 4 else (truth + 1) % 3
                votes.append(f"{item(p, k)},{tag}rater-{r},{LABELS[vote]}")
    write("said.csv", said)
    write("felt.csv", felt)
    write("votes.csv", votes)
    write("clips.csv", clips)
    write("people.csv", people)
    write("case.yaml", [
        "onus: 1", "title: The wall", "kind: affect",
        "labels: {file: said.csv, item: clip, label: said, repeat: take, scores: {calm: p0, happy: p1, sad: p2}}",
        "items: {file: clips.csv, id: clip, person: actor}",
        "people: {file: people.csv, id: actor, groups: {home: home, age: age}}",
        "self_report: {file: felt.csv, item: clip, label: felt}",
        "raters: {file: votes.csv, item: clip, rater: who, label: vote}",
        "domain: {labels: [calm, happy, sad]}",
        "protocol: {resample: {unit: person, replicates: 300}, retest: take, seed: 5}",
        "claims:",
        "  - {say: as good for everybody, measure: affect.accuracy, scope: {against: self_report, group: any}, "
        "at_least: 0.5}"])


# Rows that stop a trial, each with a token in it.
BROKEN = {
    "a label that the domain does not hold": ("said.csv", "{t}item-of-000-0,furious,0,0,0,7\n"),
    "two answers for one item": ("said.csv", "{t}item-of-000-0,sad,0.1,0.1,0.8,0\n"),
    "an item that shows two people": ("clips.csv", "{t}item-of-000-0,{t}person-001\n"),
    "a person of two groups": ("people.csv", "{t}person-000,north,young\n"),
    "a score that is no number": ("said.csv", "{t}item-of-000-1,sad,much,0,0,8\n"),
    "too few fields": ("votes.csv", "{t}item-of-000-0\n"),
}


def main():
    onus = os.path.abspath(sys.argv[1])
    seen = []
    for tag in ("zqxv", "zrjw"):
        with tempfile.TemporaryDirectory() as folder:
            write_case(folder, tag)
            got = run(onus, folder)
            left = everything(folder, got)
            if not has_run(got, f"{tag}: the trial runs"):
                continue
            held = holders(left, [tag.encode()])
            check(not held, f"{tag}: no id is in {len(left)} files and streams {held}")
            seen.append(json.loads(left["report/results.json"]))
    check(len(seen) == 2 and without_digests(seen[0]) == without_digests(seen[1]),
          "other names in the same order give the same results")
    if seen:
        measures = seen[0]["measures"]
        west = [m for m in measures if "west" in str(m["scope"].get("group", ""))
                or "west" in str(m["scope"].get("reference", ""))]
        check(len(west) >= 3 and all(m["value"] is None and m["num"] is None and m["interval"] is None
                                     for m in west),
              f"{len(west)} measures of a group of one person are withheld")
        check(not any("west and" in str(m["scope"]) for m in measures),
              "it is crossed with nothing: which intersection is empty would tell of that person")
        told = {str(m["scope"].get("group")): m["value"] for m in measures if m["id"] == "affect.people"}
        check(told.get("west", 0) is None and told.get("east", 0) is None,
              "few people are not counted: one in the west, four in the east")
        check(any(told.get(g) is None for g in ("north", "south", "None")),
              "nor does subtracting what is printed give the five of both")
        check(measures and all(m["scope"].get("group") != "west" or m["reason"] for m in measures),
              "each withheld figure says why")
        rows = [row for series in seen[0]["series"].values() for row in series["rows"] if "west" in [str(c) for c in row]]
        check(all(not any(isinstance(c, (int, float)) for c in row) for row in rows),
              f"no series holds a number of that group ({len(rows)} rows name it)")
    for what, (file, line) in BROKEN.items():
        with tempfile.TemporaryDirectory() as folder:
            write_case(folder, "zqxv")
            with open(os.path.join(folder, file), "a", encoding="utf-8") as out:
                out.write(line.format(t="zqxv"))
            got = run(onus, folder)
            left = everything(folder, got)
            held = holders(left, [b"zqxv"])
            check(got.returncode == 65 and not held,
                  f"{what}: stops with exit {got.returncode} and names no id {held}")
    return finish()


if __name__ == "__main__":
    sys.exit(main())
