"""What the reference library of Standard Webhooks makes of webhooks that came."""

import json
import pathlib
import subprocess

from support.npm import node_for, packages


def verify(received, secret):
    """Their contents, None where they are forged."""
    modules = packages("tests/alerts")
    sent = [{"secret": secret, "headers": one.headers, "body": one.body} for one in received]
    script = pathlib.Path(__file__).with_name("verify.mjs")
    done = subprocess.run([node_for(18), script, modules], input=json.dumps(sent), text=True,
                          capture_output=True, check=True)
    return json.loads(done.stdout)
