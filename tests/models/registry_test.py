"""Promotion, rolling back and the shadow, over a server's control socket and over a bare folder.

tideline-test: timeout=300
"""

import json
import os
import pathlib
import shutil
import time

from support.cases import Cases
from support.server import Server
from support.trained import refusal, run, run_json, trained_folder

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
SLOWER = 10 if os.environ["TIDELINE_SANITIZE"] else 1
SWITCH_S = 1


def roles(folder):
    """(active, shadow) as `model list` tells them."""
    models = run_json("model", "list", "--data", folder)["models"]
    named = {role: [f"{m['name']}-{m['version']}" for m in models if m[role]]
             for role in ("active", "shadow")}
    assert len(named["active"]) == 1 and len(named["shadow"]) <= 1, named
    return named["active"][0], (named["shadow"] or [None])[0]


def in_use(server):
    return server.get("/ping").json()["model_version"]


def shown(server):
    """Model versions of the scored customers that are shown."""
    rows = server.get("/api/v1/customers?limit=1000").json()["data"]
    return {row["model_version"] for row in rows if row["status"] == "scored"}


def wait_until(what, seconds):
    started = time.monotonic()
    while not what():
        assert time.monotonic() - started < seconds * SLOWER, f"not within {seconds} s"
        time.sleep(0.02)
    return time.monotonic() - started


def main():
    cases = Cases()
    folder = trained_folder(TMP / "folder", versions=2)
    with cases.case("a folder by itself: promote, rollback, shadow"):
        assert roles(folder) == ("marketplace-health-v2", None)
        run("model", "promote", "v1", "--data", folder)
        assert roles(folder) == ("marketplace-health-v1", None)
        run("model", "rollback", "--data", folder)
        assert roles(folder) == ("marketplace-health-v2", None)
        told = run_json("model", "promote", "marketplace-health-v1", "--shadow", "--data", folder)
        assert told == {"active": "marketplace-health-v2", "shadow": "marketplace-health-v1"}
        run("model", "rollback", "--shadow", "--data", folder)
        assert roles(folder) == ("marketplace-health-v2", None)
    with cases.case("what cannot be is refused with words"):
        status, words = refusal("model", "promote", "v7", "--data", folder)
        assert status == 1 and "no model version v7" in words, (status, words)
        status, words = refusal("model", "rollback", "--shadow", "--data", folder)
        assert status == 5 and "no model runs in the shadow" in words, (status, words)
    with Server(folder) as server:
        wait_until(lambda: shown(server) == {"marketplace-health-v2"}, 20)
        with cases.case("a server: every customer is scored by the promoted one within 1 s"):
            run("model", "promote", "v1", "--data", folder)
            assert in_use(server) == "marketplace-health-v1"
            seconds = wait_until(lambda: shown(server) == {"marketplace-health-v1"}, SWITCH_S)
            print(f"shown {seconds:.2f} s after the command")
        with cases.case("and rolls back as fast"):
            run("model", "rollback", "--data", folder)
            assert in_use(server) == "marketplace-health-v2"
            wait_until(lambda: shown(server) == {"marketplace-health-v2"}, SWITCH_S)
        with cases.case("the API tells the same"):
            models = server.get("/api/v1/models").json()["data"]
            assert [m["active"] for m in models] == [False, True], models
            answer = server.get("/api/v1/models/v2/evaluation").json()
            assert answer["evaluation"]["tasks"], answer
        with cases.case("the shadow is compared and never shown"):
            run("model", "promote", "v1", "--shadow", "--data", folder)
            wait_until(lambda: server.get("/api/v1/models/v1/evaluation").json()["comparison"], 20)
            comparison = server.get("/api/v1/models/v1/evaluation").json()["comparison"]
            assert comparison["beside"] == "marketplace-health-v2", comparison
            assert comparison["rows"] > 0 and len(comparison["tasks"]) == 5, comparison
            assert shown(server) == {"marketplace-health-v2"}
        with cases.case("drift is told against the training"):
            drift = server.get("/api/v1/models/v2/evaluation").json()["drift"]
            assert drift["reference"] == "training" and len(drift["figures"]) == 51, drift
            assert "tideline_model_drift_psi" in server.get("/metrics").body.decode()
        server.stop()
    with cases.case("another feature set is refused and what differs is named"):
        manifest = folder / "models/marketplace-health/v1/manifest.json"
        before = manifest.read_text()
        pack = other_pack(TMP / "pack")
        other = TMP / "other"
        run("keys", "create", "k", "--data", other, "--pack", str(pack))
        shutil.copytree(folder / "models", other / "models", dirs_exist_ok=True)
        status, words = refusal("model", "promote", "v1", "--data", other)
        assert status == 5, (status, words)
        assert "was trained on other features" in words and "another_name" in words, words
        assert before == manifest.read_text()
    cases.finish()


def other_pack(folder):
    """The marketplace pack with one feature called otherwise."""
    source = pathlib.Path(os.environ["TIDELINE_SOURCE"]) / "packs/marketplace"
    shutil.copytree(source, folder)
    text = (folder / "pack.toml").read_text()
    features = json.loads(run("version", "--json")) and text.split("[[feature]]")
    name = features[1].split('name = "')[1].split('"')[0]
    (folder / "pack.toml").write_text(text.replace(f'name = "{name}"', 'name = "another_name"', 1))
    return folder


main()
