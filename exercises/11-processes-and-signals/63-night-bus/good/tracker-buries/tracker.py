"""Follows the night buses of one route until it is told to stop.

Ends with 0 when it was asked to end (SIGTERM or SIGINT) and has kept the last positions, and with 3 when nobody
knows the route.
"""
import os
import pathlib
import signal
import subprocess
import sys
import time

route = os.environ.get("ROUTE", "pune-nagpur")
plan = pathlib.Path("routes", f"{route}.txt")
if not plan.exists():
    print(f"tracker: no route called {route}", file=sys.stderr, flush=True)
    sys.exit(3)
buses = [line.split() for line in plan.read_text().splitlines() if line.strip()]


def stop(number, frame):
    print(f"{signal.Signals(number).name} heard, keeping the last positions", flush=True)
    time.sleep(0.3)
    print(f"positions kept of {len(buses)} buses", flush=True)
    sys.exit(0)


signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)

# Process -> since when it is a zombie. For a moment everybody is one; who is one for long has been forgotten.
since = {}


def unburied():
    now = time.monotonic()
    dead = set()
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            # The name stands in brackets and may hold spaces; the state is the first word after them.
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, IndexError):
            continue
        if state == "Z":
            dead.add(folder.name)
    for gone in set(since) - dead:
        del since[gone]
    for pid in dead:
        since.setdefault(pid, now)
    return sum(now - begin > 1.5 for begin in since.values())


print(f"tracker of {route}: {len(buses)} buses", flush=True)
turn = 0
while True:
    turn += 1
    seen = []
    for bus, *stops in buses:
        place = stops[turn % len(stops)]
        asked = subprocess.run(["sh", "ask.sh", bus, place], stdout=subprocess.PIPE, text=True)
        seen.append(asked.stdout.strip())
    print(f"round {turn}, unburied {unburied()}: {', '.join(seen)}", flush=True)
    time.sleep(0.5)
    # Process 1 has everybody's orphans. No child of our own is left here: run() has waited for each.
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
