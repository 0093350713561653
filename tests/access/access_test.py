"""Who is let in: set-up link, login, throttling, roles, keys, CSRF, sessions, the audit log.

tideline-test: timeout=300
"""

import datetime
import os
import pathlib
import re
import time

from access.callers import (PASSWORD, ROLE_MAY, Caller, closed_server, code_of, log_in, new_key,
                            new_user, program, session)
from support.cases import Cases
from support.waiting import wait_for

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
STRANGER = Caller("stranger")
cases = Cases()


def token_of_link(server):
    found = re.search(r"/setup#([\w-]{43})$", "".join(server.printed), re.MULTILINE)
    assert found, server.printed
    return found.group(1)


def set_up(server, token, name="root", password=PASSWORD):
    return server.post("/api/v1/setup", {"token": token, "name": name, "password": password})


def first_run():
    server = closed_server(TMP / "first")
    with server:
        with cases.case("without users a stranger is told to set up"):
            answer = server.get("/api/v1/me")
            assert (answer.status, code_of(answer)) == (401, "set_up_needed"), answer
        first = token_of_link(server)
        server.stop()
        server.start()
        with cases.case("a new start makes the link of the one before void"):
            token = token_of_link(server)
            assert first != token
            assert code_of(set_up(server, first)) == "void_setup_link"
        with cases.case("the set-up link makes one admin, once"):
            assert code_of(set_up(server, "x" * 43)) == "void_setup_link"
            root = Caller("root").signed_in(set_up(server, token))
            assert root.ask(server, "GET", "/api/v1/me").json()["role"] == "admin"
            again = set_up(server, token, "eve")
            assert (again.status, code_of(again)) == (401, "void_setup_link"), again
        with cases.case("a session lives through a restart, and no other link is printed"):
            server.stop()
            server.start()
            assert "/setup#" not in "".join(server.printed), server.printed
            assert root.ask(server, "GET", "/api/v1/me").json()["name"] == "root"
        with cases.case("logout ends it"):
            assert root.ask(server, "POST", "/api/v1/logout").status == 200
            answer = root.ask(server, "GET", "/api/v1/me")
            assert (answer.status, code_of(answer)) == (401, "not_signed_in"), answer


def logins(server):
    with cases.case("the cookie is hidden from scripts and from other sites"):
        cookie = log_in(server, "viewer").headers["set-cookie"]
        for part in ("HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=604800"):
            assert part in cookie, cookie
        assert "Secure" not in cookie, "this is plain HTTP"
    with cases.case("a wrong password is refused, and guessing is slowed down"):
        for _ in range(5):
            answer = log_in(server, "analyst", "guess")
            assert (answer.status, code_of(answer)) == (401, "wrong_login"), answer
        answer = log_in(server, "analyst")
        assert (answer.status, code_of(answer)) == (429, "too_many_logins"), answer
        assert answer.headers["retry-after"] == "1", answer
        assert log_in(server, "viewer").status == 200, "others are not slowed down"
    with cases.case("a name that nobody has is refused in the same words"):
        answer = log_in(server, "nobody", "guess")
        assert (answer.status, code_of(answer)) == (401, "wrong_login"), answer
    with cases.case("a page of another site cannot sign anybody in"):
        answer = server.post("/api/v1/login", {"name": "viewer", "password": PASSWORD},
                             headers={"Sec-Fetch-Site": "cross-site"})
        assert (answer.status, code_of(answer)) == (403, "cross_site"), answer


def changes_of_others(server):
    """Cross-site request forgery: each refusal, and what passes."""
    admin = session(server, "admin")
    user = {"name": "made", "role": "viewer", "password": PASSWORD}
    origin = f"http://127.0.0.1:{server.port}"
    refusals = [
        ("without the token", {"X-CSRF-Token": ""}, "csrf"),
        ("with another's token", {"X-CSRF-Token": session(server, "viewer").csrf_token}, "csrf"),
        ("from another site", {"Sec-Fetch-Site": "cross-site"}, "cross_site"),
        ("from another port of this host", {"Sec-Fetch-Site": "same-site"}, "cross_site"),
        ("from another origin", {"Origin": "http://evil.example"}, "cross_site"),
        ("from no origin at all", {"Origin": "null"}, "cross_site"),
    ]
    for name, fields, code in refusals:
        with cases.case(f"a change with a session {name} is refused"):
            answer = admin.ask(server, "POST", "/api/v1/users", user, **fields)
            assert (answer.status, code_of(answer)) == (403, code), answer
    with cases.case("a change from the page itself is done"):
        answer = admin.ask(server, "POST", "/api/v1/users", user, Origin=origin,
                           **{"Sec-Fetch-Site": "same-origin"})
        assert answer.status == 200, answer
    with cases.case("a key needs no token"):
        key = Caller("key", key=new_key(server, "administers", "administer"))
        answer = key.ask(server, "POST", "/api/v1/users", {**user, "name": "made-too"})
        assert answer.status == 200, answer


def roles_and_sessions(server):
    with cases.case("a viewer changes nothing"):
        viewer = session(server, "viewer")
        answer = viewer.ask(server, "POST", "/api/v1/deadletters/0-0/drop")
        assert (answer.status, code_of(answer)) == (403, "no_right"), answer
        assert viewer.ask(server, "GET", "/api/v1/overview").status == 200
    with cases.case("a changed role ends every session at once"):
        operator, admin = session(server, "operator"), session(server, "admin")
        assert operator.ask(server, "GET", "/api/v1/me").json()["role"] == "operator"
        admin.ask(server, "PATCH", "/api/v1/users/operator", {"role": "viewer"})
        assert operator.ask(server, "GET", "/api/v1/me").status == 401
        admin.ask(server, "PATCH", "/api/v1/users/operator", {"role": "operator"})
    with cases.case("the last admin can be neither demoted nor disabled"):
        for change in ({"role": "viewer"}, {"disabled": True}):
            answer = admin.ask(server, "PATCH", "/api/v1/users/admin", change)
            assert (answer.status, code_of(answer)) == (409, "last_admin"), answer
    with cases.case("the command line lets one in again"):
        before = session(server, "viewer")
        made = program(server, "users", "password", "viewer")["password"]
        assert before.ask(server, "GET", "/api/v1/me").status == 401
        assert code_of(log_in(server, "viewer")) == "wrong_login"
        assert log_in(server, "viewer", made).status == 200
        program(server, "users", "disable", "viewer")
        assert code_of(log_in(server, "viewer", made)) == "wrong_login"
        program(server, "users", "disable", "viewer", "--undo")
        assert log_in(server, "viewer", made).status == 200


def keys(server):
    admin = session(server, "admin")
    with cases.case("a key is shown once and is not in the list"):
        made = admin.ask(server, "POST", "/api/v1/keys", {"id": "shop", "scopes": ["ingest"]})
        key = made.json()["key"]
        listed = admin.ask(server, "GET", "/api/v1/keys")
        assert key not in listed.body.decode() and key[:9] in listed.body.decode(), listed
    event = {"userId": "u", "event": "Signed In"}
    with cases.case("a revoked key opens nothing from the next request on"):
        assert server.post("/v1/track", event, key=key).status == 200
        assert admin.ask(server, "POST", "/api/v1/keys/shop/revoke").status == 200
        answer = server.post("/v1/track", event, key=key)
        assert (answer.status, code_of(answer)) == (401, "unknown_key"), answer
        answer = server.post("/v1/track", {**event, "writeKey": key})
        assert (answer.status, code_of(answer)) == (401, "unknown_key"), answer
    with cases.case("a key that only reads sends no events, wherever it stands"):
        reads = new_key(server, "reads", "read")
        answer = server.post("/v1/track", event, key=reads)
        assert (answer.status, code_of(answer)) == (403, "no_right"), answer
        answer = server.post("/v1/track", {**event, "writeKey": reads})
        assert (answer.status, code_of(answer)) == (401, "unknown_key"), answer
    with cases.case("an expired key opens nothing"):
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=3)
        caller = Caller("key", key=new_key(server, "soon", "read", expires=soon.isoformat()))
        assert caller.ask(server, "GET", "/api/v1/overview").status == 200
        wait_for(lambda: caller.ask(server, "GET", "/api/v1/overview").status == 401, 10)
    with cases.case("a typo in a key is named"):
        answer = Caller("key", key=reads[:-1] + ("A" if reads[-1] != "A" else "B")).ask(
            server, "GET", "/api/v1/overview")
        assert answer.status == 401 and "mistyped" in answer.json()["detail"], answer


def audit(server):
    admin = session(server, "admin")
    with cases.case("the audit log tells who did what, newest first, page by page"):
        seen, cursor = [], ""
        while cursor is not None:
            page = admin.ask(server, "GET", f"/api/v1/audit?limit=7{cursor}").json()
            seen += page["data"]
            cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
        numbers = [entry["number"] for entry in seen]
        assert numbers == list(range(len(numbers), 0, -1)), numbers
        told = {(entry["who"], entry["what"], entry["outcome"]) for entry in seen}
        for expected in [("user:analyst", "login", "wrong_login"),
                         ("user:admin", "change_role", "done"),
                         ("user:admin", "disable_user", "last_admin"),
                         ("user:admin", "revoke_key", "done"),
                         ("command", "set_password", "done")]:
            assert expected in told, f"{expected} is not in {sorted(told)}"
    with cases.case("verify reads the whole chain"):
        verified = program(server, "verify")
        assert verified["ok"] and verified["audit_entries"] >= len(seen), verified


def main():
    first_run()
    server = closed_server(TMP / "data")
    with server:
        for role in ROLE_MAY:
            new_user(server, role, role)
        logins(server)
        changes_of_others(server)
        roles_and_sessions(server)
        keys(server)
        audit(server)


start = time.monotonic()
main()
print(f"took {time.monotonic() - start:.1f} s")
cases.finish()
