#!/usr/bin/env python3
"""Draws docs/keygen.svg: the terminal of a real search while it runs.

Usage: docs/picture.py [KEYGEN], by default target/release/keygen. The search runs in a pseudo-terminal with a temporary
folder as its home, which the picture shows as ~. The keys it finds are deleted with that folder.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import tempfile
import termios
import time
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROWS, COLUMNS = 24, 110
ARGUMENTS = ["--prefix", "C0FFEE1", "-n", "10"]
KEYS_SHOWN = 3  # at least; the picture shows the search for the next one
SECONDS_AFTER = 1
DEADLINE = 300

TITLE = "keygen in a terminal: the keys found so far, and the progress of the search for the next one"

# What the picture looks like.
CHARACTER, LINE, MARGIN, SIZE = 8.0, 20, 20, 13
BACKGROUND, FOREGROUND, PROMPT = "#1e1e2e", "#cdd6f4", "#89dceb"
COLOURS = {31: "#f38ba8", 32: "#a6e3a1", 33: "#f9e2af", 34: "#89b4fa", 35: "#f5c2e7", 36: "#94e2d5", 90: "#7f849c"}

# A control sequence, a control character, or one printable character.
TOKEN = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|([\r\n\t\b])|([^\x00-\x1f\x7f])", re.DOTALL)


class Screen:
    """The part of a terminal that the program uses: text, colours, and moving and erasing in place."""

    def __init__(self):
        self.cells = {}
        self.row = self.column = 0
        self.colour = FOREGROUND

    def feed(self, text):
        for numbers, command, control, character in TOKEN.findall(text):
            if character:
                self.put(character)
            elif control:
                self.control(control)
            else:
                self.command(command, numbers)

    def put(self, character):
        if self.column == COLUMNS:
            self.row, self.column = self.row + 1, 0
        self.cells[self.row, self.column] = (character, self.colour)
        self.column += 1

    def control(self, control):
        if control == "\r":
            self.column = 0
        elif control == "\n":
            self.row += 1
        elif control == "\t":
            self.column = min((self.column // 8 + 1) * 8, COLUMNS - 1)
        else:
            self.column = max(self.column - 1, 0)

    def command(self, command, numbers):
        first = int(numbers) if numbers.isdigit() else 0
        if command == "A":
            self.row = max(self.row - max(first, 1), 0)
        elif command == "B":
            self.row += max(first, 1)
        elif command == "K":
            start = 0 if first == 2 else self.column
            for column in range(start, COLUMNS):
                self.cells.pop((self.row, column), None)
        elif command == "m":
            for number in numbers.split(";"):
                self.colour = COLOURS.get(int(number or 0), FOREGROUND)

    def lines(self):
        """Each row as a list of (column, text, colour)."""
        last = max((row for row, _ in self.cells), default=0)
        return [self.runs(row) for row in range(last + 1)]

    def runs(self, row):
        runs = []
        for column in range(COLUMNS):
            character, colour = self.cells.get((row, column), (" ", FOREGROUND))
            if runs and runs[-1][2] == colour:
                runs[-1][1] += character
            else:
                runs.append([column, character, colour])
        return [(column, text.rstrip(), colour) for column, text, colour in runs if text.strip()]

    def text(self):
        return "\n".join("".join(text for _, text, _ in runs) for runs in self.lines())


def start(program, home):
    """The program in a terminal of its own: its process and the terminal's other end."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(f"{home}/keys")
        environment = {"HOME": home, "TERM": "xterm-256color", "PATH": os.defpath, "LANG": "C.UTF-8"}
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.execve(program, ["keygen", *ARGUMENTS], environment)
    return process, terminal


def search(program):
    """The screen of the search, a moment after the key that is the last one shown."""
    with tempfile.TemporaryDirectory(prefix="keygen-picture-") as home:
        os.mkdir(f"{home}/keys")
        process, terminal = start(program, home)
        output, reached, deadline = b"", None, time.monotonic() + DEADLINE
        try:
            while time.monotonic() < deadline:
                if select.select([terminal], [], [], 0.1)[0]:
                    output += os.read(terminal, 65536)
                screen = Screen()
                screen.feed(output.decode(errors="replace").replace(home, "~"))
                text = screen.text()
                if reached is None and text.count("_private.txt") >= KEYS_SHOWN:
                    reached = time.monotonic()
                if reached and time.monotonic() > reached + SECONDS_AFTER and "99 % in" in text:
                    return screen
        except OSError:
            sys.exit("the search ended before the picture was taken: run this again")
        finally:
            os.kill(process, signal.SIGINT)
            os.close(terminal)
            os.waitpid(process, 0)
    sys.exit("no key came in time")


def row(number, runs):
    y = MARGIN + 24 + number * LINE
    spans = (
        f'<tspan x="{MARGIN + column * CHARACTER:g}" fill="{colour}">{escape(text, quote=False)}</tspan>'
        for column, text, colour in runs
    )
    return f'<text y="{y}">{"".join(spans)}</text>'


def svg(screen):
    prompt = [(0, "$", PROMPT), (2, " ".join(["keygen", *ARGUMENTS]), FOREGROUND)]
    lines = [prompt, *screen.lines()]
    width = MARGIN * 2 + COLUMNS * CHARACTER
    height = MARGIN * 2 + 16 + len(lines) * LINE
    dots = "".join(
        f'<circle cx="{MARGIN + 4 + 18 * place}" cy="18" r="5" fill="{colour}"/>'
        for place, colour in enumerate(["#f38ba8", "#f9e2af", "#a6e3a1"])
    )
    rows = "\n".join(row(number, runs) for number, runs in enumerate(lines) if runs)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" role="img">
<title>{TITLE}</title>
<rect width="100%" height="100%" rx="8" fill="{BACKGROUND}"/>
{dots}
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="{SIZE}" xml:space="preserve">
{rows}
</g>
</svg>
"""


def main():
    program = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "target/release/keygen"
    (ROOT / "docs/keygen.svg").write_text(svg(search(str(program.resolve()))), encoding="utf-8")


if __name__ == "__main__":
    main()
