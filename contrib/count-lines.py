#!/usr/bin/env python3
"""Counts the lines of production code in src, by room (the first part of a path below it).

A line counts that is neither blank nor a comment and is not compiled for tests only. Usage: count-lines.py [FOLDER]
"""

import re
import sys
from collections import Counter
from pathlib import Path

CFG_TEST = r"#\[cfg\((?:all\()?test\b[^\]]*\]"
TEST_MODULE = re.compile(CFG_TEST + r'\s*(?:#\[path = "([^"]+)"\]\s*|#\[[^\]]*\]\s*)*(?:pub(?:\([^)]*\))? )?mod (\w+);')


def test_paths(file, text):
    """Files and folders of the modules that a file declares for tests only."""
    is_root = file.name in ("mod.rs", "lib.rs", "main.rs")
    folder = file.parent if is_root else file.with_suffix("")
    for path, name in TEST_MODULE.findall(text):
        yield file.parent / path if path else folder / f"{name}.rs"
        yield folder / name


def end_of_item(lines, start):
    """The line after the item that begins at a line, attributes first."""
    depth, opened = 0, False
    for number in range(start, len(lines)):
        line = lines[number].strip()
        if line.startswith(("#[", "//")):
            continue
        depth += line.count("{") - line.count("}")
        opened = opened or "{" in line
        if depth <= 0 and (opened or line.endswith((";", ","))):
            return number + 1
    return len(lines)


def count(text):
    lines = text.splitlines()
    counted = number = 0
    while number < len(lines):
        line = lines[number].strip()
        if re.match(CFG_TEST, line):
            number = end_of_item(lines, number)
            continue
        counted += bool(line) and not line.startswith("//")
        number += 1
    return counted


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1] / "src")
    texts = {file: file.read_text() for file in sorted(root.rglob("*.rs")) if "target" not in file.parts}
    tests = {path for file, text in texts.items() for path in test_paths(file, text)}
    lines, files = Counter(), Counter()
    for file, text in texts.items():
        if tests.isdisjoint([file, *file.parents]):
            room = file.relative_to(root).parts[0].removesuffix(".rs")
            lines[room] += count(text)
            files[room] += 1
    for room, number in lines.most_common():
        print(f"{number:6} lines in {files[room]:3} files  {room}")
    print(f"{lines.total():6} lines in {files.total():3} files")


main()
