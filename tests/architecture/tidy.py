"""Runs clang-tidy on every source file of ours that changed since it was last found clean.

    tidy.py ROOT BUILD [--seconds N]

A file counts as unchanged if it, every header of ours that it includes, its compile command and .clang-tidy are
what they were; the clean ones are remembered in the user's cache folder, like the compiler's output by ccache.
When the time is up, the rest waits for the next run, and the output says how many files that concerns.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

INCLUDE = re.compile(rb'^\s*#\s*include\s+["<]([^">]+)[">]', re.MULTILINE)


class Tidy:
    def __init__(self, root: Path, build: Path, deadline: float):
        self.root = root
        self.build = build
        self.deadline = deadline
        cache_home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        self.stamps = Path(cache_home) / "calyptenora" / "tidy"
        self.stamps.mkdir(parents=True, exist_ok=True)
        version = subprocess.run(["clang-tidy-19", "--version"], capture_output=True, check=True).stdout
        self.rules = version + (root / ".clang-tidy").read_bytes()

    @cache
    def includes_of(self, file: Path) -> tuple[Path, ...]:
        """The headers of ours that a file names, wherever its include paths find them."""
        folders = [file.parent, self.root / "core", self.root / "core/sdk/include", self.root / "tests", self.root]
        found = []
        for name in INCLUDE.findall(file.read_bytes()):
            for folder in folders:
                candidate = folder / name.decode(errors="replace")
                if candidate.is_file():
                    found.append(candidate.resolve())
                    break
        return tuple(found)

    def closure(self, file: Path) -> list[Path]:
        seen, waiting = set(), [file]
        while waiting:
            current = waiting.pop()
            if current not in seen:
                seen.add(current)
                waiting += self.includes_of(current)
        return sorted(seen)

    def stamp(self, entry: dict) -> Path:
        digest = hashlib.sha256(self.rules)
        command = entry.get("command") or shlex.join(entry["arguments"])
        digest.update(command.replace(str(self.root), "").encode())
        for file in self.closure(Path(entry["file"])):
            digest.update(str(file.relative_to(self.root)).encode() + b"\0" + file.read_bytes())
        pch = self.root / "core/build/pch.hpp"
        digest.update(pch.read_bytes() if pch.is_file() else b"")
        return self.stamps / digest.hexdigest()

    def run(self, entry: dict) -> tuple[str, str, float]:
        """Returns (outcome, text, seconds) with outcome clean, dirty or late."""
        left = self.deadline - time.monotonic()
        if left < 1:
            return "late", "", 0
        started = time.monotonic()
        try:
            done = subprocess.run(
                ["clang-tidy-19", "--quiet", "-p", str(self.build), entry["file"]],
                capture_output=True, text=True, timeout=left)
        except subprocess.TimeoutExpired:
            return "late", "", left
        seconds = time.monotonic() - started
        if done.returncode == 0:
            self.stamp(entry).touch()
            return "clean", "", seconds
        return "dirty", done.stdout + "\n".join(
            line for line in done.stderr.splitlines() if "warnings generated" not in line), seconds


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("root", type=Path)
    parser.add_argument("build", type=Path)
    parser.add_argument("--seconds", type=float, default=300)
    options = parser.parse_args()
    root = options.root.resolve()
    tidy = Tidy(root, options.build, time.monotonic() + options.seconds)

    entries = {}
    for entry in json.loads((options.build / "compile_commands.json").read_text()):
        file = Path(entry["file"])
        if file.suffix in {".c", ".cpp"} and options.build.resolve() not in file.parents and root in file.parents:
            entries.setdefault(entry["file"], entry)
    if not entries:
        print("no source files found: is this the right build folder?")
        return 1
    todo = [entry for entry in entries.values() if not tidy.stamp(entry).exists()]

    counts = {"clean": 0, "dirty": 0, "late": 0}
    slowest = (0.0, "")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for entry, (outcome, text, seconds) in zip(todo, pool.map(tidy.run, todo)):
            counts[outcome] += 1
            slowest = max(slowest, (seconds, entry["file"]))
            if outcome == "dirty":
                print(text.replace(f"{root}/", ""))
    print(f"{len(entries)} files: {len(entries) - len(todo)} unchanged since found clean, {counts['clean']} clean, "
          f"{counts['dirty']} with findings, {counts['late']} not looked at for want of time")
    if slowest[0]:
        print(f"slowest: {Path(slowest[1]).relative_to(root)}, {slowest[0]:.1f} s")
    return 1 if counts["dirty"] else 0


if __name__ == "__main__":
    sys.exit(main())
