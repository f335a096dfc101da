#!/usr/bin/env python3
"""Takes docs/dashboard.png, a picture of the live page of a real search, with a browser without a window.

Usage: docs/dashboard_picture.py [KEYGEN [SECONDS]], by default target/release/keygen and 90 seconds. It needs chromium, node
and playwright-core in target/browser, as .ci/run installs them. The keys it finds are deleted with the folder that it
searches in.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PATTERN = ["--prefix", "C0FFEE1", "-n", "all"]


def link_of(search: subprocess.Popen) -> str:
    """The link that the search printed."""
    for line in search.stderr:
        if "http://" in line:
            return line.split(": ", 1)[1].strip()
    sys.exit("the search printed no link")


def picture(link: str, seconds: float, folder: str) -> None:
    """Opens the page, waits, and takes the picture."""
    command = ["node", ROOT / "tests/dashboard/browser.mjs", ROOT / "target/browser/node_modules"]
    command += [shutil.which("chromium") or sys.exit("there is no chromium"), folder]
    browser = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def tell(words: str) -> None:
        print(words, file=browser.stdin, flush=True)
        answer = browser.stdout.readline().strip()
        if answer != "ok":
            sys.exit(f"{words}: {answer}")

    tell(f"open {link}")
    time.sleep(seconds)
    tell("shot dashboard 1280 900 light")
    browser.stdin.close()
    browser.wait()


def main() -> None:
    keygen = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/release/keygen").resolve()
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 90
    with tempfile.TemporaryDirectory(prefix="keygen-picture-") as home:
        environment = {**os.environ, "HOME": home, "XDG_STATE_HOME": f"{home}/state"}
        words = [keygen, *PATTERN, "--session", "night", "--interval", "1", "--dashboard", "--dashboard-control"]
        search = subprocess.Popen(
            words, cwd=home, env=environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            picture(link_of(search), seconds, home)
        finally:
            search.terminate()
            search.wait()
        shutil.copy(f"{home}/dashboard.png", ROOT / "docs/dashboard.png")


if __name__ == "__main__":
    main()
