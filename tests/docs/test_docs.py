#!/usr/bin/env python3
"""Keeps the documents true: runs their commands, looks up their names, compares generated pages.

usage: test_docs.py [--update] --onus FILE [TEST ...]

In README.md and docs/*.md:
  ```console   lines that begin with "$ " are run in a new folder (one for each document, in order); what
               follows must be their output, stdout and stderr together. A line of only ... stands for
               any lines, a … within a line for any text.
  ```python, ```r   run in the same folder; a ```text block right after is their output. They are skipped
               where the interpreter or a package that the block loads is not installed.
  ```sh        not run: commands that install, build or test
Names in `back quotes` in docs/TOUR.md and docs/architecture.md that look like a path or a function must
exist; links to files must lead somewhere. --update writes the output of commands and scripts that do not
match into the documents. Prints TAP.
"""

import argparse
import functools
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent
TIMEOUT_S = 120
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
QUOTED = re.compile(r"`([^`\n]+)`")
FUNCTION = re.compile(r"^[a-z_][a-z0-9_]*(\(\))?$")


class Differs(AssertionError):
    """A block whose text is not what was printed; the message is what it should be."""


class Skip(Exception):
    """A test that cannot run here, with the reason."""


def documents():
    return [SOURCE / "README.md", SOURCE / "CONTRIBUTING.md", *sorted(SOURCE.glob("docs/**/*.md"))]


def matches(expected, actual):
    if not expected:
        return not actual
    if expected[0] == "...":
        return any(matches(expected[1:], actual[i:]) for i in range(len(actual) + 1))
    pattern = ".*".join(map(re.escape, expected[0].rstrip().split("…")))
    return bool(actual) and re.fullmatch(pattern, actual[0].rstrip()) is not None and matches(expected[1:], actual[1:])


class Folder:
    """The folder in which a document's blocks are run one after the other."""

    def __init__(self, onus, folder):
        self.folder = folder
        self.environment = {
            "PATH": f"{onus.parent}:/usr/bin:/bin",
            "HOME": folder,
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
        }

    def run(self, command, text=None):
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, input=text, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_S, check=False,
        )
        return done.returncode, done.stdout

    def console(self, block):
        """@raise Differs with the block as it should be"""
        command, expected, said, differs = None, [], [], False
        for line in [*block.splitlines(), "$ "]:
            if not line.startswith("$ "):
                expected.append(line)
                continue
            if command is not None:
                _, output = self.run(["sh", "-c", command])
                # a document may break output with blank lines for the eye
                if matches([e for e in expected if e], [o for o in output.splitlines() if o]):
                    said += [f"$ {command}", *expected]
                else:
                    differs = True
                    said += [f"$ {command}", *output.splitlines()]
            command, expected = line[2:], []
        if differs:
            raise Differs("\n".join(said) + "\n")

    def script(self, language, block, expected):
        command = ["/usr/bin/python3", "-"] if language == "python" else ["/usr/bin/Rscript", "-"]
        if not os.path.exists(command[0]):
            raise Skip(f"{command[0]} is not installed")
        if language == "python":
            for package in re.findall(r"^import (\w+)", block, re.MULTILINE):
                if self.run([command[0], "-c", f"import {package}"])[0] != 0:
                    raise Skip(f"python package {package} is not installed")
        else:
            for package in re.findall(r"\blibrary\((\w+)\)", block):
                code = f'quit(status = !requireNamespace("{package}", quietly = TRUE))'
                if self.run([command[0], "-e", code])[0] != 0:
                    raise Skip(f"R package {package} is not installed")
        code, output = self.run(command, block)
        if code != 0:
            raise AssertionError(f"exit code {code}\n{output}")
        if expected is not None and not matches(expected.splitlines(), output.splitlines()):
            raise Differs(output)


def blocks(text):
    """(language, content, the text block right after it or None)"""
    found = list(FENCE.finditer(text))
    for i, match in enumerate(found):
        after = found[i + 1] if i + 1 < len(found) else None
        follows = after is not None and after.group(1) == "text" and not text[match.end() : after.start()].strip()
        yield match.group(1), match.group(2), after.group(2) if follows else None


def corrected(document, language, old, test):
    """A test that writes what was printed over the block `old` of the document."""

    def run():
        try:
            test()
        except Differs as said:
            text = document.read_text()
            fence = f"```{language}\n"
            document.write_text(text.replace(f"{fence}{old}```\n", f"{fence}{said}```\n", 1))

    return run


def document_tests(onus, update):
    """One test a block, in order; each document has a folder of its own."""
    for document in documents():
        text = document.read_text()
        found = list(blocks(text))
        if not any(language in ("console", "python", "r") for language, _, _ in found):
            continue
        name = document.relative_to(SOURCE)
        with tempfile.TemporaryDirectory(prefix="docs-") as path:
            folder = Folder(onus, path)
            number = 0
            for language, content, expected in found:
                if language == "console":
                    test = functools.partial(folder.console, content)
                    mended = corrected(document, language, content, test)
                elif language in ("python", "r"):
                    test = functools.partial(folder.script, language, content, expected)
                    mended = corrected(document, "text", expected, test)
                else:
                    continue
                number += 1
                yield f"{name}: {language}, block {number}", mended if update else test


def test_names():
    """Every path and function that the tour and the drawing of the house name is there."""
    missing = []
    code = "\n".join(
        p.read_text(errors="replace") for folder in ("src", "include") for p in sorted((SOURCE / folder).rglob("*.[ch]"))
    )
    for document in (SOURCE / "docs/TOUR.md", SOURCE / "docs/architecture.md"):
        for word in QUOTED.findall(FENCE.sub("", document.read_text())):
            if "/" in word and " " not in word and "*" not in word and "<" not in word:
                if word.startswith(("src/match", "src/affect", "src/ledger", "src/serve")):
                    continue
                if not (SOURCE / word).exists():
                    missing.append(f"{document.name}: no file {word}")
            elif FUNCTION.match(word) and ("_" in word or word.endswith("()")):
                if not re.search(rf"\b{re.escape(word.removesuffix('()'))}\b", code):
                    missing.append(f"{document.name}: no name {word}")
    assert not missing, "\n".join(missing)


def test_links():
    missing = []
    for document in documents():
        for target in LINK.findall(FENCE.sub("", document.read_text())):
            if not (document.parent / target).exists():
                missing.append(f"{document.relative_to(SOURCE)}: {target}")
    assert not missing, "\n".join(missing)


def test_packages():
    """packages.apt: name, group, reason and perhaps a command, separated by tabs; each name once."""
    wrong, names = [], []
    for number, line in enumerate((SOURCE / "packages.apt").read_text().splitlines(), 1):
        if line.startswith("#"):
            continue
        fields = line.split("\t")
        names.append(fields[0])
        if len(fields) not in (3, 4) or fields[1] not in ("build", "test", "peers") or not all(fields):
            wrong.append(f"packages.apt:{number}: {line}")
    wrong += sorted({f"{name} is listed twice" for name in names if names.count(name) > 1})
    assert not wrong, "\n".join(wrong)


def same_as_generated(onus, what, path):
    made = subprocess.run([onus, "explain", "--markdown", what], capture_output=True, text=True, check=True).stdout
    assert made == (SOURCE / path).read_text(), f"refresh it: onus explain --markdown {what} > {path}"


def help_of(onus, *verb):
    return subprocess.run([onus, "help", *verb], capture_output=True, text=True, check=True).stdout


def test_man_page(onus):
    """Synopsis, verbs, options and exit codes of the man page are those of `onus help`."""
    page = (SOURCE / "packaging/onus.1.scd").read_text()
    overview = help_of(onus)
    verbs = re.findall(r"^  onus (\w+)", overview.split("Verbs:")[0], re.MULTILINE)
    synopsis = re.findall(r"^\*onus (\w+)\*", page.split("# DESCRIPTION")[0], re.MULTILINE)
    assert verbs == synopsis, f"help has {verbs}, the synopsis {synopsis}"
    described = re.findall(r"^\*(\w+)\*", page.split("# VERBS")[1].split("# OPTIONS")[0], re.MULTILINE)
    assert verbs == described, f"help has {verbs}, the man page describes {described}"
    section = page.split("# OPTIONS")[1].split("# EXIT")[0]
    options = set(re.findall(r"^\*.*?(--[a-z-]+)", section, re.MULTILINE))
    helped = set()
    for verb in verbs:
        helped |= set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", help_of(onus, verb), re.MULTILINE))
    assert options == helped, f"only in one of the two: {sorted(options ^ helped)}"
    codes = set(re.findall(r"\b(\d+)\b", overview.split("Exit:")[1]))
    paged = set(re.findall(r"\*(\d+)\*", page.split("# EXIT STATUS")[1].split("# ENVIRONMENT")[0]))
    assert codes == paged, f"exit codes only in one of the two: {sorted(codes ^ paged)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--onus", type=Path, default=SOURCE / "build" / "onus")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("words", nargs="*", help="run only tests whose name holds one of these")
    args = parser.parse_args()
    onus = args.onus.resolve()

    def tests():
        yield "names in the tour and the architecture exist", test_names
        yield "links lead somewhere", test_links
        yield "packages.apt is one list with reasons", test_packages
        yield "docs/measures.md is what explain prints", lambda: same_as_generated(onus, "measures", "docs/measures.md")
        yield "docs/case-keys.md is what explain prints", lambda: same_as_generated(onus, "keys", "docs/case-keys.md")
        yield "the man page says what help says", lambda: test_man_page(onus)
        yield from document_tests(onus, args.update)

    number = n_failed = 0
    for name, test in tests():
        if args.words and not any(word in name for word in args.words):
            continue
        number += 1
        try:
            test()
            print(f"ok {number} - {name}")
        except Skip as reason:
            print(f"ok {number} - {name} # SKIP {reason}")
        except (AssertionError, subprocess.SubprocessError, OSError) as problem:
            n_failed += 1
            print(f"not ok {number} - {name}")
            for line in str(problem).splitlines():
                print(f"# {line}")
        sys.stdout.flush()
    print(f"1..{number}")
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
