"""Just enough of C++ to count lines of functions: comments and strings blanked, braces matched."""

import re

_TOKENS = re.compile(
    r"""(?P<comment>//(?:[^\n\\]|\\.|\\\n)*|/\*.*?\*/)
      | (?P<raw>\b(?:u8|u|U|L)?R"(?P<mark>[^()\s\\"]{0,16})\(.*?\)(?P=mark)")
      | (?P<string>"(?:[^"\\\n]|\\.)*")
      | (?P<number>\b[0-9](?:[0-9a-zA-Z_.]|'(?=[0-9a-fA-F]))*)
      | (?P<char>'(?:[^'\\\n]|\\.)+')""", re.VERBOSE | re.DOTALL)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.MULTILINE | re.DOTALL)
_SCOPE = re.compile(r"^(?:template\s*<.*>\s*)?(?:inline\s+|typedef\s+|extern\s*$|\[\[.*?\]\]\s*|"
                    r"public:|private:|protected:|\s)*(?:namespace|class|struct|union|enum)\b",
                    re.DOTALL)
_INITIALIZERS = re.compile(r"\)\s*(?:noexcept(?:\([^)]*\))?\s*)?:(?!:)")


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


def without_comments_and_strings(text):
    """`text` with comments blanked and literals emptied; offsets of lines are kept."""

    def replace(match):
        if match.lastgroup == "number":
            return match.group(0)
        found = match.group(0)
        if match.group("comment"):
            return _blank(found)
        return '"' + _blank(found[1:-1]) + '"' if len(found) > 1 else found

    return _TOKENS.sub(replace, text)


def _is_scope(head):
    """Whether the text before a brace opens a namespace or a type."""
    return bool(_SCOPE.match(head)) and not re.search(r"\)\s*(const|noexcept|override|final)*\s*$",
                                                      head) or head.strip() in ('extern " "',)


def _is_function(head):
    stripped = head.rstrip()
    if "(" not in stripped or re.search(r"=\s*$", stripped):
        return False
    if _INITIALIZERS.search(stripped) and re.search(r"[\w>]$", stripped):
        return False  # a member's initialiser in braces
    return bool(re.search(r"\)\s*(?:const|noexcept(?:\([^)]*\))?|override|final|mutable|&&?|"
                          r"->[^;{}]*|requires[^;{}]*|try|:(?!:)[^;]*|\s)*$", stripped))


def _name(head):
    match = re.search(r"([\w:~]+(?:\s*\([^()]*\))?|operator\s*\S+)\s*\(", head)
    return re.sub(r"\s+", " ", match.group(1)) if match else "function"


def functions(code):
    """(first line, last line, name) of every function defined at namespace or class scope.

    `code` comes from without_comments_and_strings. Lambdas and local types count with the function
    that holds them.
    """
    code = _DIRECTIVE.sub(lambda match: _blank(match.group(0)), code)
    found, stack, head_start, parens = [], [], 0, 0
    for position, char in enumerate(code):
        inside = any(kind != "scope" for kind, _, _ in stack)
        if char == "{":
            head = code[head_start:position]
            kind = "other"
            if not inside and parens == 0:
                if _is_scope(head.strip()) or not head.strip():
                    kind = "scope"
                elif _is_function(head):
                    kind = "function"
            start = head_start + len(head) - len(head.lstrip())
            stack.append((kind, start, _name(head) if kind == "function" else ""))
            if kind == "scope":
                head_start = position + 1
        elif char == "}" and stack:
            kind, start, name = stack.pop()
            if kind == "function":
                first = code.count("\n", 0, start) + 1
                found.append((first, code.count("\n", 0, position) + 1, name))
            if kind != "other":
                head_start = position + 1
        elif not inside and char in "()":
            parens += 1 if char == "(" else -1
        elif not inside and parens == 0 and char == ";":
            head_start = position + 1
        elif not inside and char == ":" and re.search(r"\b(public|private|protected)\s*$",
                                                      code[head_start:position]):
            head_start = position + 1
    return found
