"""Checks that the source tree keeps to the rules of core/README.md.

    architecture.py ROOT            prints each violation; exit code 1 if there is any
    architecture.py --self-test     runs the check on small bad trees: each must be found out

What is checked: every #include in core/ and plugins/ against the table "Who may include whom"; Beast only where
it belongs; no globbed source lists; no file named after nothing in particular; no coroutine or thread that nobody
owns; no path of somebody's machine.
"""

import re
import sys
import tempfile
from pathlib import Path

SOURCE_SUFFIXES = {".c", ".cpp", ".h", ".hpp"}
SCRIPT_SUFFIXES = {".cmake", ".css", ".html", ".js", ".json", ".md", ".mjs", ".mustache", ".py", ".sh", ".sql",
                   ".txt", ".yaml", ".yml"}
SKIPPED_FOLDERS = {".git", "build", "node_modules"}  # at any depth; core/build is looked at
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)
VAGUE_NAME = re.compile(r"(^|[_-])(utils?|common|helpers?|managers?|misc)([_-]|$)")
# Folders of people and of scratch space. Written apart, so that this file does not find itself.
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:" + "home/|Users/|ro" + r"ot/|wo" + r"rk/|tm" + r"p/wt)\w*")
# Where a detached coroutine has an owner that outlives it: file -> reason.
DETACHED_ALLOWED = {
    "core/build/pch.hpp": "only makes the name available",
}
GLOB_ALLOWED = {"core/web/share.cmake": "lists what it has copied into the build tree itself"}
BEAST_ALLOWED = re.compile(r"^(core/http/|core/host/egress|core/build/asio\.cpp$|tests/)")


def read_table(readme: Path) -> dict[str, set[str]]:
    """The include table: folder -> folders it may include."""
    lines = iter(readme.read_text(encoding="utf-8").splitlines())
    for line in lines:
        if re.fullmatch(r"\|\s*folder\s*\|\s*may include\s*\|", line):
            break
    else:
        raise SystemExit(f"{readme}: no table with the columns 'folder' and 'may include'")
    next(lines)
    rows = {}
    for line in lines:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 2:
            break
        rows[cells[0]] = cells[1]
    core = set(rows) - {"main", "plugins"}
    table = {}
    for folder, text in rows.items():
        if text == "nothing":
            allowed = set()
        elif text.startswith("everything"):
            allowed = core - set(re.split(r",\s*", text.removeprefix("everything").removeprefix(" but ")))
        else:
            allowed = set(re.split(r",\s*", text))
            for unknown in allowed - core:
                raise SystemExit(f"{readme}: row '{folder}' names the unknown folder '{unknown}'")
        table[folder] = allowed | ({folder} if folder in core else set())
    return table


def files_below(root: Path, folder: Path | None = None):
    for entry in sorted((folder or root).iterdir()):
        path = entry.relative_to(root).as_posix()
        if entry.is_symlink() or path == "data" or (entry.name in SKIPPED_FOLDERS and path != "core/build"):
            continue
        if entry.is_dir():
            yield from files_below(root, entry)
        elif entry.is_file():
            yield entry


def owner_of(path: str) -> str | None:
    """The row of the include table that governs a file."""
    parts = path.split("/")
    if parts[0] == "plugins":
        return "plugins"
    if path == "core/main.cpp":
        return "main"
    return parts[1] if parts[0] == "core" and len(parts) > 2 else None


def check_includes(path: str, text: str, table: dict[str, set[str]], core_folders: set[str]) -> list[str]:
    owner = owner_of(path)
    if owner == "build":
        return []
    if owner not in table:
        return [f"{path}: lies in no folder of the include table"]
    found = []
    for match in INCLUDE.finditer(text):
        mark, target = match.groups()
        line = text.count("\n", 0, match.start(1)) + 1
        first = target.split("/")[0]
        if target.startswith("calyptenora/"):
            included = "sdk"
        elif mark == '"' and "/" not in target:
            included = owner  # a header beside the source
        elif ".." in target.split("/"):
            found.append(f"{path}:{line}: {target}: write the path from core/, without '..'")
            continue
        elif owner == "plugins" and mark == '"' and first not in core_folders:
            included = owner
        elif first in core_folders:
            included = first
        elif mark == '"':
            found.append(f"{path}:{line}: {target}: no folder '{first}' in the include table")
            continue
        else:
            continue  # a system header
        if included != owner and included not in table[owner]:
            found.append(f"{path}:{line}: {owner} must not include {included} ({target})")
    return found


def check(root: Path) -> list[str]:
    table = read_table(root / "core" / "README.md")
    core_folders = set(table) - {"main", "plugins"}
    found = []
    for folder in sorted(entry.name for entry in (root / "core").iterdir() if entry.is_dir()):
        if folder not in core_folders and folder != "build":
            found.append(f"core/{folder}: a folder that the include table does not know")
    for file in files_below(root):
        path = file.relative_to(root).as_posix()
        is_source = file.suffix in SOURCE_SUFFIXES
        is_script = file.suffix in SCRIPT_SUFFIXES or path in ("run", "test", ".ci/run")
        if not (is_source or is_script):
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        if is_source and path.startswith(("core/", "plugins/")):
            found += check_includes(path, text, table, core_folders)
        if is_source and not BEAST_ALLOWED.match(path) and re.search(r"#\s*include\s+<boost/beast", text):
            found.append(f"{path}: includes Beast, which only core/http and core/host/egress* do")
        if is_source and VAGUE_NAME.search(file.stem):
            found.append(f"{path}: name the file after what it is about")
        if (file.name == "CMakeLists.txt" or file.suffix == ".cmake") and path not in GLOB_ALLOWED:
            if re.search(r"file\s*\(\s*GLOB", text):
                found.append(f"{path}: list the sources instead of globbing them")
        if is_source and path not in DETACHED_ALLOWED:
            code = re.sub(r"//.*", "", text)
            if re.search(r"\bdetached\b|\.detach\s*\(\s*\)", code):
                found.append(f"{path}: a detached coroutine or thread; give it an owner that awaits its end")
        for match in MACHINE_PATH.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path}:{line}: a path of some machine ({match.group()})")
    return found


README = """| folder | may include |
|---|---|
| sdk | nothing |
| gate | sdk |
| http | sdk, gate |
| cli | everything but http |
| main | everything |
| plugins | sdk |
"""
GOOD = {
    "core/README.md": README,
    "core/main.cpp": '#include "http/server.hpp"\n',
    "core/gate/decide.cpp": '#include "gate/decide.hpp"\n#include <calyptenora/result.hpp>\n#include <vector>\n',
    "core/http/server.cpp": '#include <boost/beast.hpp>\n#include "gate/release.hpp"\n',
    "core/cli/serve.cpp": '#include "gate/release.hpp"\n',
    "plugins/auth/password/src/plugin.cpp": '#include <calyptenora/auth.hpp>\n#include "hash.hpp"\n',
}
# What is added to the good tree -> what the check must say about it.
BAD = [
    ({"core/gate/bad.cpp": '#include "http/server.hpp"\n'}, "gate must not include http"),
    ({"core/gate/bad.cpp": '# include <http/server.hpp>\n'}, "gate must not include http"),
    ({"core/sdk/include/calyptenora/bad.hpp": '#include "gate/decide.hpp"\n'}, "sdk must not include gate"),
    ({"core/cli/bad.cpp": '#include "http/server.hpp"\n'}, "cli must not include http"),
    ({"plugins/auth/bad/src/bad.cpp": '#include "gate/decide.hpp"\n'}, "plugins must not include gate"),
    ({"plugins/auth/bad/src/bad.cpp": '#include "../../../../core/gate/decide.hpp"\n'}, "without '..'"),
    ({"core/gate/bad.cpp": '#include "../http/server.hpp"\n'}, "without '..'"),
    ({"core/attic/README.md": ""}, "a folder that the include table does not know"),
    ({"core/gate/bad.cpp": '#include "attic/bad.hpp"\n'}, "no folder 'attic'"),
    ({"core/bad.cpp": ""}, "lies in no folder of the include table"),
    ({"core/gate/bad.cpp": "#include <boost/beast/http.hpp>\n"}, "includes Beast"),
    ({"core/gate/string_utils.hpp": ""}, "name the file after what it is about"),
    ({"core/gate/plugin_manager.cpp": ""}, "name the file after what it is about"),
    ({"core/gate/CMakeLists.txt": "file(GLOB" + "_RECURSE sources *.cpp)\n"}, "instead of globbing"),
    ({"core/gate/bad.cpp": "co_spawn(executor, work(), asio::detached);\n"}, "a detached coroutine"),
    ({"core/gate/bad.cpp": "std::thread(work).detach();\n"}, "a detached coroutine"),
    ({"config/bad.yaml": "data: /ho" + "me/someone/data\n"}, "a path of some machine"),
    ({"run": "cd /wo" + "rk/main\n"}, "a path of some machine"),
]


def write_tree(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def self_test() -> int:
    failures = 0
    for files, expected in [({}, None), *BAD]:
        with tempfile.TemporaryDirectory() as folder:
            write_tree(Path(folder), GOOD | files)
            found = check(Path(folder))
        if expected is None and found:
            print("the good tree is found to be bad:", *found, sep="\n  ")
            failures += 1
        elif expected is not None and not any(expected in line for line in found):
            print(f"not found out: {files} (expected: {expected}; found: {found})")
            failures += 1
        elif expected is not None and len(found) != 1:
            print(f"more than expected was found in {files}:", *found, sep="\n  ")
            failures += 1
    print(f"{len(BAD) + 1} trees, {failures} judged wrongly")
    return 1 if failures else 0


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    found = check(Path(sys.argv[1]).resolve())
    print(*found, sep="\n")
    print(f"{len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
