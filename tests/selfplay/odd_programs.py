"""A GTP program that misbehaves as its first argument says; a match must survive it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

PROGRAM = """
import os, signal, subprocess, sys, time
mode = sys.argv[1]
note = sys.argv[2] if len(sys.argv) > 2 else os.devnull
open(note, "a").write(f"{os.getpid()}\\n")
print("hello, I am chatty", flush=True)
if mode == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)
for line in sys.stdin:
    word = line.split()[0] if line.split() else ""
    if word == "genmove":
        if mode == "hangs":
            time.sleep(60)
        if mode in ("forks", "leaves"):
            child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
            open(note, "a").write(f"{child.pid}\\n")
            if mode == "leaves":
                os._exit(1)  # the grandchild holds the pipe
            time.sleep(60)
        if mode == "dies":
            os._exit(1)
        if mode == "talks":
            while True:
                print("= blah", flush=True)
        if mode == "floods":
            while True:
                sys.stdout.write("x" * 65536)
        if mode == "chats":
            sys.stdout.write("blah blah\\nhello\\n\\n")
            sys.stdout.flush()
            time.sleep(3600)
        if mode == "drips":
            while True:
                sys.stdout.write("d")
                sys.stdout.flush()
                time.sleep(0.02)
        if mode == "binary":
            sys.stdout.buffer.write(bytes(range(128, 256)) + b"\\n\\n= \\xff\\xfe\\n\\n")
            sys.stdout.buffer.flush()
            continue
    if word == "final_status_list" and mode == "dies at the end":
        os._exit(1)
    if mode == "listens":
        open(note, "a").write(line)
    if word == "quit" and mode == "stays":
        continue
    moves = {"illegal": "A1", "nonsense": "Z99", "large": "A" + "9" * 5000}
    moves |= {"escapes": "\\x1b[31mE5", "resigns": "resign"}
    answers = {"name": "odd", "version": "1", "genmove": moves.get(mode, "pass")}
    if mode == "listens":
        answers["list_commands"] = "kata-set-rules\\nkgs-rules\\nkgs-time_settings\\ntime_settings\\ntime_left"
        if word == "kata-set-rules":
            print("? what is that\\n", flush=True)
            continue
    if word == "play" and mode == "refuses":
        print("? illegal move\\n", flush=True)
        continue
    if mode == "twice" and word in ("play", "name"):
        print("= too much\\n", flush=True)
    print("= " + answers.get(word, "") + "\\n", flush=True)
if mode == "stays":
    while True:
        time.sleep(1)
"""


def odd(folder: Path, mode: str, note: Path | None = None) -> str:
    """The command that starts it; it writes its process ids to `note`."""
    script = folder / "odd.py"
    if not script.exists():  # do not rewrite it while a program is starting from it
        script.write_text(PROGRAM)
    return shlex.join([sys.executable, "-S", str(script), mode, *([str(note)] if note else [])])
