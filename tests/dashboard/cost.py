#!/usr/bin/env python3
"""What the live page costs: the processor time of its threads with three pages open, and the search's rate with and without.

Usage: tests/dashboard/cost.py KEYGEN [PAIRS [SECONDS]]. Runs alternate, with and without; run it on an idle machine.
"""

import http.client
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

PAGES = 3


def enter(link: str) -> tuple[str, str]:
    """The address of the page, and the cookie for it."""
    address = link.split("/")[2]
    connection = http.client.HTTPConnection(address)
    connection.request("GET", "/" + link.split("/", 3)[3])
    return address, connection.getresponse().getheader("set-cookie").split(";")[0]


def read(address: str, cookie: str, count: list[int]) -> None:
    """Reads pictures as an open page does, until the search is gone."""
    connection = http.client.HTTPConnection(address)
    connection.request("GET", "/live", headers={"Cookie": cookie})
    try:
        for line in connection.getresponse():
            count[0] += line.startswith(b"data: ")
    except (OSError, http.client.HTTPException):
        pass


def ticks(process: int) -> dict[str, int]:
    """Processor time of each thread by its name, in ticks."""
    times: dict[str, int] = {}
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        name, rest = (task / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
        fields = rest.split()
        times[name] = times.get(name, 0) + int(fields[11]) + int(fields[12])
    return times


def run(keygen: str, seconds: float, page: bool) -> tuple[float, float, int]:
    """A search: its rate, the share of a processor that page threads used, and the pictures that were sent."""
    with tempfile.TemporaryDirectory(prefix="keygen-cost-") as home:
        environment = {**os.environ, "HOME": home, "XDG_STATE_HOME": f"{home}/state"}
        words = [keygen, "--prefix", "0123456789ABCDEF", "--session", "cost", "--output", home]
        words += ["--workers", str(max(1, len(os.sched_getaffinity(0)) // 2))]
        words += ["--dashboard"] if page else []
        search = subprocess.Popen(words, env=environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        count = [0]
        for line in search.stderr:
            if page and "http://" in line:
                address, cookie = enter(line.split(": ", 1)[1].strip())
                for _ in range(PAGES):
                    threading.Thread(target=read, args=(address, cookie, count), daemon=True).start()
            if line.startswith("Searching for"):
                break
        threading.Thread(target=search.stderr.read, daemon=True).start()
        time.sleep(5)
        before, sent, first = ticks(search.pid), count[0], candidates(keygen, environment)
        begin = time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - begin
        after, sent, last = ticks(search.pid), count[0] - sent, candidates(keygen, environment)
        search.terminate()
        search.wait()
        names = [name for name in after if name == "dashboard" or name.startswith("tokio")]
        used = sum(after[name] - before.get(name, 0) for name in names) / os.sysconf("SC_CLK_TCK")
        return (last[0] - first[0]) / (last[1] - first[1]), used / took, sent


def candidates(keygen: str, environment: dict[str, str]) -> tuple[int, float]:
    """Candidates so far, and the seconds of searching that they took."""
    out = subprocess.run([keygen, "status", "cost", "--json"], env=environment, text=True, capture_output=True, check=True)
    status = json.loads(out.stdout)
    return status["candidates"], status["working_seconds"]


def main() -> None:
    keygen = os.path.abspath(sys.argv[1])
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    seconds = float(sys.argv[3]) if len(sys.argv) > 3 else 20
    ratios, shares = [], []
    for number in range(pairs):
        order = [False, True] if number % 2 else [True, False]
        runs = {page: run(keygen, seconds, page) for page in order}
        ratios.append(runs[True][0] / runs[False][0] - 1)
        shares.append(runs[True][1])
        print(f"{runs[False][0] / 1e6:.1f} M/s without, {runs[True][0] / 1e6:.1f} M/s with: {ratios[-1]:+.2%}; "
              f"page {shares[-1]:.2%} of a processor for {runs[True][2]} pictures", flush=True)
    print(f"median: rate {statistics.median(ratios):+.2%}, page {statistics.median(shares):.2%} of a processor")


if __name__ == "__main__":
    main()
