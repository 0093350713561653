"""The API as its document says: the document by independent validators, every answer of a running
server by its schema, and what all routes have in common.

tideline-test: timeout=300
"""

import json
import os
import pathlib
import subprocess
import time

from support.cases import Cases
from support.npm import node_for, packages
from support.server import Server, authorization
from support.trained import scored_rows, trained_folder

HERE = pathlib.Path(__file__).parent
TMP = pathlib.Path(os.environ["TIDELINE_TMP"])


class Recorder:
    """Asks the server and keeps every answer for validate.mjs."""

    def __init__(self, server, file):
        self.server, self.file = server, file

    def ask(self, method, path, body=None, headers=None):
        content = None if body is None else body if isinstance(body, bytes) else json.dumps(
            body).encode()
        answer = self.server.request(method, path, content, headers)
        kept = {"method": method, "path": path, "status": answer.status,
                "type": answer.headers.get("content-type", ""),
                "body": answer.body.decode("utf-8", "replace")}
        if method in ("GET", "POST"):
            with open(self.file, "a", encoding="utf-8") as out:
                out.write(json.dumps(kept) + "\n")
        return answer

    def get(self, path, headers=None):
        return self.ask("GET", path, headers=headers)


def reads_of(api, customer):
    """Every read of the API, with what it needs filled in."""
    letter = api.get("/api/v1/deadletters").json()["data"][0]["id"]
    first = api.get("/api/v1/customers/" + customer + "/predictions").json()["data"][-1]
    fill = {"{id}": {"/api/v1/customers": customer, "/api/v1/deadletters": letter,
                     "/api/v1/models": "v1"}, "{version}": "0"}
    document = api.get("/api/v1/openapi.json").json()
    for path, methods in document["paths"].items():
        of_ours = path.startswith(("/api/v1/", "/health/")) or path == "/health"
        if "get" not in methods or not of_ours:
            continue
        operation = methods["get"]
        if operation["tags"] == ["access"]:  # about the caller, not kept by anybody
            continue
        if "text/event-stream" in operation["responses"]["200"]["content"]:
            continue
        if "{id}" in path:
            prefix = next((known for known in fill["{id}"] if path.startswith(known + "/")), None)
            if prefix is None:
                continue
            path = path.replace("{id}", fill["{id}"][prefix])
        path = path.replace("{version}", fill["{version}"])
        needed = {p["name"] for p in operation["parameters"]
                  if p["in"] == "query" and p["required"]}
        values = {"customer_id": customer, "from": first["timestamp"]}
        if "{" in path or not needed <= values.keys():
            continue
        yield path + ("?" + "&".join(f"{n}={values[n]}" for n in sorted(needed)) if needed else "")


def common(cases, api, paths):
    """What contract.md 3 asks of every read."""
    with cases.case("an unknown parameter is 400 on every read of /api/v1"):
        for path in paths:
            if "openapi" in path:
                continue
            answer = api.get(path + ("&" if "?" in path else "?") + "nonsense=1")
            assert answer.status == 400, f"{path}: {answer.status}"
            assert answer.json()["code"] == "unknown_parameter", answer.body
    with cases.case("every read has an ETag that answers 304, and HEAD"):
        for path in paths:
            answer = api.get(path)
            assert answer.status == 200, f"{path}: {answer.status} {answer.body[:300]}"
            etag = answer.headers.get("etag")
            assert etag, f"{path} has no ETag"
            head = api.ask("HEAD", path)
            assert head.status == 200 and head.body == b"", f"{path}: {head.status}"
    with cases.case("an ETag that is known is answered 304 without a body"):
        for path in ("/api/v1/pack", "/api/v1/models", "/api/v1/openapi.json", "/api/v1/rules"):
            etag = api.get(path).headers["etag"]
            again = api.server.request("GET", path, headers={"If-None-Match": etag})
            assert again.status == 304 and again.body == b"", f"{path}: {again.status}"


def problems(cases, api):
    """Trouble has one form, wherever in the program it comes from."""
    def check(answer, status, code=None):
        assert answer.status == status, f"{answer.status}: {answer.body[:300]}"
        assert answer.headers["content-type"] == "application/problem+json", answer.headers
        told = answer.json()
        assert told["status"] == status and told["code"] and told["title"], told
        assert told["request_id"] == answer.headers["x-request-id"], told
        assert code in (None, told["code"]), told
        return answer

    with cases.case("404, 405, 413 and 400 are problems with code and request id"):
        check(api.get("/api/v1/nothing"), 404)
        check(api.get("/nothing/at/all"), 404)
        allow = check(api.ask("DELETE", "/api/v1/customers"), 405).headers["allow"]
        assert "GET" in allow and "HEAD" in allow, allow
        check(api.ask("POST", "/api/v1/rules", b"x" * (2 << 20)), 413)
        check(api.ask("POST", "/api/v1/rules", b"{"), 400, "malformed_json")
        check(api.get("/api/v1/customers?limit=0"), 400, "bad_parameter")
        check(api.get("/api/v1/customers?limit=1001"), 400, "bad_parameter")
        check(api.get("/api/v1/customers?limit=1&limit=2"), 400, "bad_parameter")
        check(api.get("/api/v1/customers?churn_risk_14d[gte]=x"), 400, "bad_parameter")
        check(api.get("/api/v1/customers?sort=nothing"), 400, "bad_parameter")
        check(api.get("/api/v1/customers?cursor=AAAA"), 400, "bad_cursor")
        check(api.get("/api/v1/customers/nobody"), 404, "unknown_customer")
        check(api.ask("POST", "/v1/batch", b"{}", {"Authorization": authorization("tl_no")}), 401)


def writes(cases, api):
    with cases.case("writes of another site's page are refused"):
        answer = api.ask("POST", "/api/v1/models/rollback", {}, {"Sec-Fetch-Site": "cross-site"})
        assert answer.status == 403, answer
    with cases.case("the same Idempotency-Key does a write once"):
        book = api.get("/api/v1/rules").json()["book"]
        body = {"book": book, "note": "the same again", "based_on": 0}
        answers = [api.ask("POST", "/api/v1/rules", body, {"Idempotency-Key": "one"})
                   for _ in range(3)]
        assert [a.status for a in answers] == [200] * 3, answers
        assert len({a.body for a in answers}) == 1, answers
        assert [a.headers.get("idempotency-replayed") for a in answers] == [None, "true", "true"]
        body["note"] = "something else"
        other = api.ask("POST", "/api/v1/rules", body, {"Idempotency-Key": "one"})
        assert other.status == 422 and other.json()["code"] == "idempotency_key_reused", other
        assert api.get("/api/v1/rules").json()["newest"] == 1
    with cases.case("a promotion made from what is no longer true is 409"):
        answer = api.ask("POST", "/api/v1/models/v1/promote", {"based_on": "someone-else-v9"})
        assert answer.status == 409 and answer.json()["code"] == "version_conflict", answer
    api.ask("POST", "/api/v1/rules/preview", {"book": api.get("/api/v1/rules").json()["book"]})
    api.ask("POST", "/api/v1/models/v1/promote", {})
    api.ask("POST", "/api/v1/predict", {"customer_id": "nobody"})


def wait_until_scored(api):
    """The promotion just made has everybody scored again, which moves rows of newest-first
    lists."""
    last = None
    while (now := api.get("/api/v1/predictions?limit=1000").body) != last:
        last = now
        time.sleep(1.5)


def cursors(cases, api):
    wait_until_scored(api)
    with cases.case("pages hold every customer once, also while others come"):
        whole = {row["customer_id"]
                 for row in api.get("/api/v1/customers?limit=1000").json()["data"]}
        for path in ("/api/v1/customers", "/api/v1/customers?sort=-health_score",
                     "/api/v1/customers?sort=-customer_id", "/api/v1/predictions"):
            seen, cursor = [], ""
            while True:
                mark = "&" if "?" in path else "?"
                page = api.server.get(f"{path}{mark}limit=40&cursor={cursor}").json()
                seen += [row["customer_id"] for row in page["data"]]
                cursor = page["next_cursor"]
                if not cursor:
                    break
            assert whole <= set(seen), f"{path}: {len(whole - set(seen))} are missing"
            assert len(seen) == len(set(seen)), f"{path}: some come twice"


def main():
    cases = Cases()
    folder = trained_folder(TMP / "folder")
    answers = TMP / "answers.ndjson"
    with Server(folder) as server:
        key = server.new_key("test")
        server.post("/v1/events?verdicts=1", b"{\n", key)
        rows = scored_rows(server)
        api = Recorder(server, answers)
        paths = list(reads_of(api, rows[0]["customer_id"]))
        common(cases, api, paths)
        problems(cases, api)
        writes(cases, api)
        cursors(cases, api)
        (TMP / "openapi.json").write_bytes(server.get("/api/v1/openapi.json").body)
        server.stop()
    settings = {"modules": str(packages("tests/api")), "document": str(TMP / "openapi.json"),
                "answers": str(answers)}
    with cases.case("all of validate.mjs ran"):
        env = {**os.environ, "API_SETTINGS": json.dumps(settings)}
        status = subprocess.run([node_for(20), str(HERE / "validate.mjs")], env=env,
                                check=False).returncode
        assert status in (0, 1), f"it ended with status {status}"
        cases.failed += status
    cases.finish()


main()
