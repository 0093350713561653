"""/mcp with the unmodified clients of both eras, and by hand what they never send.

tideline-test: timeout=300
"""

import json
import os
import pathlib
import subprocess

from support.cases import Cases
from support.npm import node_for, packages
from support.server import Server
from support.trained import generated, run, scored_rows

HERE = pathlib.Path(__file__).parent / "mcp"
MODERN = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {}}

cases = Cases()
modules = packages("tests/assistant/mcp")
folder = pathlib.Path("shop")
run("import", *generated(pathlib.Path("history"), customers=40, days=60), "--pack", "marketplace",
    "--data", folder, "--json")


def client(script, server):
    env = {**os.environ, "CLIENT_MODULES": str(modules),
           "MCP_URL": f"http://127.0.0.1:{server.port}/mcp"}
    done = subprocess.run([node_for(20), str(HERE / script)], capture_output=True, text=True,
                          check=False, env=env, timeout=120)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def check(seen, customers):
    names = {tool["name"]: tool for tool in seen["tools"]}
    assert set(names) == {"ask", "list_questions", "run_question", "show_customer"}, names
    assert all(tool["readOnly"] for tool in names.values()), names
    assert names["ask"]["input"]["required"] == ["question"], names["ask"]
    assert seen["asked"]["rows"] == [[customers]], seen["asked"]
    assert str(customers) in seen["text"] and "SELECT" in seen["text"], seen["text"]
    assert seen["questions"] >= 60, seen["questions"]
    assert seen["run"]["question"] == "tier_count", seen["run"]
    assert seen["wrong"] is True and seen["unknown"], seen


with Server(folder) as server:
    def post(message, **headers):
        fields = {"Accept": "application/json, text/event-stream",
                  "Content-Type": "application/json",
                  **{name.replace("_", "-"): value for name, value in headers.items()}}
        return server.post("/mcp", message, headers=fields)

    def modern(method, params=None, **headers):
        return post({"jsonrpc": "2.0", "id": 1, "method": method,
                     "params": {**(params or {}), "_meta": META}},
                    **{"MCP_Protocol_Version": MODERN, "Mcp_Method": method, **headers})

    scored_rows(server)  # the overview counts those who are scored already
    customers = server.get("/api/v1/overview").json()["customers"]

    with cases.case("the client of the handshake era lists and calls tools"):
        (seen,) = client("handshake.mjs", server)
        check(seen, customers)
        assert seen["server"]["name"] == "tideline", seen["server"]

    with cases.case("the client of the stateless era, pinned, by itself, and in its default"):
        seen = client("stateless.mjs", server)
        assert [one["name"] for one in seen] == ["pinned", "auto", "legacy"], seen
        for one in seen:
            check(one, customers)
        assert [one["era"] for one in seen] == ["modern", "modern", "legacy"], seen

    with cases.case("discovery says what is spoken"):
        answer = modern("server/discover")
        assert answer.status == 200, answer
        result = answer.json()["result"]
        assert result["supportedVersions"] == [MODERN], result
        assert result["resultType"] == "complete" and "ttlMs" in result, result
        assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "tideline", result

    with cases.case("headers that do not say what the body says are refused"):
        for answer, code in [
                (modern("tools/list", Mcp_Method="tools/call"), -32020),
                (modern("tools/list", MCP_Protocol_Version="2025-11-25"), -32020),
                (modern("tools/call", {"name": "ask"}, Mcp_Name="other"), -32020),
                (modern("tools/call", {"name": "ask"}), -32020),
        ]:
            assert answer.status == 400, answer
            assert answer.json()["error"]["code"] == code, answer.body

    with cases.case("a version that is not spoken is refused with those that are"):
        meta = {**META, "io.modelcontextprotocol/protocolVersion": "2031-01-01"}
        answer = post({"jsonrpc": "2.0", "id": 1, "method": "tools/list",
                       "params": {"_meta": meta}}, MCP_Protocol_Version="2031-01-01",
                      Mcp_Method="tools/list")
        assert answer.status == 400 and answer.json()["error"]["code"] == -32022, answer
        assert MODERN in answer.json()["error"]["data"]["supported"], answer
        old = post({"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
                   MCP_Protocol_Version="1999-01-01")
        assert old.status == 400, old

    with cases.case("what is no request gets what the protocol says"):
        assert post({"jsonrpc": "2.0", "method": "notifications/initialized"}).status == 202
        assert post(b"{").json()["error"]["code"] == -32700
        assert post([]).status == 400
        unknown = modern("no/such")
        assert unknown.status == 404 and unknown.json()["error"]["code"] == -32601, unknown
        legacy = post({"jsonrpc": "2.0", "id": "a", "method": "no/such"})
        assert legacy.status == 200 and legacy.json()["error"]["code"] == -32601, legacy
        assert legacy.json()["id"] == "a", legacy
        assert server.get("/mcp").status == 405
        assert server.request("DELETE", "/mcp").status == 405

    with cases.case("a page of another site cannot call it"):
        answer = post({"jsonrpc": "2.0", "id": 1, "method": "tools/list"},
                      Origin="https://evil.example")
        assert answer.status == 403, answer
    server.stop()
cases.finish()
