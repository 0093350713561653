"""Chromium without a window, driven over its DevTools protocol through a pipe.

    with Browser(folder) as browser:
        page = browser.page()
        page.before_load("globalThis.answer = 42")
        page.open("http://127.0.0.1:1234/")
        assert page.run("answer") == 42        # awaits promises
        assert not page.complaints             # console errors and warnings, exceptions
"""

import json
import os
import queue
import shutil
import subprocess
import threading

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ANSWER_S = 90
# No look-ups of its maker's hosts; timers at full speed although no page is in front.
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-default-apps", "--disable-extensions", "--disable-dev-shm-usage",
         "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
         "--disable-backgrounding-occluded-windows", "--remote-debugging-pipe"]


def program():
    """Chromium's path; None where there is none."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


class Browser:
    """One Chromium process with a profile of its own in `folder`."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.answers, self.pages, self.last_id = {}, {}, 0
        self.lock = threading.Lock()

    def __enter__(self):
        ours_in, its_out = os.pipe()
        its_in, ours_out = os.pipe()

        def as_three_and_four():
            # Through high numbers: 3 or 4 may be one of the pipe's own ends.
            high_in, high_out = os.dup2(its_in, 103), os.dup2(its_out, 104)
            os.dup2(high_in, 3)
            os.dup2(high_out, 4)

        self.log = open(f"{self.folder}.log", "wb")
        self.process = subprocess.Popen(
            [program(), *FLAGS, f"--user-data-dir={self.folder}"], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log, close_fds=False, preexec_fn=as_three_and_four)
        os.close(its_in)
        os.close(its_out)
        self.out = os.fdopen(ours_out, "wb", buffering=0)
        self.reader = threading.Thread(target=self.read, args=(os.fdopen(ours_in, "rb"),))
        self.reader.start()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        self.out.close()
        self.log.close()

    def read(self, pipe):
        """Hands out what comes: answers to whom waits, events to their page."""
        with pipe:
            text = b""
            while chunk := os.read(pipe.fileno(), 1 << 16):
                *whole, text = (text + chunk).split(b"\0")
                for message in map(json.loads, whole):
                    if "id" in message:
                        self.answers.pop(message["id"]).put(message)
                    elif page := self.pages.get(message.get("sessionId")):
                        page.heard(message["method"], message["params"])
        for waiting in list(self.answers.values()):
            waiting.put({"error": {"message": "Chromium ended"}})

    def call(self, method, session=None, **params):
        with self.lock:
            self.last_id += 1
            message = {"id": self.last_id, "method": method, "params": params}
            if session:
                message["sessionId"] = session
            waiting = self.answers[self.last_id] = queue.Queue()
            self.out.write(json.dumps(message).encode() + b"\0")
        answer = waiting.get(timeout=ANSWER_S)
        assert "error" not in answer, f"{method}: {answer['error']['message']}"
        return answer["result"]

    def page(self):
        """A tab that shares neither cookies nor storage with another."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank",
                           browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Log"):
            page.call(f"{domain}.enable")
        return page


class Page:
    """One tab. `complaints`: what stands on its console as error or warning."""

    def __init__(self, browser, session):
        self.browser, self.session = browser, session
        self.complaints = []
        self.loaded = threading.Event()

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def heard(self, method, params):
        if method == "Page.loadEventFired":
            self.loaded.set()
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning",
                                                                         "assert"):
            parts = [str(a.get("value", a.get("description", ""))) for a in params["args"]]
            self.complaints.append(f"console.{params['type']}: {' '.join(parts)}")
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            what = details.get("exception", {}).get("description", "")
            self.complaints.append(f"exception: {details['text']} {what}")
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            entry = params["entry"]
            self.complaints.append(f"{entry['source']} {entry['level']}: {entry['text']} "
                                   f"{entry.get('url', '')}")

    def before_load(self, script):
        """Runs before any script of the pages that are opened from now on."""
        self.call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def open(self, url):
        self.loaded.clear()
        went = self.call("Page.navigate", url=url)
        assert not went.get("errorText"), f"{url}: {went['errorText']}"
        assert self.loaded.wait(ANSWER_S), f"{url} did not load"

    def run(self, expression):
        """The value of an expression, awaited when it is a promise; its exception is raised."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True,
                           returnByValue=True)
        failure = answer.get("exceptionDetails")
        assert not failure, f"{expression[:80]}: {failure.get('exception', failure)}"
        return answer["result"].get("value")
