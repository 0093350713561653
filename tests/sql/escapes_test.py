"""200 ways out of the SQL of the API, tried: with all switches closed, and with DuckDB's own open.

tideline-test: timeout=600
"""

import concurrent.futures
import hashlib
import os
import pathlib
import socket
import threading
import time

import folder
from escapes import Places, escapes
from support.cases import Cases
from support.server import Server

CANARY = "canary-5f1c0e"
TIME_MAX_S = 2
SLACK_S = 8  # a process that starts beside others on a busy machine
MEMORY_BYTES = 128 << 20
SQL = {"sql.time_max_s": TIME_MAX_S, "sql.memory_bytes": MEMORY_BYTES, "score.interval_s": 86_400}
KINDS_THAT_MAY_ANSWER = {"memory", "loops", "crashes"}  # harmless when they fit the limits


class Listener:
    """Counts who calls; nobody must."""

    def __enter__(self):
        self.calls, self.sockets, self.port = 0, [], 0
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            try:
                listening = socket.socket(family)
                listening.bind((address, self.port))
            except OSError:
                continue
            listening.listen()
            self.port = listening.getsockname()[1]
            self.sockets.append(listening)
            threading.Thread(target=self.accept, args=(listening,), daemon=True).start()
        return self

    def accept(self, listening):
        while True:
            try:
                listening.accept()[0].close()
            except OSError:
                return
            self.calls += 1

    def __exit__(self, *_):
        for listening in self.sockets:
            listening.close()


def plant(secret):
    """Files that hold the canary, readable by everybody."""
    secret.mkdir()
    (secret / "secret.csv").write_text(f"a,b\n{CANARY},1\n")
    (secret / "secret.json").write_text(f'{{"a":"{CANARY}"}}\n')
    (secret / "schema.sql").write_text("create table t as select 1;")
    (secret / "load.sql").write_text("select 1;")
    folder.run("generate", "--pack", "marketplace", "--customers", "1", "--days", "5", "--seed",
               "1", "--out", str(secret / "made"))
    next((secret / "made").glob("events-*")).rename(secret / "secret.parquet")
    for path in (secret, *secret.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o644)


def fingerprint(*folders):
    """Names, sizes and contents of all files."""
    seen = {}
    for top in folders:
        for path in sorted(pathlib.Path(top).rglob("*")):
            if path.is_file():
                seen[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return seen


def peak_kb(pid):
    """The largest peak of memory among the server's worker processes now."""
    peaks = [0]
    for status in pathlib.Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text().splitlines()
        except OSError:
            continue
        lines = dict(line.split(":", 1) for line in text if ":" in line)
        if int(lines["PPid"]) == pid:
            peaks.append(int(lines.get("VmHWM", "0 kB").split()[0]))
    return max(peaks)


def try_one(server, escape):
    """What was wrong with the answer to one escape; None: nothing."""
    begun = time.monotonic()
    answer = folder.ask(server, escape.sql, stale=True)
    took = time.monotonic() - begun
    shown = f"{escape.kind}: {escape.sql[:160]} -> {answer.status} {answer.body[:300]}"
    if CANARY.encode() in answer.body or b"root:" in answer.body:
        return f"it read what it must not: {shown}"
    if answer.status >= 500 and answer.status not in (503, 504):
        return f"the server failed: {shown}"
    if answer.status == 503 and answer.json()["code"] != "sql_worker":
        return f"the server refused: {shown}"
    if took > TIME_MAX_S + SLACK_S:
        return f"it took {took:.1f} s: {shown}"
    return None if answer.status != 200 else f"answered: {shown}"


def attempt(cases, name, data, settings, places, may_answer):
    with Server(data, settings={**SQL, **settings}) as server, Listener() as listener:
        places = places._replace(port=listener.port)
        before = fingerprint(places.secret, places.out, f"{data}/lake")
        everything = escapes(places)
        peak = 0
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            tries = [(escape, pool.submit(try_one, server, escape)) for escape in everything]
            while not all(future.done() for _, future in tries):
                peak = max(peak, peak_kb(server.process.pid))
                time.sleep(0.02)
        by_kind = {}
        for escape, future in tries:
            why = future.result()
            if why and why.startswith("answered") and may_answer(escape):
                why = None
            by_kind.setdefault(escape.kind, []).append(why)
        for kind, results in by_kind.items():
            with cases.case(f"{name}: {len(results)} of {kind}"):
                assert not any(results), " | ".join(filter(None, results))[:3000]
        with cases.case(f"{name}: at least 200 in all"):
            assert len(everything) >= 200, len(everything)
        with cases.case(f"{name}: nothing was written, nobody was called, memory stayed"):
            assert fingerprint(places.secret, places.out, f"{data}/lake") == before
            assert listener.calls == 0, f"{listener.calls} calls"
            limit_kb = (MEMORY_BYTES + (640 << 20)) >> 10
            assert 0 < peak <= limit_kb, f"{peak} KiB; the limit is {limit_kb}"
        with cases.case(f"{name}: the server answers as before"):
            assert server.is_alive()
            assert folder.rows(server, "select count(*) from events")[0][0] > 1_000
            if not settings:
                said = folder.rows(server, "select current_setting('enable_external_access')")
                assert said == [[False]], said


def main():
    cases = Cases()
    here = pathlib.Path(os.environ["TIDELINE_TMP"])
    here.chmod(0o755)
    os.environ["TIDELINE_CANARY"] = CANARY
    data = str(here / "folder")
    folder.filled(data)
    secret, out = here / "secret", here / "out"
    plant(secret)
    out.mkdir()
    out.chmod(0o777)
    places = Places(str(secret), str(out), data, 0)
    attempt(cases, "all switches closed", data, {}, places,
            lambda escape: escape.kind in KINDS_THAT_MAY_ANSWER)
    # Statements that change nothing outside the process are then run; what counts is above.
    attempt(cases, "DuckDB's switches open", data, {"faults.bug": "sql_switches_open"}, places,
            lambda escape: True)
    cases.finish()


main()
