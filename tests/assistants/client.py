"""An independent client of the Model Context Protocol calls every tool against real searches.

Arguments: the program, the state folder, the root for keys, a list of nodes. Every answer is checked against the schema
of its tool by the client itself, and at the end none may hold a private key that a search has saved.
"""

import asyncio
import json
import os
import pathlib
import re
import signal
import sys

from mcp import Client, MCPError, StdioServerParameters, stdio_client

PROGRAM, STATE, ROOT, NODES = sys.argv[1:5]
NEVER = "0123456789ABCDEF"
ANSWERS = []


def server(*words):
    return stdio_client(StdioServerParameters(
        command=PROGRAM, args=["mcp", "--state-dir", STATE, *words], env=dict(os.environ)))


async def call(client, tool, **arguments):
    result = await client.call_tool(tool, arguments)
    ANSWERS.append(result.model_dump_json())
    assert not result.is_error, (tool, result.content)
    return result.structured_content


async def fails(client, tool, **arguments):
    """What an assistant reads of a tool that can't do it."""
    result = await client.call_tool(tool, arguments)
    ANSWERS.append(result.model_dump_json())
    assert result.is_error, (tool, result.structured_content)
    return result.content[0].text


async def refused(client, tool, **arguments):
    """The error of the protocol."""
    try:
        result = await client.call_tool(tool, arguments)
    except MCPError as error:
        ANSWERS.append(str(error))
        return error.error.code, error.error.message
    raise AssertionError((tool, arguments, result))


async def until(what, look):
    for _ in range(3000):
        seen = await look()
        if seen:
            return seen
        await asyncio.sleep(0.02)
    raise AssertionError(f"{what} did not come")


async def closed():
    """Without --allow-control nothing can be changed."""
    async with Client(server()) as client:
        tools = (await client.list_tools()).tools
        assert len(tools) == 8 and all(tool.annotations.read_only_hint for tool in tools), tools
        code, message = await refused(client, "stop", session="night")
        assert code == -32602 and "--allow-control" in message, message
        assert "--nodes" in await fails(client, "free_ids")
        assert (await call(client, "list_sessions")) == {"sessions": [], "problems": []}


async def tools(client):
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert len(tools) == 15, sorted(tools)
    destructive = {name for name, tool in tools.items() if tool.annotations.destructive_hint}
    assert destructive == {"stop", "restart_workers", "restart_process"}, destructive
    for tool in tools.values():
        assert tool.description and tool.input_schema["type"] == "object" and tool.output_schema, tool
        assert "private" not in json.dumps(tool.input_schema), tool
    assert (await client.list_resource_templates()).resource_templates
    return tools


async def start(client):
    pattern = {"prefix": [NEVER]}
    done = await call(client, "start_search", session="night", pattern=pattern, workers=1, output="keys", time="8h")
    assert done["state"] == "running", done
    assert "already" in await fails(client, "start_search", session="night", pattern=pattern)
    for output in ["..", "/tmp", "a/../.."]:
        assert "not below" in await fails(client, "start_search", session="x", pattern=pattern, output=output)
    assert "empty" in await fails(client, "start_search", session="x", pattern={})
    assert "hex" in await fails(client, "start_search", session="x", pattern={"prefix": ["--output=/tmp"]})
    assert "not a valid" in await fails(client, "start_search", session="../x", pattern=pattern)
    await call(client, "start_search", session="quick", pattern={"prefix": ["F8"]}, count=2, workers=1)

    async def two():
        found = (await call(client, "list_keys", session="quick"))["keys"]
        return found if len(found) == 2 else None

    for key in await until("two keys", two):
        assert re.fullmatch("(?i)f8[0-9a-f]{62}", key["public_key"]), key
        assert all(file.startswith(os.path.realpath(ROOT)) for file in key["files"]), key


async def read(client):
    names = {session["session"] for session in (await call(client, "list_sessions"))["sessions"]}
    assert names == {"night", "quick"}, names
    health = await call(client, "get_health", session="night")
    assert health["status"] == "healthy" and health["responsive"] and health["pid"] > 1, health
    assert health["memory_bytes"] > 1 << 20 and health["threads"] > 1, health
    answer = await call(client, "check_responsiveness", session="night")
    assert answer["responsive"] and 0 < answer["response_time"] < 5, answer

    async def progress():
        return (await call(client, "search_status", session="night"))["candidates"] > 0

    await until("progress", progress)

    async def reported():
        report = await call(client, "health_report")
        by_name = {session["process"]["session"]: session for session in report["sessions"]}
        # the supervisor tells of its workers some time after the first candidates
        return (report, by_name) if by_name["night"]["workers"] else None

    report, by_name = await until("a report on the workers", reported)
    assert by_name["night"]["workers"][0]["worker"] == 1 and by_name["quick"]["workers"] is None, report
    assert "night: running" in by_name["night"]["text"], report
    assert (await call(client, "list_keys", session="night"))["keys"] == []
    odds = await call(client, "odds", pattern={"prefix": ["F8A1"]}, rate=65536, time="8h")
    assert odds["probability"] == 16 ** -4 and odds["expected_seconds"] == 1, odds
    ids = await call(client, "free_ids")
    assert ids["possible"] == 254 and 0 < ids["taken"] < 254 and ids["free_ids"], ids
    resources = (await client.list_resources()).resources
    assert {str(resource.uri) for resource in resources} == {f"keygen://sessions/{name}" for name in names}
    contents = (await client.read_resource("keygen://sessions/night")).contents[0]
    ANSWERS.append(contents.text)
    assert json.loads(contents.text)["pattern"] == f"prefix {NEVER}", contents
    try:
        await client.read_resource("keygen://sessions/nobody")
        raise AssertionError("a resource that does not exist")
    except MCPError as error:
        assert "there is no session" in error.error.message, error


async def change(client):
    async def state(wanted):
        async def look():
            return (await call(client, "search_status", session="night"))["state"] == wanted
        await until(wanted, look)

    await call(client, "pause", session="night")
    await state("paused")
    await call(client, "resume", session="night")
    await state("running")
    assert "replaces worker 1" in (await call(client, "restart_workers", session="night", worker=1))["done"]
    await call(client, "reclaim", session="night")
    first = (await call(client, "get_health", session="night"))["pid"]

    os.kill(first, signal.SIGSTOP)
    answer = await call(client, "check_responsiveness", session="night", timeout_seconds=0.3)
    assert not answer["responsive"] and answer["response_time"] is None and "0.3 s" in answer["reason"], answer
    health = await call(client, "get_health", session="night")
    assert health["status"] == "healthy" and health["responsive"] is False, health
    assert "stopped" in await fails(client, "reclaim", session="night")
    await call(client, "resume", session="night")
    assert (await call(client, "check_responsiveness", session="night"))["responsive"]

    os.kill(first, signal.SIGKILL)

    async def dead():
        health = await call(client, "get_health", session="night")
        return health if health["status"] == "dead" else None

    health = await until("a dead process", dead)
    nulls = [health[name] for name in ("pid", "memory_bytes", "processor_share", "threads", "uptime_seconds", "responsive")]
    assert nulls == [None] * 6 and health["state"] == "interrupted", health
    assert not (await call(client, "check_responsiveness", session="night"))["responsive"]
    assert "not running" in await fails(client, "pause", session="night")
    await call(client, "resume", session="night")
    second = (await call(client, "get_health", session="night"))["pid"]
    assert second not in (None, first)
    await call(client, "restart_process", session="night")
    third = (await call(client, "get_health", session="night"))["pid"]
    assert third not in (None, second)
    done = await call(client, "stop", session="night")
    assert done["state"] == "finished" and "is stopped" in done["done"], done
    assert "has ended: found" in await fails(client, "restart_process", session="quick")


async def wrong(client):
    """What is no valid call is an error of the protocol, and the next call is answered."""
    for tool, arguments, words in [
        ("explode", {}, "no tool"),
        ("get_health", {}, "missing field `session`"),
        ("get_health", {"session": 7}, "invalid type"),
        ("get_health", {"session": "night", "key": "x"}, "unknown field"),
        ("restart_workers", {"session": "night", "worker": -1}, "invalid value"),
    ]:
        code, message = await refused(client, tool, **arguments)
        assert code == -32602 and words in message, (code, message)
    key = "ab" * 64
    code, message = await refused(client, "get_health", session=key)
    assert code == -32602 and key not in message, message
    assert "did you mean night" in await fails(client, "get_health", session="nigt")
    assert "0.1 to 30" in await fails(client, "check_responsiveness", session="night", timeout_seconds=1e9)
    await call(client, "list_sessions")


def no_private_key():
    answers = "\n".join(ANSWERS).lower()
    files = list(pathlib.Path(ROOT).rglob("*_private.txt"))
    assert len(files) == 2, files
    for file in files:
        key = file.read_text().strip().lower()
        assert len(key) == 128
        for half in (key[:64], key[64:]):
            assert half not in answers, f"a private key of {file.name}"


async def main():
    await closed()
    async with Client(server("--allow-control", "--root", ROOT, "--nodes", NODES)) as client:
        await tools(client)
        await start(client)
        await read(client)
        await change(client)
        await wrong(client)
    no_private_key()
    print(f"{len(ANSWERS)} answers, no private key")


asyncio.run(main())
