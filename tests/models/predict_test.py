"""`tideline predict ID --trace`: every feature with its value, the model, the figures, the time.

tideline-test: timeout=300
"""

import os
import pathlib

from support.cases import Cases
from support.server import Server
from support.trained import refusal, run, run_json, scored_rows, trained_folder

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])


def main():
    cases = Cases()
    folder = trained_folder(TMP / "folder", customers=500, days=240)
    with Server(folder) as server:
        customer = scored_rows(server)[0]["customer_id"]
        features = server.get(f"/api/v1/customers/{customer}/features").json()
        answer = server.post("/api/v1/predict", {"customer_id": customer}).json()
        served = run_json("predict", customer, "--trace", "--data", folder)
        server.stop()
    with cases.case("through the server: the 46 values by name, those of the API"):
        assert len(served["features"]) == 46, len(served["features"])
        got = {feature["name"]: feature["value"] for feature in served["features"]}
        if served["as_of"] == features["as_of"]:
            for name, value in features["features"].items():
                assert (got[name] is None) == (value is None), (name, got[name], value)
                assert value is None or abs(got[name] - value) <= 1e-12 * abs(value), name
        assert list(got) == list(features["features"])
    with cases.case("the figures, the tier and the model are the API's"):
        got = {entry["task"]: entry["figure"] for entry in served["predictions"]}
        for task, figure in answer["predictions"].items():
            assert abs(got[task] - figure) <= 1e-3 * max(1, abs(figure)), (task, got, answer)
        assert served["tier"] == answer["segment"] and served["tier_reason"], served
        assert served["model"]["model_version"] == "marketplace-health-v1", served["model"]
        assert served["latency_us"]["all"] > 0, served["latency_us"]
    with cases.case("drivers in words, with the customer's own numbers"):
        drivers = served["drivers"]
        if drivers:  # a champion that looks at features
            assert drivers["task"] == "churn_risk_14d" and drivers["list"], drivers
            assert drivers["list"][0]["sentence"], drivers
            moved = sum(driver["contribution"] for driver in drivers["list"])
            assert abs(drivers["base"] + moved - drivers["output"]) < 1e-3, drivers
    with cases.case("over the folder itself the same"):
        bare = run_json("predict", customer, "--data", folder)
        assert list(bare) == list(served)
        assert bare["tier"] == served["tier"]
    with cases.case("for a terminal: readable, short without --trace"):
        short = run("predict", customer, "--data", folder)
        long = run("predict", customer, "--trace", "--data", folder)
        assert "churn_risk_14d" in short and served["tier"] in short, short
        assert len(short.splitlines()) < 18, short
        for feature in served["features"]:
            assert feature["name"] in long, feature["name"]
        assert "marketplace-health-v1" in long and "us:" in long, long
    with cases.case("somebody unknown is told so"):
        status, words = refusal("predict", "nobody", "--data", folder)
        assert status == 1 and "no such customer: nobody" in words, (status, words)
    cases.finish()


main()
