"""Callers of every kind, for a server where nobody is let in without showing who they are."""

import json
import os
import re
import subprocess

from support.server import Connection, Server

ROLES = ("viewer", "analyst", "operator", "admin")
SCOPES = ("ingest", "read", "act", "operate", "administer")
PASSWORD = "correct horse battery"


def closed_server(folder, **settings):
    """A server as one that is no test's: no visitors."""
    return Server(folder, settings={"access.visitor_role": "none",
                                    **{name.replace("__", "."): value
                                       for name, value in settings.items()}})


def program(server, *words, stdin=None, expect=0):
    """What a command of the program over the server's folder prints, as JSON."""
    result = subprocess.run(
        [os.environ["TIDELINE_BIN"], *words, "--data", server.folder, "--json"],
        input=stdin, capture_output=True, text=True, check=False, timeout=120)
    shown = " ".join(words)
    assert result.returncode == expect, f"{shown}: {result.returncode}: {result.stderr}"
    return json.loads(result.stdout) if result.stdout else {}


def new_user(server, name, role):
    return program(server, "users", "create", name, "--role", role, "--password-stdin",
                   stdin=PASSWORD + "\n")


def new_key(server, name, *scopes, expires=None):
    words = ["keys", "create", name, "--scope", ",".join(scopes)]
    return program(server, *words, *(["--expires", expires] if expires else []))["key"]


class Caller:
    """Somebody with what they show in every request; `may`: the permissions that they have."""

    def __init__(self, name, may=(), key=None):
        self.name, self.may, self.key = name, set(may), key
        self.cookie, self.csrf_token, self.revoked = None, None, False

    def fields(self, csrf=True):
        fields = {}
        if self.key:
            fields["Authorization"] = f"Bearer {self.key}"
        if self.cookie:
            fields["Cookie"] = f"theme=dark; tideline_session={self.cookie}"
            if csrf:
                fields["X-CSRF-Token"] = self.csrf_token
        return fields

    def ask(self, server, method, path, body=None, csrf=True, **more):
        content = None if body is None else json.dumps(body).encode()
        return server.request(method, path, content, {**self.fields(csrf), **more})

    def signed_in(self, answer):
        """Takes the session of an answer to login or set-up."""
        assert answer.status == 200, answer
        cookie = answer.headers["set-cookie"]
        self.cookie = re.match(r"tideline_session=([\w-]{43});", cookie).group(1)
        self.csrf_token = answer.json()["csrf_token"]
        return self


def log_in(server, name, password=PASSWORD):
    return server.post("/api/v1/login", {"name": name, "password": password})


def session(server, name, may=()):
    return Caller(f"session of {name}", may).signed_in(log_in(server, name))


def code_of(answer):
    """The problem's code; None where the answer is none."""
    if "problem+json" not in answer.headers.get("content-type", ""):
        return None
    return answer.json()["code"]


def with_lower(*permissions):
    """The permissions that these include."""
    order = SCOPES[1:]
    top = max((order.index(one) for one in permissions if one in order), default=-1)
    return {*permissions, *order[:top + 1]}


ROLE_MAY = {"viewer": with_lower("read"), "analyst": with_lower("act"),
            "operator": with_lower("operate"), "admin": with_lower("administer")}

__all__ = ["Caller", "Connection", "closed_server", "code_of", "log_in", "new_key", "new_user",
           "program", "session", "with_lower", "ROLES", "ROLE_MAY", "SCOPES", "PASSWORD"]
