"""TLS: HTTPS by certificate files, read again when they change and on SIGHUP; what is refused.

tideline-test: timeout=300
"""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess

from access.callers import PASSWORD, new_key, new_user
from support.cases import Cases
from support.ports import free_port
from support.server import authorization, environment_of
from support.waiting import wait_for

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
FOLDER = TMP / "data"
CERTIFICATE, KEY = TMP / "certificate.pem", TMP / "key.pem"
cases = Cases()


def make_certificate(name):
    """A self-signed certificate for this machine, known by `name`; its two files."""
    files = TMP / f"{name}.pem", TMP / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(files[1]), "-out", str(files[0])], check=True, capture_output=True)
    return files


def use(files):
    """Puts a pair in place, key first, each in one step, as renewing programs do."""
    for source, target in zip(reversed(files), (KEY, CERTIFICATE)):
        beside = target.with_suffix(".new")
        shutil.copy(source, beside)
        os.replace(beside, target)


class TlsServer:
    def __init__(self, *words, **settings):
        self.port, self.folder = free_port(), str(FOLDER)
        settings = {"access.visitor_role": "none", "server.tls_certificate": CERTIFICATE,
                    "server.tls_key": KEY, **settings}
        self.log = open(TMP / "serve.log", "ab")
        self.process = subprocess.Popen(
            [os.environ["TIDELINE_BIN"], "serve", "--data", self.folder, "--pack", "marketplace",
             "--listen", f"127.0.0.1:{self.port}", *words], stdout=self.log, stderr=self.log,
            env=environment_of(settings))
        wait_for(self.answers, 60)

    def answers(self):
        assert self.process.poll() is None, (TMP / "serve.log").read_text()[-2000:]
        try:
            return self.serving() is not None
        except OSError:
            return False

    def connect(self, minimum=ssl.TLSVersion.TLSv1_2, maximum=ssl.TLSVersion.TLSv1_3):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.minimum_version, context.maximum_version = minimum, maximum
        context.set_alpn_protocols(["h2", "http/1.1"])
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        return context.wrap_socket(plain, server_hostname="127.0.0.1")

    def serving(self):
        """The certificate that new connections see."""
        with self.connect() as client:
            return client.getpeercert(binary_form=True)

    def trusting(self, certificate):
        """A connection of HTTP that believes this certificate alone."""
        context = ssl.create_default_context(cafile=str(certificate))
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=context)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        self.log.close()


def der(files):
    return ssl.PEM_cert_to_DER_cert(files[0].read_text())


def ask(connection, method, path, body=None, headers=None):
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    return answer, answer.read()


def speaks(server, first):
    connection = server.trusting(first[0])
    with cases.case("HTTPS is spoken to whoever believes the certificate"):
        answer, body = ask(connection, "GET", "/healthz")
        assert answer.status == 200, (answer.status, body)
    key = new_key(server, "shop", "ingest", "read")
    fields = {"Authorization": authorization(key)}
    with cases.case("bodies of many records go in and come out whole"):
        event = {"type": "track", "userId": "u", "event": "Signed In",
                 "properties": {"text": "x" * 600}}
        batch = json.dumps({"batch": [{**event, "messageId": f"m{i}"} for i in range(500)]})
        assert len(batch) > 20 * 16384
        answer, body = ask(connection, "POST", "/v1/batch?verdicts=1", batch, fields)
        verdicts = [one["verdict"] for one in json.loads(body)["results"]]
        assert verdicts == ["applied"] * 500, (answer.status, body[:300])
        answer, body = ask(connection, "GET", "/api/v1/openapi.json")
        assert answer.status == 200 and len(body) > 4 * 16384 and json.loads(body), len(body)
    with cases.case("a body that is asked for by 100-continue comes in"):
        with server.connect() as client:
            content = b'{"userId":"u","event":"Signed In"}'
            client.sendall(b"POST /v1/track HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n"
                           b"Connection: close\r\nAuthorization: " +
                           fields["Authorization"].encode() +
                           b"\r\nContent-Length: %d\r\n\r\n" % len(content))
            assert client.recv(4096).startswith(b"HTTP/1.1 100"), "no 100"
            client.sendall(content)
            assert client.recv(4096).startswith(b"HTTP/1.1 200"), "no 200"
            assert client.recv(4096) == b"", "the end is told as TLS tells it"
    with cases.case("the session's cookie goes by TLS only"):
        new_user(server, "ada", "admin")
        login = json.dumps({"name": "ada", "password": PASSWORD})
        answer, body = ask(connection, "POST", "/api/v1/login", login)
        assert "; Secure" in answer.getheader("Set-Cookie"), body
    with cases.case("many requests at once on one connection are all answered"):
        with server.connect() as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 200 +
                           b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answers = b""
            while part := client.recv(65536):
                answers += part
            assert answers.count(b"HTTP/1.1 200") == 201, answers.count(b"HTTP/1.1 200")
    connection.close()


def versions(server):
    with cases.case("of protocols HTTP/1.1 is chosen, of TLS 1.2 and 1.3"):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with server.connect(version, version) as client:
                assert client.selected_alpn_protocol() == "http/1.1"
    with cases.case("what is no TLS is not answered"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            try:
                said = plain.recv(4096)
            except ConnectionResetError:
                said = b""
            assert not said.startswith(b"HTTP/"), said
        assert server.serving(), "others go on"


def reloads(server, first, second):
    kept = server.trusting(first[0])
    ask(kept, "GET", "/healthz")
    with cases.case("a renewed certificate is taken in without a restart"):
        use(second)
        wait_for(lambda: server.serving() == der(second), 20)
        answer, _ = ask(kept, "GET", "/healthz")
        assert answer.status == 200, "a connection from before goes on"
    with cases.case("files that do not fit change nothing"):
        shutil.copy(first[1], KEY)
        wait_for(lambda: "the one in use stays" in (TMP / "serve.log").read_text(), 20)
        assert server.serving() == der(second)
    with cases.case("SIGHUP reads them again"):
        use(first)
        server.process.send_signal(signal.SIGHUP)
        wait_for(lambda: server.serving() == der(first), 20)
    kept.close()


def refusals():
    with cases.case("another address is refused without TLS"):
        result = subprocess.run(
            [os.environ["TIDELINE_BIN"], "serve", "--data", str(TMP / "other"), "--pack",
             "marketplace", "--listen", "0.0.0.0:0"], capture_output=True, text=True, check=False,
            timeout=60)
        assert result.returncode == 5 and "tls_certificate" in result.stderr, result
    with cases.case("a certificate that cannot be used is named"):
        (TMP / "broken.pem").write_text("no certificate")
        result = subprocess.run(
            [os.environ["TIDELINE_BIN"], "serve", "--data", str(TMP / "other"), "--pack",
             "marketplace", "--listen", "127.0.0.1:0"], capture_output=True, text=True,
            check=False, timeout=60,
            env=environment_of({"server.tls_certificate": TMP / "broken.pem",
                                "server.tls_key": KEY}))
        assert result.returncode != 0 and "broken.pem" in result.stderr, result


def main():
    first, second = make_certificate("first"), make_certificate("second")
    use(first)
    server = TlsServer()
    try:
        speaks(server, first)
        versions(server)
        reloads(server, first, second)
    finally:
        server.stop()
    refusals()


main()
cases.finish()
