"""Watches a search over `keygen mcp` and recovers it step by step: reclaim memory, restart the workers, restart the
process; after each step it verifies that the search answers and makes progress.

    python3 -m venv mcp && mcp/bin/pip install mcp
    mcp/bin/python contrib/recover.py night            # once: exit 0 if the search works in the end, else 1
    mcp/bin/python contrib/recover.py night --every 30 # until interrupted, a look every 30 seconds
"""

import argparse
import asyncio
import sys

from mcp import Client, StdioServerParameters, stdio_client

STEPS = ["reclaim", "restart_workers", "restart_process"]


async def call(client, tool, **arguments):
    """What a tool returns; None, and a line that says why, where it can't do what was asked."""
    result = await client.call_tool(tool, arguments)
    if result.is_error:
        print(f"  {tool}: {result.content[0].text}")
        return None
    return result.structured_content


async def works(client, session, verify):
    """Whether the search answers, and tests more candidates within `verify` seconds."""
    answer = await call(client, "check_responsiveness", session=session, timeout_seconds=2)
    if answer is None or not answer["responsive"]:
        print(f"  no answer: {answer and answer['reason']}")
        return False
    before = await call(client, "search_status", session=session)
    if before is None or before["state"] in ("paused", "finished"):
        # Somebody wanted that.
        return before is not None
    for _ in range(verify):
        await asyncio.sleep(1)
        now = await call(client, "search_status", session=session)
        if now is not None and now["candidates"] > before["candidates"]:
            return True
    print(f"  no progress within {verify} s")
    return False


async def recover(client, session, verify):
    """Tries one step after another until the search works; whether it does."""
    health = await call(client, "get_health", session=session)
    if health is None:
        return False
    print(f"{session}: {health['state']}, process {health['status']}")
    if health["state"] == "finished" or await works(client, session, verify):
        return True
    # Only a process can be asked for something.
    steps = STEPS if health["status"] == "healthy" else STEPS[-1:]
    for step in steps:
        print(f"  trying {step}")
        await call(client, step, session=session)
        if await works(client, session, verify):
            print(f"  recovered by {step}")
            return True
    return False


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("session")
    parser.add_argument("--keygen", default="keygen", help="the program")
    parser.add_argument("--state-dir", help="as keygen's option")
    parser.add_argument("--verify", type=int, default=10, help="seconds in which a step must show an effect")
    parser.add_argument("--every", type=float, help="look again after so many seconds")
    args = parser.parse_args()
    place = ["--state-dir", args.state_dir] if args.state_dir else []
    server = StdioServerParameters(command=args.keygen, args=["mcp", "--allow-control", *place])
    async with Client(stdio_client(server)) as client:
        while True:
            fine = await recover(client, args.session, args.verify)
            if args.every is None:
                return 0 if fine else 1
            if not fine:
                print(f"{args.session}: nothing helped; look at it yourself", file=sys.stderr)
            await asyncio.sleep(args.every)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
