"""The include rules hold, and the checker finds each kind of breach that is planted for it.

tideline-test: needs=none timeout=120
"""

import pathlib
import os
import shutil
import sys

ROOT = pathlib.Path(os.environ["TIDELINE_SOURCE"])
sys.path.insert(0, str(ROOT / "tools"))

import check_layers  # noqa: E402
from support.cases import Cases  # noqa: E402

# file -> (text, what the checker must say of it; empty: nothing)
PLANTED = {
    "src/domain/fine.h": ('#include "base/time.h"\n#include <map>\n#include <compare>\n', ""),
    "src/base/time.h": ("", ""),
    "src/base/test_seed.h": ("#include <gtest/gtest.h>\n", ""),
    "src/domain/seeded.cc": ('#include "base/test_seed.h"\n', "is for tests only"),
    "src/app/main.cc": ('#include "adapters/rocksdb/store.h"\n#include <CLI/CLI.hpp>\n', ""),
    "src/adapters/rocksdb/store.h": ("#include <rocksdb/db.h>\n", ""),
    "src/domain/domain_test.cc": ("#include <gtest/gtest.h>\n#include <thread>\n", ""),
    "src/base/upward.h": ('#include "domain/fine.h"\n', "base may not include domain"),
    "src/packs/json.cc": ("#include <simdjson.h>\n", "simdjson may not be used in packs"),
    "src/features/maths.cc": ("#include <Eigen/Dense>\n", "eigen may not be used in features"),
    "src/pipeline/sql.cc": ("  #  include <duckdb.h>\n", "duckdb may not be used in pipeline"),
    "src/api/beast.cc": ("#include <boost/beast/http.hpp>\n", "may not be used in api"),
    "src/scoring/threads.cc": ("#include <thread>\n", "in the core"),
    "src/features/files.cc": ("#include <fstream>\n", "in the core"),
    "src/domain/gone.cc": ('#include "base/no_such.h"\n', "is not there"),
    "src/domain/near.cc": ('#include "fine.h"\n', 'included as "module/name.h"'),
    "src/telemetry/odd.cc": ("#include <left/pad.h>\n", "unknown header"),
    "src/adapters/rocksdb/peer.cc": ('#include "adapters/duckdb/lake.h"\n', "may not include"),
    "src/adapters/duckdb/lake.h": ("", ""),
    "src/domain/mock.cc": ("#include <gmock/gmock.h>\n", "googletest may not be used"),
    "src/novel/thing.h": ("", "is not in tools/layers.txt"),
    "src/config/CMakeLists.txt": ("tideline_module(config DEPENDS base pipeline)\n",
                                  "config may not depend on pipeline"),
    "src/api/CMakeLists.txt": ("tideline_module(api DEPENDS base http LIBRARIES a::b)\n", ""),
}


def plant(root):
    (root / "tools").mkdir(parents=True)
    shutil.copy(ROOT / "tools/layers.txt", root / "tools/layers.txt")
    for name, (text, _) in PLANTED.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def main():
    cases = Cases()
    with cases.case("the include rules hold"):
        violations = list(check_layers.check(ROOT))
        assert not violations, "; ".join(violations)

    root = pathlib.Path(os.environ["TIDELINE_TMP"]) / "planted"
    plant(root)
    found = list(check_layers.check(root))
    for name, (_, wanted) in PLANTED.items():
        said = [line for line in found if line.startswith(name + ":")]
        with cases.case(f"planted in {name}"):
            if wanted:
                assert len(said) == 1 and wanted in said[0], f"want '{wanted}', said {said}"
            else:
                assert not said, f"want nothing, said {said}"
    cases.finish()


main()
