"""Every operation of the OpenAPI document for every kind of caller: the expected code everywhere.

What an operation needs is read from the document (x-permission); one that does not say it fails.

tideline-test: timeout=300
"""

import datetime
import json
import os
import pathlib

from access.callers import (ROLE_MAY, SCOPES, Caller, Connection, closed_server, code_of, new_key,
                            new_user, program, session, with_lower)
from support.cases import Cases
from support.waiting import wait_for

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
SOURCE = pathlib.Path(os.environ["TIDELINE_SOURCE"])
PERMISSIONS = {"open", "local", *SCOPES}
METHODS = {"get", "post", "put", "patch", "delete"}
SAFE = {"get"}
# What the gate says; an answer of a handler has none of these.
GATE_CODES = {"not_signed_in", "unknown_key", "no_right", "csrf"}
cases = Cases()


def operations_of(document):
    """(method, path, permission) of every operation."""
    found = []
    for path, item in document["paths"].items():
        for method in METHODS & item.keys():
            found.append((method, path, item[method].get("x-permission")))
    return sorted(found)


def expected(permission, caller, method, csrf):
    """Status and code of the gate's refusal; None where the request reaches its handler."""
    if permission in ("open", "local"):  # the test asks from this machine
        return None
    if caller.revoked:
        return 401, "unknown_key"
    if caller.key:
        return None if permission in caller.may else (403, "no_right")
    if permission == "ingest":
        return 401, "unknown_key"
    if not caller.cookie:
        return 401, "not_signed_in"
    if method not in SAFE and not csrf:
        return 403, "csrf"
    return None if permission in caller.may else (403, "no_right")


def ask(server, method, path, caller, csrf):
    """Status and the gate's code. The body is none that a handler could do something with."""
    key = caller.key or "none"
    path = path.replace("{key}", key).replace("{", "x").replace("}", "x")
    body = None if method in SAFE else b"no JSON"
    connection = Connection(server.port)
    try:
        connection.connection.request(method.upper(), path, body, caller.fields(csrf))
        answer = connection.connection.getresponse()
        if answer.status not in (401, 403):
            return answer.status, None  # a stream's body has no end
        content = json.loads(answer.read())
        return answer.status, content["code"]
    finally:
        connection.close()


def judge(server, operation, callers):
    method, path, permission = operation
    wrong = []
    for caller in callers:
        if path == "/api/v1/logout" and caller.cookie:
            caller = session(server, caller.name.split()[-1], caller.may)  # one that may end
        # Without its token first: a logout with it ends the session.
        for csrf in (False, True) if caller.cookie and method not in SAFE else (True,):
            status, code = ask(server, method, path, caller, csrf)
            want = expected(permission, caller, method, csrf)
            reached = code not in GATE_CODES
            if (want is None and not reached) or (want is not None and (status, code) != want):
                wrong.append(f"{caller.name}{'' if csrf else ' without its token'}: "
                             f"{status} {code}, not {want or 'the handler'}")
    assert not wrong, "; ".join(wrong)


def all_callers(server):
    callers = [Caller("nobody")]
    for role, may in ROLE_MAY.items():
        new_user(server, role, role)
        callers.append(session(server, role, may))
    for scope in SCOPES:
        key = new_key(server, scope, scope)
        callers.append(Caller(f"key for {scope}", with_lower(scope), key))
    both = new_key(server, "both", "ingest", "read")
    callers.append(Caller("key for ingest and read", {"ingest", "read"}, both))
    revoked = Caller("revoked key", key=new_key(server, "revoked", *SCOPES))
    program(server, "keys", "revoke", "revoked")
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
    expired = Caller("expired key", key=new_key(server, "expired", *SCOPES,
                                                expires=soon.isoformat()))
    wait_for(lambda: expired.ask(server, "GET", "/api/v1/overview").status == 401, 10)
    unknown = Caller("unknown key", key="tl_nobody")
    for caller in (revoked, expired, unknown):
        caller.revoked = True
    return [*callers, revoked, expired, unknown]


def main():
    kept = json.loads((SOURCE / "docs/openapi.json").read_text())
    server = closed_server(TMP / "data")
    with server:
        callers = all_callers(server)
        served = server.get("/api/v1/openapi.json").json()
        operations = operations_of(kept)
        with cases.case("every operation says what it needs"):
            silent = [one for one in operations if one[2] not in PERMISSIONS]
            assert not silent, silent
        with cases.case("the program serves the operations of docs/openapi.json"):
            assert operations_of(served) == operations
        with cases.case("what opens to everybody is on this list"):
            opened = {path for _, path, permission in operations if permission == "open"}
            beside = {path for path in opened if path.startswith(("/api/", "/v1/", "/v2"))}
            assert beside == {"/api/v1/login", "/api/v1/setup", "/v1/m"}, beside
        for operation in operations:
            with cases.case(f"{operation[0].upper()} {operation[1]}"):
                judge(server, operation, callers)
        with cases.case("the server has no complaint"):
            assert server.get("/readyz").status == 200
    print(f"{len(operations)} operations, {len(callers)} callers")


main()
cases.finish()
