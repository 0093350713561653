"""Reports on schedule: told to signed webhooks, Slack and mail, in a zone of one's own, once.

tideline-test: timeout=300
"""

import datetime
import email
import email.policy
import json
import os
import pathlib
import re
import urllib.parse
import zoneinfo

from alerts.far_end import HttpFarEnd, MailFarEnd
from alerts.verification import verify
from support.cases import Cases
from support.server import Ended, Server
from support.waiting import wait_for

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
PATIENCE_S = 60
ZONE = "Asia/Kathmandu"  # 5 h 45 min before UTC
ADDRESS = "https://tideline.example.com"
PAGES = {"engagement": 7, "cost": 7, "architecture": 8}
SCHEDULE = {"report.every_days": 7, "report.weekday": "friday", "report.at": "06:15",
            "report.time_zone": ZONE, "report.mail_to": "ann@example.com bob@example.com"}


def add(server, **wanted):
    answer = server.post("/api/v1/webhooks", wanted)
    assert answer.status == 200, answer
    return answer.json()


def fill(server):
    """Customers whose ids must not leave; a dead letter with every call."""
    key = server.new_key("shop")
    events = [{"type": "track", "messageId": f"m{i}", "userId": f"secret-customer-{i}",
               "event": "Session Completed"} for i in range(5)]
    assert server.post("/v1/batch", {"batch": events}, key=key).status == 200


def dead_letter(server, source):
    event = {"type": "track", "messageId": source, "userId": "c1", "timestamp": "no time",
             "event": "Session Booked"}
    answer = server.post("/v1/batch", {"batch": [event]}, key=server.new_key(source))
    assert answer.status == 200, answer


def plan_of(server):
    return server.get("/api/v1/reports").json()["schedule"]


def time_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def webhook_says_where(server, far_end, board):
    received, = wait_for(lambda: far_end.at("/board"), PATIENCE_S)
    body, = verify([received], board["secret"])
    assert verify([received._replace(body=received.body.replace("cost", "c0st"))],
                  board["secret"]) == [None]
    data = body["data"]
    assert body["type"] == "report.ready", body
    assert set(data) == {"id", "since", "as_of", "paper", "reports", "title", "link"}, data
    assert {one["name"]: one["pages"] for one in data["reports"]} == PAGES, data
    assert time_of(data["since"]) < time_of(data["as_of"]) <= time_of(body["timestamp"]), data
    assert "secret-customer" not in received.body, received.body
    return data


def link_gives_the_file(server, data):
    for report in data["reports"]:
        address = urllib.parse.urlsplit(report["link"])
        assert report["link"].startswith(f"{ADDRESS}/api/v1/reports/{report['name']}?"), report
        answer = server.get(f"{address.path}?{address.query}")
        assert answer.status == 200 and answer.body.startswith(b"%PDF-"), answer
        kept = pathlib.Path(server.folder, "reports", f"{report['name']}.pdf").read_bytes()
        assert report["bytes"] == len(kept), (report, len(kept))
        if report["name"] == "engagement":  # what the others measure goes on
            assert answer.body == kept, "it is not the file that was kept"


def mail_has_the_files(mailbox):
    mail, = wait_for(lambda: mailbox.mails, PATIENCE_S)
    assert mail.to == ["ann@example.com", "bob@example.com"], mail.to
    read = email.message_from_string(mail.text, policy=email.policy.default)
    files = {part.get_filename(): part.get_content() for part in read.iter_attachments()}
    assert set(files) == {f"{name}.pdf" for name in PAGES}, files.keys()
    assert all(content.startswith(b"%PDF-") for content in files.values())


def slack_has_links(far_end):
    received, = wait_for(lambda: far_end.at("/slack"), PATIENCE_S)
    body = json.loads(received.body)
    assert body["text"].startswith("Reports of "), body
    assert f"<{ADDRESS}/reports|" in received.body and "engagement, 7 pages" in received.body


def next_is_by_the_zones_clock(server):
    plan = plan_of(server)
    shown = time_of(plan["next"]).astimezone(zoneinfo.ZoneInfo(ZONE))
    assert (shown.weekday(), shown.hour, shown.minute) == (4, 6, 15), shown
    assert plan["words"] == f"every 7 days, Friday, 06:15 ({ZONE})", plan
    assert plan["receivers"] == 2 and plan["mail_addresses"] == 2, plan
    assert plan["last"] is not None and plan["given_up"] is False, plan
    # The day in the title is the zone's.
    told = server.get("/api/v1/alerts").json()["data"]
    ready, = (one for one in told if one["type"] == "report.ready")
    day = time_of(ready["content"]["as_of"]).astimezone(zoneinfo.ZoneInfo(ZONE))
    assert ready["title"] == f"Reports of {day.day} {day:%B %Y}", ready


def looks(server):
    """How often the schedule was looked at, and worked off where it was due, by a program."""
    return pathlib.Path(server.log).read_text().count("reports are drawn next")


def told_once(server, far_end, settings, told):
    """Also when the program died right after; others are still told."""
    before, looked = plan_of(server)["last"], looks(server)
    server.kill()
    server.start(settings)
    wait_for(lambda: looks(server) > looked, PATIENCE_S)
    dead_letter(server, "later")  # handed out after whatever the schedule had to tell
    wait_for(lambda: [one for one in far_end.at("/trouble") if "later" in one.body], PATIENCE_S)
    assert plan_of(server)["last"] == before
    for receiver in told:
        deliveries = server.get(f"/api/v1/webhooks/{receiver['id']}/deliveries").json()["data"]
        assert [one["type"] for one in deliveries] == ["report.ready"], deliveries
    assert not [one for one in far_end.at("/trouble") if "report.ready" in one.body]


def failure_is_no_success(folder, settings):
    """A folder whose reports cannot be drawn; nobody is told until they can."""
    with HttpFarEnd() as far_end, Server(folder, settings=settings) as server:
        board = add(server, url=far_end.url + "/board", topics=["report"])
        server.stop()
        initiative = pathlib.Path(folder, "initiative.toml")
        initiative.write_text("titel = 'T'\n")
        on_schedule = {**settings, "report.every_days": 1}
        server.start(on_schedule)
        wait_for(lambda: "could not be drawn" in pathlib.Path(server.log).read_text(), PATIENCE_S)
        plan = plan_of(server)
        assert plan["last"] is None and plan["given_up"] is False, plan
        assert re.match(r"every day, 07:00 \(UTC\)", plan["words"]), plan
        server.stop()
        assert not far_end.at("/board"), far_end.received
        initiative.unlink()
        server.start(on_schedule)
        received, = wait_for(lambda: far_end.at("/board"), PATIENCE_S)
        assert verify([received], board["secret"]) != [None]
        # Without an address of the page there is no link, and no other guess.
        data = json.loads(received.body)["data"]
        assert data["link"] is None and {one["link"] for one in data["reports"]} == {None}, data
        server.stop()


def bad_zone_is_refused(folder):
    try:
        with Server(folder, settings={"report.time_zone": "Mars/Olympus"}):
            raise AssertionError("it started")
    except Ended as ended:
        assert "report.time_zone: there is no zone Mars/Olympus" in str(ended), ended


def main():
    cases = Cases()
    with HttpFarEnd() as far_end, MailFarEnd() as mailbox:
        settings = {"alerts.allowed_networks": "127.0.0.1", "alerts.base_url": ADDRESS + "/",
                    "alerts.mail_server": f"127.0.0.1:{mailbox.port}",
                    "alerts.mail_security": "none", "alerts.mail_user": "mailer",
                    "alerts.mail_password_file": TMP / "password"}
        (TMP / "password").write_text("let me in\n")
        with Server(TMP / "shop", settings=settings) as server:
            fill(server)
            board = add(server, url=far_end.url + "/board", topics=["report"])
            slack = add(server, kind="slack", url=far_end.url + "/slack", topics=["report"])
            add(server, url=far_end.url + "/trouble", topics=["trouble", "dead_letters"])
            with cases.case("without a setting there is no schedule"):
                assert plan_of(server) is None
            server.stop()
            server.start(SCHEDULE)
            data = None
            with cases.case("a signed webhook says where they are, and nothing of customers"):
                data = webhook_says_where(server, far_end, board)
            with cases.case("its links give the files, as of that time"):
                link_gives_the_file(server, data)
            with cases.case("Slack gets the links"):
                slack_has_links(far_end)
            with cases.case("mail brings the files"):
                mail_has_the_files(mailbox)
            with cases.case("the next time is by the clock of the zone"):
                next_is_by_the_zones_clock(server)
            with cases.case("they are told once, also after a crash"):
                told_once(server, far_end, SCHEDULE, (board, slack))
            with cases.case("the program ends well"):
                server.stop()
    with cases.case("what could not be drawn is told to nobody, and is drawn later"):
        failure_is_no_success(TMP / "broken", {"alerts.allowed_networks": "127.0.0.1"})
    with cases.case("a zone that there is not is refused at the start"):
        bad_zone_is_refused(TMP / "mars")
    cases.finish()


main()
