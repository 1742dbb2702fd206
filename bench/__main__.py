"""`python -m bench [NAME …] [--rounds N]`: the speed goals as one table."""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path

from bench import measures
from tests.support import postgres
from tests.support.databases import Run


def main() -> None:
    """Run the measures named, or all, and print what each reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*measures.ALL, []], help="which; all without")
    parser.add_argument("--rounds", type=int, default=3, help="alternating rounds, the median counts")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="atrium-"))
    folder.chmod(0o711)
    os.environ["ATRIUM_HOME"] = str(folder / "home")
    run = Run(folder, os.getpid(), os.environ.get("ATRIUM_TEST_DATABASE_URL"))
    print(f"{'measure':<44} {'reached':>12} {'goal':>10}   rounds")
    try:
        for name in args.names or measures.ALL:
            for line in measures.ALL[name](run, args.rounds):
                print(f"{line.name:<44} {line.reached:>12} {line.goal:>10}   {line.rounds}", flush=True)
    finally:
        postgres.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
