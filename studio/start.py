"""`./run`, once its virtual environment is there: check, prepare, start, announce, stop."""

import argparse
import asyncio
import ipaddress
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from studio.data_folder import DataFolderError, open_data_folder, remember_last_studio
from studio.supervisor import Program, Supervisor

HERE = Path(__file__).resolve().parent.parent
_EXCEPTION = re.compile(r"[\w.]+: ")  # the line of a traceback that names it


class CannotStart(Exception):
    """One sentence for the person at the terminal."""


def main(argv: list[str] | None = None) -> int:
    options = _options(argv)
    data = Path(options.data).resolve()
    try:
        lock = open_data_folder(data)
        _check_ports(options.host, options.port, options.port + 1)
        environ = _environ(options.host, options.port, data)
        account = _prepare(environ)
    except (DataFolderError, CannotStart) as exc:
        print(f"slipway: {exc}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("slipway: stopped before it had started", file=sys.stderr)
        return 130
    remember_last_studio(data)
    try:
        supervisor = Supervisor(_programs(options.host, options.port, data), environ)
        asyncio.run(supervisor.run(lambda: _welcome(environ, data, account)))
        print("slipway: stopping workloads", flush=True)
        if _manage(environ, "stop_workloads").returncode:
            print("slipway: stopped, but for workloads that could not be stopped; see above", file=sys.stderr)
            return 1
        print("slipway: stopped", flush=True)
    finally:
        lock.release()
    return 0


def _options(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run", description="Set up and start the studio on this machine.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=int, default=8000, help="port of the studio; the gateway takes the next (default: %(default)s)"
    )
    data = os.environ.get("SLIPWAY_DATA") or "./data"
    parser.add_argument("--data", default=data, help="folder for all data (default: %(default)s)")
    options = parser.parse_args(argv)
    if not 1 <= options.port <= 65534:
        parser.error(f"--port {options.port}: a port is a number from 1 to 65534")
    return options


def _check_ports(host: str, *ports: int) -> None:
    for port in ports:
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except socket.gaierror:
            raise CannotStart(f"{host} is not an address of this machine; choose another with --host.") from None
        except OSError as exc:
            raise CannotStart(
                f"Port {port} on {host} cannot be used ({exc.strerror}); choose another with --port."
            ) from None


def _environ(host: str, port: int, data: Path) -> dict[str, str]:
    shown = _shown_host(host)
    environ = {
        "SLIPWAY_URL": f"http://{shown}:{port}",
        "SLIPWAY_GATEWAY_URL": f"http://{shown}:{port + 1}",
        # Others on the network shall not run code as this account unless its owner says so.
        "SLIPWAY_PROCESS_TARGET": "on" if _is_loopback(host) else "off",
    }
    environ |= os.environ
    return environ | {"SLIPWAY_DATA": str(data), "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "studio.settings"}


def _shown_host(host: str) -> str:
    if host in {"0.0.0.0", "::"}:
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _prepare(environ: dict[str, str]) -> dict[str, str | None]:
    done = _manage(environ, "prepare", capture=True)
    if done.returncode:
        raise CannotStart(f"The studio could not be prepared: {_reason(done.stderr)}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def _reason(traceback: str) -> str:
    """What the last exception said, which may be several lines."""
    lines = traceback.strip().splitlines() or ["no reason given"]
    begun = max((n for n, line in enumerate(lines) if _EXCEPTION.match(line)), default=len(lines) - 1)
    said = " ".join(line.strip() for line in lines[begun:])
    return said.removeprefix("studio.env.SettingError: ").removeprefix("CommandError: ")


def _manage(environ: dict[str, str], command: str, *, capture: bool = False) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, str(HERE / "manage.py"), command], env=environ, cwd=HERE, text=True, capture_output=capture
    )


def _programs(host: str, port: int, data: Path) -> list[Program]:
    python = [sys.executable, "-m"]
    probe = _probe_host(host)
    ready = data / "worker.ready"
    ready.unlink(missing_ok=True)
    serve = ["--host", host, "--no-access-log", "--log-level", "warning", "--no-server-header"]
    serve += ["--timeout-graceful-shutdown", "3"]
    return [
        Program(
            "web",
            [*python, "uvicorn", "studio.asgi:application", "--port", str(port), *serve],
            lambda: _answers(f"http://{probe}:{port}/healthz"),
        ),
        Program(
            "gateway",
            [*python, "uvicorn", "gateway.asgi:application", "--port", str(port + 1), *serve,
             "--ws", "none", "--no-proxy-headers"],
            lambda: _answers(f"http://{probe}:{port + 1}/healthz"),
        ),
        Program(
            "worker",
            [*python, "celery", "--quiet", "-A", "studio", "worker", "--pool", "threads", "--concurrency", "4",
             "--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "warning"],
            ready.exists,
        ),
    ]  # fmt: skip


def _probe_host(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)


def _answers(url: str) -> bool:
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=2) as answer:
            return answer.status == 200
    except urllib.error.HTTPError as exc:
        return exc.code < 500
    except OSError:
        return False


def _welcome(environ: dict[str, str], data: Path, account: dict[str, str | None]) -> None:
    another = f"SLIPWAY_DATA={shlex.quote(str(data))} .venv/bin/python manage.py changepassword {account['username']}"
    password = account["password"] or f"the one you chose (to set another: {another})"
    print(
        f"""
  Slipway is ready.

    Studio     {environ["SLIPWAY_URL"]}
    Scoring    {environ["SLIPWAY_GATEWAY_URL"]}/services/…
    Account    {account["username"]}
    Password   {password}
    Data       {data}

  The `slipway` command is in .venv/bin. Ctrl-C stops everything.
""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
