"""Somebody on loopback who gets webhooks, Slack's messages and mail, and answers as told.

    with HttpFarEnd() as far_end:
        far_end.status = 503
        far_end.url, far_end.received  # a list of Received
"""

import collections
import http.server
import re
import socketserver
import threading

Received = collections.namedtuple("Received", "path headers body")
Mail = collections.namedtuple("Mail", "sender to text")


class Threaded:
    """Runs `self.server` on a thread of its own while the block runs."""

    def __enter__(self):
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def port(self):
        return self.server.server_address[1]


class HttpFarEnd(Threaded):
    def __init__(self):
        self.received = []
        self.status, self.headers = 200, {}
        self.gate = threading.Event()  # answers wait for it
        self.gate.set()
        far_end = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                far_end.received.append(Received(self.path, headers, body.decode()))
                far_end.gate.wait(60)
                try:
                    self.send_response(far_end.status)
                    for name, value in far_end.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", "2")
                    self.end_headers()
                    self.wfile.write(b"ok")
                except OSError:
                    pass  # the program was killed meanwhile

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def at(self, path):
        return [one for one in list(self.received) if one.path == path]


class MailFarEnd(Threaded):
    """Just enough of SMTP (RFC 5321) to take mail after a login."""

    def __init__(self):
        self.mails, self.logins = [], []
        far_end = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, text):
                self.wfile.write(text.encode() + b"\r\n")

            def line(self):
                return self.rfile.readline().decode().rstrip("\r\n")

            def text(self):
                lines = iter(self.line, ".")
                return "".join(line.removeprefix(".") + "\r\n" if line.startswith("..")
                               else line + "\r\n" for line in lines)

            def handle(self):
                sender, to = None, []
                self.say("220 here")
                for line in iter(self.line, ""):
                    verb = line.split(" ")[0].split(":")[0].upper()
                    if verb == "EHLO":
                        self.say("250-here\r\n250 AUTH PLAIN")
                    elif verb == "AUTH":
                        words = line.split(" ")
                        if len(words) == 2:
                            self.say("334 ")
                            words.append(self.line())
                        far_end.logins.append(words[2])
                        self.say("235 welcome")
                    elif verb == "DATA":
                        self.say("354 go on")
                        far_end.mails.append(Mail(sender, to, self.text()))
                        self.say("250 taken")
                    elif verb == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        address = re.search("<(.*?)>", line)
                        if verb == "MAIL":
                            sender = address.group(1)
                        elif verb == "RCPT":
                            to.append(address.group(1))
                        self.say("250 good")

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
