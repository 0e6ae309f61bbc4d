import os
from pathlib import Path

LOANS = Path("data/loans.txt")


def application(request, start):
    limit = os.environ.get("MAX_LOANS", "2")
    start("200 OK", [("Content-Type", "text/plain")])
    return [f"{LOANS.read_text()}at most {limit} books each\n".encode()]
