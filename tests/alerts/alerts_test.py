"""Alerts over the whole program: webhooks that the reference library verifies, what survives a
kill, Slack, mail, digests, and targets that are refused.

tideline-test: timeout=600
"""

import base64
import email
import email.policy
import json
import os
import pathlib

from alerts.far_end import HttpFarEnd, MailFarEnd
from alerts.verification import verify
from support.cases import Cases
from support.server import Server
from support.waiting import wait_for

PATIENCE_S = 30
TARGETS = """
http://127.0.0.1:PORT/ http://127.0.0.2:PORT/ http://127.1:PORT/ http://127.0.1:PORT/
http://2130706433:PORT/ http://0x7f000001:PORT/ http://0x7f.0.0.1:PORT/ http://0177.0.0.1:PORT/
http://017700000001:PORT/ http://127.0.0.1.:PORT/ http://0.0.0.0:PORT/ http://0:PORT/
http://localhost:PORT/ http://LOCALHOST:PORT/ http://localhost.:PORT/ https://127.0.0.1:PORT/
https://localhost:PORT/ http://[::1]:PORT/ http://[::]:PORT/ http://[::127.0.0.1]:PORT/
http://[::ffff:127.0.0.1]:PORT/ http://[::ffff:7f00:1]:PORT/ http://[64:ff9b::7f00:1]:PORT/
http://[2002:7f00:1::]:PORT/ http://[fe80::1]:PORT/ http://[fc00::1]:PORT/ http://[fd00::1]:PORT/
http://[ff02::1]:PORT/ http://10.0.0.1/ http://10.255.255.254:8080/ http://172.16.0.1/
http://172.31.255.254/ http://192.168.0.1/ http://192.168.1.254:8443/
http://169.254.169.254/latest/meta-data/ http://0xa9fea9fe/ http://2852039166/ http://100.64.0.1/
http://198.18.0.1/ http://192.0.2.1/ http://203.0.113.1/ http://224.0.0.1/ http://240.0.0.1/
http://255.255.255.255/ http://user@127.0.0.1:PORT/ http://user:pass@127.0.0.1:PORT/
http://8.8.8.8@127.0.0.1:PORT/ ftp://127.0.0.1:PORT/ file:///etc/passwd gopher://127.0.0.1:PORT/
""".split()


class Rig:
    """A server, receivers of it, and something to tell them."""

    def __init__(self, server):
        self.server = server
        self.sources = 0

    def ask(self, method, path, body=None):
        content = None if body is None else json.dumps(body).encode()
        return self.server.request(method, "/api/v1/webhooks" + path, content)

    def add(self, **wanted):
        answer = self.ask("POST", "", {"topics": ["dead_letters"], **wanted})
        assert answer.status == 200, answer
        return answer.json()

    def drop(self, receiver):
        assert self.ask("DELETE", "/" + receiver["id"]).status == 200

    def happen(self):
        """A dead letter of a source that had none; the source's name."""
        self.sources += 1
        source = f"shop-{self.sources}"
        key = self.server.new_key(source)
        answer = self.server.post("/v1/batch", {"batch": [
            {"type": "track", "messageId": source, "userId": "c1", "timestamp": "no time",
             "event": "Session Booked"}]}, key=key)
        assert answer.status == 200, answer
        return source

    def deliveries(self, receiver):
        return self.ask("GET", f"/{receiver['id']}/deliveries").json()["data"]

    def delivered(self, receiver, count=1):
        def look():
            found = self.deliveries(receiver)
            good = [one for one in found if one["status"] == "delivered"]
            return found if len(good) >= count else None
        return wait_for(look, PATIENCE_S)


def webhook_is_verified(rig, far_end):
    receiver = rig.add(url=far_end.url + "/hook", name="crm")
    assert receiver["secret"].startswith("whsec_"), receiver
    source = rig.happen()
    rig.delivered(receiver)
    got = far_end.at("/hook")
    assert len(got) == 1, got
    body, = verify(got, receiver["secret"])
    assert body["type"] == "dead_letters.added" and body["data"]["source"] == source, body
    forged = got[0]._replace(body=got[0].body.replace(source, "other"))
    other = "whsec_" + base64.b64encode(bytes(32)).decode()
    assert verify([forged], receiver["secret"]) == [None]
    assert verify(got, other) == [None]
    assert "secret" not in rig.ask("GET", "/" + receiver["id"]).json(), "the secret is shown once"
    return receiver


def both_secrets_verify(rig, far_end, receiver):
    changed = rig.ask("POST", f"/{receiver['id']}/rotate", {"overlap_s": 3600}).json()
    assert changed["secret"] != receiver["secret"], changed
    far_end.received.clear()
    rig.happen()
    rig.delivered(receiver, 2)
    got = far_end.at("/hook")
    assert None not in verify(got, receiver["secret"]) + verify(got, changed["secret"]), got
    rig.drop(receiver)


def killed_mid_retry(rig, far_end):
    receiver = rig.add(url=far_end.url + "/retry")
    far_end.status = 503
    rig.happen()
    wait_for(lambda: far_end.at("/retry"), PATIENCE_S)
    rig.server.kill()
    far_end.status = 200
    rig.server.start()
    delivery, = rig.delivered(receiver)
    ids = {one.headers["webhook-id"] for one in far_end.at("/retry")}
    assert ids == {delivery["id"]}, (ids, delivery)
    assert None not in verify(far_end.at("/retry"), receiver["secret"])
    rig.drop(receiver)


def killed_while_sending(rig, far_end):
    """The other side has it, but the program does not know: it comes again under its id."""
    receiver = rig.add(url=far_end.url + "/hang")
    far_end.gate.clear()
    rig.happen()
    wait_for(lambda: far_end.at("/hang"), PATIENCE_S)
    rig.server.kill()
    far_end.gate.set()
    rig.server.start()
    rig.delivered(receiver)
    ids = [one.headers["webhook-id"] for one in far_end.at("/hang")]
    assert len(ids) == 2 and len(set(ids)) == 1, ids
    rig.drop(receiver)


def killed_at_once(rig, far_end):
    """Dead letters that are answered and an alert that nobody saw yet: neither is lost."""
    receiver = rig.add(url=far_end.url + "/once")
    sources = set()
    for _ in range(3):
        sources.add(rig.happen())
        wait_for(lambda: len(rig.server.get("/api/v1/deadletters").json()["data"]) >= rig.sources,
                 PATIENCE_S)
        rig.server.kill()
        rig.server.start()
    rig.delivered(receiver, len(sources))
    by_id = {one.headers["webhook-id"]: json.loads(one.body) for one in far_end.at("/once")}
    told = sorted(body["data"]["source"] for body in by_id.values())
    assert told == sorted(sources), (told, sources)
    rig.drop(receiver)


def slack_has_blocks(rig, far_end):
    receiver = rig.add(kind="slack", url=far_end.url + "/slack")
    assert "secret" not in receiver, receiver
    source = rig.happen()
    rig.delivered(receiver)
    got, = far_end.at("/slack")
    body = json.loads(got.body)
    assert body["text"].startswith("1 dead letter"), body
    kinds = [block["type"] for block in body["blocks"]]
    assert kinds[0] == "header" and set(kinds[1:]) == {"section"}, kinds
    assert source in got.body and "webhook-signature" not in got.headers, got
    rig.drop(receiver)


def digest_is_one_message(rig, far_end):
    receiver = rig.add(url=far_end.url + "/digest", digest_s=3)
    for _ in range(4):
        rig.happen()
    rig.delivered(receiver)
    got, = far_end.at("/digest")
    body, = verify([got], receiver["secret"])
    assert body["type"] == "digest" and body["data"]["count"] == 4, body
    assert body["data"]["counts"] == {"dead_letters.added": 4}, body
    rig.drop(receiver)


def gone_is_switched_off(rig, far_end):
    receiver = rig.add(url=far_end.url + "/gone")
    far_end.status = 410
    rig.happen()
    wait_for(lambda: not rig.ask("GET", "/" + receiver["id"]).json()["active"], PATIENCE_S)
    far_end.status = 200
    rig.drop(receiver)


def mail_arrives(rig, mailbox):
    receiver = rig.add(kind="mail", target="ann@example.com, bob@example.com")
    source = rig.happen()
    rig.delivered(receiver)
    mail, = mailbox.mails
    assert mail.to == ["ann@example.com", "bob@example.com"], mail.to
    assert mail.sender == "alerts@example.com", mail.sender
    assert base64.b64decode(mailbox.logins[0]) == b"\0mailer\0let me in", mailbox.logins
    read = email.message_from_string(mail.text, policy=email.policy.default)
    assert read["Subject"] == "1 dead letter: bad time", read["Subject"]
    plain = read.get_body(("plain",)).get_content()
    html = read.get_body(("html",)).get_content()
    assert source in plain and source in html and "<html" in html, (plain, html)
    assert read["Message-ID"].strip("<>").split("@")[0] == rig.deliveries(receiver)[0]["id"]
    rig.drop(receiver)


def sent_again_by_hand(rig, far_end):
    receiver = rig.add(url=far_end.url + "/again")
    sent = rig.ask("POST", f"/{receiver['id']}/test").json()
    assert sent["status"] == "delivered" and sent["type"] == "test", sent
    assert sent["attempts"][0]["status"] == 200 and sent["attempts"][0]["answer"] == "ok", sent
    again = rig.ask("POST", f"/{receiver['id']}/deliveries/{sent['id']}/resend")
    assert again.status == 200, again
    wait_for(lambda: len(far_end.at("/again")) == 2, PATIENCE_S)
    assert len({one.headers["webhook-id"] for one in far_end.at("/again")}) == 1
    rig.drop(receiver)


def targets_are_refused(folder, far_end):
    """Without a setting: each target is refused when it is set up, or when it is connected to."""
    before = len(far_end.received)
    refused = 0
    with Server(folder) as server:
        rig = Rig(server)
        for target in TARGETS:
            url = target.replace("PORT", str(far_end.port))
            made = rig.ask("POST", "", {"url": url})
            if made.status == 400:
                refused += 1
                continue
            assert made.status == 200, (url, made)
            sent = rig.ask("POST", f"/{made.json()['id']}/test").json()
            assert sent["status"] == "given_up" and sent["attempts"][0]["status"] is None, sent
            why = sent["attempts"][0]["error"]
            assert "not connected: the target is" in why or "resolve" in why, (url, why)
            refused += "not connected: the target is" in why
            rig.drop(made.json())
        server.stop()
    assert len(far_end.received) == before, far_end.received[before:]
    assert refused >= 40, f"{refused} refused"
    print(f"{refused} of {len(TARGETS)} targets refused by address or form")


def main():
    cases = Cases()
    folder = pathlib.Path(os.environ["TIDELINE_TMP"])
    password = folder / "password"
    password.write_text("let me in\n")
    with HttpFarEnd() as far_end, MailFarEnd() as mailbox:
        settings = {
            "alerts.allowed_networks": "127.0.0.1",
            "alerts.mail_server": f"127.0.0.1:{mailbox.port}",
            "alerts.mail_security": "none",
            "alerts.mail_from": "alerts@example.com",
            "alerts.mail_user": "mailer",
            "alerts.mail_password_file": password,
        }
        with Server(folder / "shop", settings=settings) as server:
            rig = Rig(server)
            with cases.case("a webhook is verified by the reference library"):
                receiver = webhook_is_verified(rig, far_end)
            with cases.case("both secrets verify while they change"):
                both_secrets_verify(rig, far_end, receiver)
            for name, run in (("killed mid-retry, nothing is lost", killed_mid_retry),
                              ("killed while sending, it comes again under its id",
                               killed_while_sending),
                              ("killed before an alert is handed out, it is told once",
                               killed_at_once),
                              ("Slack gets blocks", slack_has_blocks),
                              ("a digest is one message", digest_is_one_message),
                              ("410 switches a receiver off", gone_is_switched_off),
                              ("a message is sent again by hand", sent_again_by_hand)):
                with cases.case(name):
                    run(rig, far_end)
            with cases.case("mail arrives with plain text and HTML, after a login"):
                mail_arrives(rig, mailbox)
            with cases.case("the program ends well"):
                server.stop()
        with cases.case("40 private and trick targets are refused"):
            targets_are_refused(folder / "strict", far_end)
    cases.finish()


main()
