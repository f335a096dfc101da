#!/usr/bin/env python3
"""Draws docs/top.svg: `keygen top` on a real search, in a terminal that tmux emulates.

Usage: docs/top_picture.py [KEYGEN], by default target/release/keygen. State and keys are in a temporary folder, which is
deleted with them.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import picture

SIZE = (100, 26)
SEARCH = ["--prefix", "C0FFEE12", "-n", "100", "--session", "night", "--background"]
SECONDS = 75  # until the chart shows something


def draw(program):
    with tempfile.TemporaryDirectory(prefix="keygen-picture-") as home:
        os.mkdir(f"{home}/keys")
        environment = {"HOME": home, "PATH": os.defpath, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}

        def run(*words):
            done = subprocess.run(words, env=environment, cwd=f"{home}/keys", check=True, capture_output=True, text=True)
            return done.stdout

        def tmux(*words):
            return run("tmux", "-u", "-f", "/dev/null", "-S", f"{home}/tmux", *words)

        run(program, *SEARCH)
        try:
            columns, lines = (str(number) for number in SIZE)
            tmux("new-session", "-d", "-x", columns, "-y", lines, f"{program} top night")
            time.sleep(SECONDS)
            screen = picture.Screen()
            for line in tmux("capture-pane", "-p", "-e").replace(home, "~").splitlines():
                screen.feed(f"{line}\x1b[0m\r\n")
            return screen
        finally:
            tmux("kill-server")
            run(program, "stop", "night")


def main():
    program = Path(sys.argv[1]) if len(sys.argv) > 1 else picture.ROOT / "target/release/keygen"
    picture.COLUMNS, picture.ARGUMENTS = SIZE[0], ["top", "night"]
    picture.TITLE = "keygen top: a search with its rate over time, its workers and its keys"
    picture.COLOURS[1] = picture.FOREGROUND
    drawn = picture.svg(draw(str(program.resolve())))
    (picture.ROOT / "docs/top.svg").write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
