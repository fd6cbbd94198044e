"""Writes the corpus of frames_fuzz: one file for each kind of frame, and some that are wrong.

    make_corpus.py FOLDER
"""

import struct
import sys
from pathlib import Path


def text(value: bytes) -> bytes:
    return struct.pack("<I", len(value)) + value


def frame(kind: int, body: bytes, version: int = 1, length: int | None = None) -> bytes:
    return struct.pack("<IBBH", len(body) if length is None else length, version, kind, 0) + body


CASES = {
    "load": frame(1, struct.pack("<QQ", 1024, 8192) + text(b"id: analytics/x")),
    "create": frame(2, text(b"{}")),
    "invoke": frame(3, struct.pack("<Q", 1) + text(b"deliver") + text(b"[]") + text(b"")),
    "reply": frame(4, struct.pack("<QI", 1, 0) + text(b"{}")),
    "cancel": frame(5, struct.pack("<Q", 1)),
    "destroy": frame(6, b""),
    "born": frame(65, struct.pack("<I", 4711)),
    "refused": frame(66, text(b"why")),
    "ready": frame(67, b""),
    "created": frame(68, b"\x01"),
    "request": frame(69, struct.pack("<QQQ", 1, 2, 2) + text(b"http") + text(b"{}")),
    "complete": frame(70, struct.pack("<QIQ", 1, 0, 2) + text(b"{}")),
    "threw": frame(71, text(b"what")),
    "returned": frame(72, struct.pack("<Q", 3)),
    "four_gib": frame(70, b"", length=0xFFFFFFFF),
    "other_version": frame(67, b"", version=2),
    "call_0": frame(5, struct.pack("<Q", 0)),
    "half": frame(70, struct.pack("<QIQ", 1, 0, 2) + text(b"{}"))[:13],
}

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
for name, stream in CASES.items():
    (folder / name).write_bytes(b"\xff" + stream)
(folder / "many").write_bytes(b"\x06" + b"".join(CASES[name] for name in list(CASES)[:14]))
