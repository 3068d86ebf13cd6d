"""MLflow's tracking server with the registry's rows, on the same database engine, asked the same over REST."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.db import connection

from benchmarks.registry_questions import timed
from tests.journeys.servers import free_port

PACKAGES = ("mlflow==3.17.2", "psycopg2-binary==2.9.11")
_API = "/api/2.0/mlflow"
_MODELS = """INSERT INTO {into}registered_models (name, creation_time, last_updated_time, description)
    SELECT name, id * 60000, id * 60000, '' FROM {of}registry_model"""
_VERSIONS = """INSERT INTO {into}model_versions (name, version, creation_time, last_updated_time, description,
        user_id, current_stage, source, run_id, status)
    SELECT m.name, v.version, v.id * 60000, v.id * 60000, v.description,
        'benchmark', 'None', 's3://models/m', '', 'READY'
    FROM {of}registry_modelversion v JOIN {of}registry_model m ON m.id = v.model_id"""
_TAGS = """INSERT INTO {into}model_version_tags (key, value, name, version)
    SELECT t.key, t.value, m.name, v.version FROM {of}registry_tag t
    JOIN {of}registry_modelversion v ON v.id = t.version_id JOIN {of}registry_model m ON m.id = v.model_id"""
_ROWS = (_MODELS, _VERSIONS, _TAGS)


def beside(environment: Path, *, size: int, rounds: int, notes: dict[str, str]) -> dict[str, dict]:
    """Times of MLflow's nearest questions, by the names that questions of the registry call them."""
    program = _installed(environment)
    uri = _filled(program, Path(settings.DATA_DIR).parent)
    notes["MLflow"] = f"{PACKAGES[0]}, one worker; its search knows no text in descriptions"
    with _server(program, uri) as url, httpx.Client(base_url=url, trust_env=False, timeout=300) as client:
        rare = f"T-{7 % max(1, size // 10)}"
        asked = {
            "page 1": {},
            "far page": {"page_token": _far(client, size)},
            "tag, common": {"filter": "tags.area = 'mnist'"},
            "tag, rare": {"filter": f"tags.ticket = '{rare}'"},
            "two tags": {"filter": "tags.area = 'mnist' AND tags.approved = 'yes'"},
            "text": {"filter": "name LIKE '%granite%'"},
        }
        found = {}
        for name, params in asked.items():
            found[name] = _timed(lambda params=params: _search(client, **params), rounds)
        found["register"] = _timed(_registering(client), rounds)
    return found


def _timed(ask, rounds: int) -> dict[str, float]:
    """A question that takes seconds is not asked as often."""
    begun = time.perf_counter()
    ask()
    return timed(ask, rounds if time.perf_counter() - begun < 2 else 3)


def _search(client: httpx.Client, **params) -> dict:
    answer = client.get(f"{_API}/model-versions/search", params={"max_results": 50, **params})
    answer.raise_for_status()
    return answer.json()


def _far(client: httpx.Client, size: int) -> str:
    """The token of page 1,000, or of the last page but one: MLflow's tokens hold an offset."""
    told = json.loads(base64.b64decode(_search(client)["next_page_token"]))
    told["offset"] = (min(1000, max(2, size // 50)) - 1) * 50
    token = base64.b64encode(json.dumps(told).encode()).decode()
    assert _search(client, page_token=token)["model_versions"]
    return token


def _registering(client: httpx.Client):
    client.post(f"{_API}/registered-models/create", json={"name": "granite-new"}).raise_for_status()
    tags = {"approved": "yes", "area": "mnist", "team": "team-1", "ticket": "T-1", "run": "a run"}
    body = {
        "name": "granite-new",
        "source": "s3://models/m",
        "tags": [{"key": k, "value": v} for k, v in tags.items()],
    }

    def register():
        client.post(f"{_API}/model-versions/create", json=body).raise_for_status()

    return register


def _installed(environment: Path) -> Path:
    """The folder of the environment's programs."""
    programs = environment / "bin"
    uv = str(Path(sys.executable).with_name("uv"))
    if not (programs / "mlflow").exists():
        subprocess.run([uv, "venv", "--quiet", str(environment)], check=True)
        subprocess.run(
            [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(programs / "python"), *PACKAGES],
            check=True,
        )
    return programs


def _filled(programs: Path, place: Path) -> str:
    """The address of a database of MLflow's with the registry's rows."""
    if connection.vendor == "sqlite":
        uri = f"sqlite:///{place}/mlflow.db"
        _make_tables(programs, uri)
        _fill_sqlite(place / "mlflow.db")
        return uri
    with connection.cursor() as cursor:
        # A role whose tables lie in a schema of their own: MLflow takes no % in an address, so no options either.
        cursor.execute("CREATE ROLE mlflow SUPERUSER LOGIN")
        cursor.execute("CREATE SCHEMA mlflow AUTHORIZATION mlflow")
        cursor.execute("ALTER ROLE mlflow SET search_path = mlflow")
    address = urlsplit(os.environ["DATABASE_URL"])
    host = address.netloc.rpartition("@")[2]
    uri = address._replace(scheme="postgresql+psycopg2", netloc=f"mlflow@{host}").geturl()
    _make_tables(programs, uri)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in _ROWS:
            cursor.execute(statement.format(into="mlflow.", of="public."))
        cursor.execute("SET session_replication_role = origin")
        for table in ("registered_models", "model_versions", "model_version_tags"):
            cursor.execute(f"VACUUM ANALYZE mlflow.{table}")
    return uri


def _make_tables(programs: Path, uri: str) -> None:
    command = [programs / "mlflow", "db", "upgrade", uri]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _fill_sqlite(path: Path) -> None:
    import sqlite3

    with sqlite3.connect(path) as rows:
        rows.execute("PRAGMA synchronous=OFF")
        rows.execute("ATTACH ? AS registry", [str(settings.DATABASES["default"]["NAME"])])
        for statement in _ROWS:
            rows.execute(statement.format(into="main.", of="registry."))
    rows.close()


@contextmanager
def _server(programs: Path, uri: str) -> Iterator[str]:
    port = free_port()
    place = Path(settings.DATA_DIR).parent
    command = [programs / "mlflow", "server", "--backend-store-uri", uri, "--port", str(port), "--workers", "1"]
    command += ["--artifacts-destination", place / "mlflow-artifacts"]
    environ = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "DJANGO_SETTINGS_MODULE"}}
    environ |= {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with (place / "mlflow.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environ, cwd=place, start_new_session=True)
    try:
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.2)
        else:
            raise SystemExit(f"MLflow's server did not start; see {place / 'mlflow.log'}")
        yield f"http://127.0.0.1:{port}"
    finally:
        import signal

        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)
