#!/usr/bin/env python3
"""Checks every #include and CMake dependency of src/ against tools/layers.txt.

    tools/check_layers.py [--root DIR]

Prints one line a violation, "FILE:LINE: what", and exits 1 when there is any.
"""

import fnmatch
import pathlib
import re
import sys

import checker

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
# Headers of the language and the operating system that need no rule of their own.
SYSTEM = {
    "assert.h", "byteswap.h", "cpuid.h", "dirent.h", "dlfcn.h", "endian.h", "errno.h",
    "execinfo.h", "fcntl.h", "fenv.h", "getopt.h", "grp.h", "immintrin.h", "inttypes.h",
    "limits.h", "locale.h", "malloc.h", "math.h", "netdb.h", "nmmintrin.h", "poll.h", "pthread.h",
    "pwd.h", "sched.h", "signal.h", "spawn.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h",
    "string.h", "strings.h", "termios.h", "time.h", "unistd.h", "x86intrin.h",
}
SYSTEM_FOLDERS = {"sys", "netinet", "arpa", "linux", "bits"}
CXX_HEADER = re.compile(r"^[a-z0-9_]+$")


class Layers:
    """tools/layers.txt as read."""

    def __init__(self, path):
        self.modules = {}  # name -> modules that it may include
        self.tests = {}  # name -> modules that its tests may include as well
        self.libraries = []  # (name, header patterns, modules)
        self.core = set()
        self.core_forbids = []
        self.core_except = {}  # file -> header patterns
        for number, line in enumerate(path.read_text().splitlines(), 1):
            line = line.split("#", 1)[0].strip()
            if line and not self._take(line):
                sys.exit(f"{path}:{number}: not understood: {line}")

    def _take(self, line):
        library = re.fullmatch(r"library (\S+) \[([^\]]*)\]:(.*)", line)
        if library:
            name, headers, modules = library.groups()
            self.libraries.append((name, headers.split(), set(modules.split())))
            return True
        head, colon, rest = line.partition(":")
        kind, _, name = head.partition(" ")
        words = rest.split()
        if not colon:
            return False
        if kind == "module":
            self.modules[name] = set(words)
        elif kind == "test":
            self.tests[name] = set(words)
        elif head == "core":
            self.core |= set(words)
        elif head == "core-forbids":
            self.core_forbids += words
        elif kind == "core-except":
            self.core_except[name] = words
        else:
            return False
        return True

    def allows(self, module, target, is_test):
        allowed = self.modules.get(module, set())
        if is_test:
            allowed = allowed | self.tests.get(module, set())
        return target == module or target in allowed or "*" in allowed


def module_of(relative):
    """Module of a path below src/: its first folder, or adapters/NAME."""
    parts = pathlib.PurePosixPath(relative).parts
    if len(parts) < 2:
        return None
    return "/".join(parts[:2]) if parts[0] == "adapters" and len(parts) > 2 else parts[0]


def matches(header, patterns):
    return any(fnmatch.fnmatchcase(header, pattern) for pattern in patterns)


def is_test_file(path):
    """Tests, contract suites (*_contract.h) and what only tests include (test_*.h)."""
    return path.name.endswith(("_test.cc", "_contract.h")) or path.name.startswith("test_")


def check_own(layers, root, relative, header, is_test):
    """Why an include of one of our headers is wrong, or None."""
    module, target = module_of(relative), module_of(header)
    if target is None or target not in layers.modules:
        return f'"{header}": our headers are included as "module/name.h"; others with <>'
    if not (root / "src" / header).exists():
        return f'"{header}" is not there'
    if is_test_file(pathlib.PurePosixPath(header)) and not is_test:
        return f'"{header}" is for tests only'
    if not layers.allows(module, target, is_test):
        return f'module {module} may not include {target} ("{header}")'
    return None


def check_foreign(layers, relative, header, is_test):
    """Why an include of somebody else's header is wrong, or None."""
    module = module_of(relative)
    if module in layers.core and not is_test and matches(header, layers.core_forbids):
        excepted = [header_pattern for file, patterns in layers.core_except.items()
                    if fnmatch.fnmatchcase(relative, file) for header_pattern in patterns]
        if not matches(header, excepted):
            return f"<{header}> in the core: no input or output, no threads there"
    for name, patterns, modules in layers.libraries:
        if matches(header, patterns):
            if "*" in modules or module in modules or ("tests" in modules and is_test):
                return None
            return f"<{header}>: {name} may not be used in {module}"
    if header in SYSTEM or header.split("/")[0] in SYSTEM_FOLDERS or CXX_HEADER.match(header):
        return None
    return f"<{header}>: unknown header; give it a library line in tools/layers.txt"


def check_file(layers, root, path):
    relative = path.relative_to(root / "src").as_posix()
    is_test = is_test_file(path)
    if module_of(relative) not in layers.modules:
        yield f"src/{relative}:1: module {module_of(relative)} is not in tools/layers.txt"
        return
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        include = INCLUDE.match(line)
        if not include:
            continue
        header = include.group(2)
        if include.group(1) == '"':
            why = check_own(layers, root, relative, header, is_test)
        else:
            why = check_foreign(layers, relative, header, is_test)
        if why:
            yield f"src/{relative}:{number}: {why}"


def check_cmake(layers, root, path):
    """DEPENDS and TEST_DEPENDS of a module's CMakeLists.txt."""
    relative = path.relative_to(root / "src").as_posix()
    module = module_of(relative)
    by_target = {name.split("/")[-1]: name for name in layers.modules}
    text = re.sub(r"#.*", "", path.read_text())
    for call in re.findall(r"tideline_module\(([^)]*)\)", text):
        section = None
        for word in call.split():
            if re.fullmatch(r"[A-Z_]+", word):
                section = word
            elif section in ("DEPENDS", "TEST_DEPENDS"):
                target = by_target.get(word)
                if target is None:
                    yield f"src/{relative}:1: DEPENDS {word}: not a module"
                elif not layers.allows(module, target, section == "TEST_DEPENDS"):
                    yield f"src/{relative}:1: module {module} may not depend on {target}"


def check(root):
    """All violations of the tree below `root`."""
    layers = Layers(root / "tools/layers.txt")
    for path in sorted((root / "src").rglob("*")):
        if path.suffix in (".h", ".cc"):
            yield from check_file(layers, root, path)
        elif path.name == "CMakeLists.txt":
            yield from check_cmake(layers, root, path)


if __name__ == "__main__":
    sys.exit(checker.run("layers", check, __doc__))
