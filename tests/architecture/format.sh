#!/usr/bin/env bash
# Fails if clang-format would change a source file. "clang-format-19 -i FILE" puts it right.
set -euo pipefail
cd "$1"
git ls-files --cached --others --exclude-standard -z -- '*.c' '*.h' '*.cpp' '*.hpp' |
    xargs -0 --no-run-if-empty clang-format-19 --dry-run -Werror --ferror-limit=3
