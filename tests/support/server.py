"""A server of the program on a data folder: start, stop, kill, and speak HTTP with it.

    from support.server import Server
    with Server("folder", pack="commerce") as server:
        key = server.new_key("shop")
        answer = server.post("/v1/batch", {"batch": [...]}, key=key)
        assert answer.status == 200, answer.body
"""

import base64
import collections
import http.client
import json
import os
import re
import signal
import subprocess
import time

START_S = 60
UNREACHABLE = (OSError, http.client.HTTPException)  # the server is away, or went while it answered


class Ended(Exception):
    """The program ended before it told its address."""


class Answer(collections.namedtuple("Answer", "status headers body")):
    """Status, headers (lower-case names) and the body's bytes."""

    def json(self):
        return json.loads(self.body)


def environment_of(settings=None):
    """The environment of a server with these settings ({"lake.flush_s": 1}).

    Most tests are not about access: whoever asks from this machine may do everything, unless
    "access.visitor_role" says otherwise.
    """
    env = dict(os.environ)
    for name, value in {"access.visitor_role": "admin", **(settings or {})}.items():
        env["TIDELINE_" + name.upper().replace(".", "__")] = str(value)
    return env


def authorization(key):
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


class Connection:
    """A kept-alive connection; any failure closes it and is the caller's to judge."""

    def __init__(self, port, timeout=60):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def request(self, method, path, body=None, headers=None):
        try:
            self.connection.request(method, path, body=body, headers=headers or {})
            answer = self.connection.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, names, answer.read())
        except BaseException:
            self.connection.close()
            raise

    def close(self):
        self.connection.close()


class Server:
    """`tideline serve` over one folder, started again as often as one likes."""

    def __init__(self, folder, pack="marketplace", settings=None, arguments=()):
        self.folder, self.pack = str(folder), pack
        self.settings = dict(settings or {})  # {"lake.flush_s": 1}
        self.arguments = list(arguments)
        self.process, self.port = None, None
        self.printed = []  # lines of standard output up to the address
        self.listen_port = 0  # 0: any free one; set it to `port` to come back where it was
        self.log = f"{self.folder}.stderr"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def environment(self, settings=None):
        return environment_of({**self.settings, **(settings or {})})

    def start(self, settings=None):
        """Starts it and waits until it tells its address; Ended when it ends before."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [os.environ["TIDELINE_BIN"], "serve", "--data", self.folder, "--pack", self.pack,
                 "--listen", f"127.0.0.1:{self.listen_port}", *self.arguments],
                stdout=subprocess.PIPE, stderr=log, env=self.environment(settings))
        self.printed = []
        for line in self.process.stdout:
            self.printed.append(line.decode())
            found = re.search(rb"http://127\.0\.0\.1:(\d+)/$", line.strip())
            if found:
                self.port = int(found.group(1))
                return self
        status = self.process.wait()
        self.process.stdout.close()
        raise Ended(f"status {status}: {self.last_words()}")

    def last_words(self):
        with open(self.log, "rb") as log:
            return log.read()[-2000:].decode("utf-8", "replace")

    def is_alive(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """SIGKILL, as a crash; harmless when it already ended."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """SIGTERM, and it must end well."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=START_S)
        self.process.stdout.close()
        assert status in (0, 130, -signal.SIGTERM), f"status {status}: {self.last_words()}"

    # --- speaking with it ---------------------------------------------------------------------

    def request(self, method, path, body=None, headers=None):
        connection = Connection(self.port)
        try:
            return connection.request(method, path, body, headers)
        finally:
            connection.close()

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, body, key=None, headers=None):
        """`body`: bytes as they are, anything else as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        fields = dict(headers or {})
        if key:
            fields["Authorization"] = authorization(key)
        return self.request("POST", path, content, fields)

    def verdicts(self, events, key):
        """The verdicts of a batch, once its events are processed."""
        answer = self.post("/v1/batch?verdicts=1", {"batch": events}, key)
        assert answer.status == 200, answer
        return answer.json()["results"]

    def totals(self):
        """The totals once nothing waits any more."""
        deadline = time.monotonic() + START_S
        while True:
            status = self.get("/api/v1/pipeline").json()
            assert status["failure"] is None, status["failure"]
            if status["lag"] == 0:
                return status["totals"]
            assert time.monotonic() < deadline, f"still {status['lag']} records behind"
            time.sleep(0.02)

    # --- commands over its folder -------------------------------------------------------------

    def run(self, *words, expect=(0,)):
        """Standard output (bytes) of a command of the program over the folder."""
        result = subprocess.run([os.environ["TIDELINE_BIN"], *words, "--data", self.folder],
                                capture_output=True, check=False)
        shown = " ".join(words)[:200]
        assert result.returncode in expect, (f"{shown}: status {result.returncode}: "
                                             f"{(result.stdout + result.stderr)[-2000:]!r}")
        return result.stdout

    def new_key(self, name):
        words = ["keys", "create", name, "--json"]
        if not self.is_alive():
            words += ["--pack", self.pack]
        return json.loads(self.run(*words))["key"]

    def sql(self, query):
        """Rows of a query as dictionaries."""
        return json.loads(self.run("sql", query, "--json"))

    def dead_letters(self, status="any"):
        words = ["deadletters", "list", "--status", status, "--limit", "10000000", "--json"]
        return json.loads(self.run(*words))["data"]
