"""Models in trouble: 50 kills during promotion, files missing, cut, flipped, of another schema.

tideline-test: timeout=600
"""

import os
import pathlib
import random

from faults.models import Watched, active, damages, kill_promotions, refuse_flips
from support.cases import Cases
from support.trained import run, trained_folder

TMP = pathlib.Path(os.environ["TIDELINE_TMP"])
KILLS = int(os.environ.get("TIDELINE_KILLS", 12))
FLIPS = int(os.environ.get("TIDELINE_FLIPS", 20))


def main():
    cases = Cases()
    seed = int(os.environ.get("TIDELINE_SEED") or random.randrange(1 << 30))
    print(f"seed {seed}")
    folder = trained_folder(TMP / "folder", versions=2)
    with cases.case(f"{KILLS} kills during promotion: exactly one model is active"):
        print(f"{kill_promotions(folder, KILLS, seed)} of {KILLS} had taken place")
    version = active(folder)[0].rsplit("-", 1)[1]
    with cases.case(f"{FLIPS} flipped bits: the model is refused each time"):
        refuse_flips(folder, version, FLIPS, seed)
    watched = Watched(folder)
    damage, kinds = damages(folder, version)
    for what, deed in kinds.items():
        with cases.case(f"{what}: nothing is lost, no figure is invented, and it says so"):
            deed()
            watched.check(what)
        damage.mend()
    with cases.case("with another version promoted it goes on"):
        (damage.place / "manifest.json").unlink()
        other = "v1" if version == "v2" else "v2"
        run("model", "promote", other, "--data", folder)
        damage.mend()
        assert active(folder) == [f"marketplace-health-{other}"]
        Watched(folder)
    cases.finish()


main()
