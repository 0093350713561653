"""SageMaker's own runtime client gets the five numbers from /endpoints/{name}/invocations.

tideline-test: timeout=300
"""

import json
import os
import pathlib
import subprocess

from support.cases import Cases
from support.npm import node_for, packages
from support.server import Server
from support.trained import scored_rows, trained_folder

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
HERE = "tests/models/runtime_client"
SCRIPT = pathlib.Path(os.environ["TIDELINE_SOURCE"]) / HERE / "invoke.mjs"
ENDPOINT = "marketplace-health-endpoint"
TASKS = ["first_session_success", "session_velocity", "churn_risk_14d", "churn_risk_30d",
         "health_score"]


def invoke(server, calls):
    settings = {"url": f"http://127.0.0.1:{server.port}", "calls": calls}
    done = subprocess.run(
        [node_for(20), SCRIPT], capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, "CLIENT_MODULES": str(packages(HERE)),
             "CLIENT_SETTINGS": json.dumps(settings)})
    assert done.returncode == 0, done.stderr[-1500:]
    return json.loads(done.stdout)


def main():
    cases = Cases()
    folder = trained_folder(TMP / "folder", customers=500, days=240)
    with Server(folder) as server:
        customer = scored_rows(server)[0]["customer_id"]
        features = server.get(f"/api/v1/customers/{customer}/features").json()["features"]
        row = ",".join("" if value is None else repr(value) for value in features.values())
        wanted = server.post("/api/v1/predict", {"features": features}).json()["predictions"]
        body = {"ContentType": "text/csv", "EndpointName": ENDPOINT, "Body": row}
        instances = json.dumps({"instances": [list(features.values()), features]})
        answers = invoke(server, [
            body,
            {**body, "Body": f"{row}\n{row}\n"},
            {**body, "Accept": "application/json"},
            {**body, "ContentType": "application/json", "Body": instances},
            {**body, "ContentType": "application/json", "Accept": "text/csv", "Body": instances},
            {**body, "EndpointName": "another"},
            {**body, "Body": "1,2,3"},
            {**body, "Accept": "application/x-recordio"},
        ])
        with cases.case("InvokeEndpoint gives the five numbers, those of /api/v1/predict"):
            answer = answers[0]
            assert answer["status"] == 200 and answer["type"].startswith("text/csv"), answer
            numbers = [float(cell) for cell in answer["body"].strip().split(",")]
            assert numbers == [wanted[task] for task in TASKS], (numbers, wanted)
        with cases.case("many rows, one line each"):
            line = answers[0]["body"].strip()
            assert answers[1]["body"] == f"{line}\n{line}\n", answers[1]
        with cases.case("JSON where it is asked for or sent, the same numbers"):
            for answer, rows in ((answers[2], 1), (answers[3], 2)):
                assert answer["type"].startswith("application/json"), answer
                predictions = json.loads(answer["body"])["predictions"]
                assert len(predictions) == rows, answer
                for prediction in predictions:
                    assert {task: prediction[task] for task in TASKS} == wanted, prediction
                    assert prediction["tier"], prediction
            assert answers[4]["type"].startswith("text/csv"), answers[4]
        with cases.case("it learns which variant answered"):
            assert answers[0]["variant"] == "marketplace-health-v1", answers[0]
        with cases.case("trouble arrives as the client's own exceptions"):
            assert answers[5] == {"status": 404, "error": "ValidationError"}, answers[5]
            assert answers[6] == {"status": 400, "error": "ValidationError"}, answers[6]
            assert answers[7]["status"] == 406, answers[7]
    cases.finish()


main()
