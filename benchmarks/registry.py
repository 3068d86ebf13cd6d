"""The registry with 1,000 to 1,000,000 versions of five tags each, on SQLite and PostgreSQL, beside MLflow.

    python benchmarks/registry.py [--sizes 1000 10000] [--databases sqlite postgresql] [--rounds 30]
        [--without-mlflow] [--keep FOLDER] [--json registry.json]

Every question is asked of the service functions and, where people wait for it, over HTTP. Its queries are
explained in results/registry-explain-DATABASE.txt, of the largest size. MLflow's server gets the same rows
and the same questions in the same run (benchmarks/beside_mlflow.py).
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
DATABASES = ("sqlite", "postgresql")
BUDGET_MS = 30


def main() -> None:
    sys.path[0] = str(ROOT)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--without-mlflow", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder for the databases and MLflow's environment, kept")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--role", choices=("measure",), help=argparse.SUPPRESS)
    parser.add_argument("--asked", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.role:
        from benchmarks.registry_questions import measure

        measure(**json.loads(asked.asked))
        return
    compare(asked)


def compare(asked: argparse.Namespace) -> None:
    begun = os.getloadavg()[0]
    measured: dict[str, dict[str, dict]] = {}
    with ExitStack() as stack:
        folder = asked.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        for database in asked.databases:
            for size in sorted(asked.sizes):
                place = Path(tempfile.mkdtemp(prefix=f"{database}-{size}-", dir=folder))
                with database_at(database, place) as url:
                    found = one_size(asked, database, url, size, place, folder)
                measured.setdefault(database, {})[str(size)] = found
                show(database, size, found)
                if asked.json:
                    # After each size: an interrupted run has measured something too.
                    asked.json.write_text(json.dumps({"load": begun, "measured": measured}, indent=1))
    said = f"{os.cpu_count()} cores, Python {platform.python_version()}, load {begun:.1f} at the start"
    print(f"\n{said}, {os.getloadavg()[0]:.1f} at the end; {asked.rounds} rounds a question")


def one_size(asked: argparse.Namespace, database: str, url: str, size: int, place: Path, folder: Path) -> dict:
    explained = RESULTS / f"registry-explain-{database}.txt" if size == max(asked.sizes) else None
    settings = {"size": size, "rounds": asked.rounds, "explained": explained and str(explained)}
    settings |= {"answer": str(place / "measured.json"), "mlflow": None}
    if not asked.without_mlflow:
        settings["mlflow"] = str(folder / "mlflow-environment")
    command = [sys.executable, __file__, "--role", "measure", "--asked", json.dumps(settings)]
    environ = {key: value for key, value in os.environ.items() if not key.startswith("SLIPWAY_")}
    environ |= {"SLIPWAY_DATA": str(place / "data"), "DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=ROOT, env=environ, check=True)
    return json.loads((place / "measured.json").read_text())


@contextmanager
def database_at(database: str, place: Path):
    """Its DATABASE_URL; of SQLite none, which then is the studio's own."""
    if database == "sqlite":
        yield ""
        return
    from tests.journeys.servers import postgresql

    with postgresql(place / "postgresql") as url:
        yield url


def show(database: str, size: int, found: dict) -> None:
    print(f"\n{database}, {size:,} versions (rows made in {found['seeded_s']:.0f} s)", flush=True)
    print(f"  {'question':44} {'p50 ms':>9} {'p95 ms':>9} {'queries':>8}   {'MLflow p50':>10} {'ratio':>7}")
    for name, row in found["questions"].items():
        beside = found["mlflow"].get(row.get("beside") or "", {})
        ratio = f"{beside['p50'] / row['p50']:7.1f}" if beside else ""
        queries = row.get("queries", "")
        print(
            f"  {name:44} {row['p50']:9.2f} {row['p95']:9.2f} {queries!s:>8}   {beside.get('p50', ''):>10} {ratio}"
            f"{'   over ' + str(BUDGET_MS) if row['p95'] > BUDGET_MS and row.get('budget') else ''}"
        )
    for name, text in found["notes"].items():
        print(f"  {name}: {text}")


if __name__ == "__main__":
    main()
