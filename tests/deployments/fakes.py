"""A target without the things that cost time: it keeps the driver's contract, and real HTTP answers for it."""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from drivers import base
from drivers.errors import DriverError
from drivers.single import SingleReplica


class _Answering(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """What a scoring runtime answers; the server's `ready` and `swagger` say what."""

    def do_GET(self) -> None:
        if self.path == "/ready":
            self._send(200 if self.server.ready else 503, b'{"status": "loading"}')
        elif self.path == "/swagger.json" and self.server.swagger is not None:
            self._send(200, self.server.swagger)
        elif self.path == "/signature" and self.server.signature is not None:
            self._send(200, self.server.signature)
        else:
            self._send(404, b"{}")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked += 1
        if self.server.before_answer:
            self.server.before_answer(self.server.asked)
        status, body = self.server.answer
        self._send(status, body)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


class Runtime(ThreadingHTTPServer):
    """Stands for every workload of the fake target."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.ready = True
        self.swagger: bytes | None = None
        self.signature: bytes | None = None
        self.answer = (200, b"[0]")
        self.asked = 0
        # Called with how many requests there were to score, this one included.
        self.before_answer = None
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def offer(self, example: object) -> None:
        document = {"definitions": {"ServiceInput": {"example": example}}}
        self.swagger = json.dumps(document).encode()

    def handle_error(self, request, client_address) -> None:
        """Clients that hang up are not worth a word."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


@dataclass
class FakeDriver(SingleReplica):
    """Workloads are entries of `running`. What is to go wrong is set by name of the method in `trouble`."""

    runtime: Runtime
    kind: str = "process"
    running: dict[str, base.Workload] = field(default_factory=dict)
    written: dict[str, list[base.LogRecord]] = field(default_factory=dict)
    ended: dict[str, base.Observed] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    trouble: dict[str, DriverError] = field(default_factory=dict)
    # Called with the driver's own log while an environment is built.
    while_building: object = None
    dies_with: base.Observed | None = None
    writes: tuple[str, ...] = ()

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if name in self.trouble:
            raise self.trouble[name]

    def dies_after_start(self, exit_code: int, detail: str = "", *lines: str) -> None:
        self.dies_with = base.Observed(base.Phase.CRASHED, detail=detail, exit_code=exit_code)
        self.writes = lines

    def vanish(self, name: str) -> None:
        """As after a reboot of the machine."""
        del self.running[name]

    def write(self, name: str, text: str) -> None:
        self.written.setdefault(name, []).append(base.LogRecord(time.time(), "stderr", text))

    def check(self) -> base.Capacity:
        self._called("check")
        return base.Capacity(4, 8 << 30, "a fake")

    def prepare_environment(self, spec: base.EnvironmentSpec, log: base.Log) -> base.EnvironmentRef:
        self._called("prepare_environment")
        if self.while_building:
            self.while_building(log)
        log("stdout", f"installing {', '.join(spec.requirements)}")
        return base.EnvironmentRef("f" * 64, "/nowhere", False, 10_000_000)

    def build_package(self, spec: base.PackageSpec, environment: base.EnvironmentRef, log: base.Log) -> base.PackageRef:
        self._called("build_package")
        self.package = spec
        return base.PackageRef("/nowhere", environment, "d" * 64, False)

    def apply(self, workload: base.Workload) -> base.Handle:
        self._called("apply")
        self.running[workload.name] = workload
        for text in self.writes:
            self.write(workload.name, text)
        if self.dies_with:
            self.ended[workload.name] = self.dies_with
        else:
            self.ended.pop(workload.name, None)
        return base.Handle(self.kind, workload.name)

    def observe(self, handle: base.Handle) -> base.Observed:
        self._called("observe")
        if handle.name not in self.running:
            return base.Observed(base.Phase.GONE)
        return self.ended.get(handle.name) or base.Observed(base.Phase.RUNNING, 1, address=self.runtime.address)

    def logs(self, handle: base.Handle, since: float = 0.0, replica: str = ""):
        self._called("logs")
        known = self.written.get(handle.name, []) if handle.name in self.running else []
        asked = [record for record in known if record.at > since and replica in ("", record.replica)]
        return iter(sorted(asked, key=lambda record: record.at))

    def usage(self, handle: base.Handle) -> tuple[base.Usage, ...]:
        used = base.Usage("", time.monotonic(), time.process_time(), 1 << 20, source="processes")
        return (used,) if handle.name in self.running else ()

    def delete(self, handle: base.Handle, grace_s: float = 10.0) -> None:
        self._called("delete")
        self.running.pop(handle.name, None)

    def list(self, owner: str) -> list[base.Handle]:
        self._called("list")
        return [base.Handle(self.kind, name) for name, workload in self.running.items() if workload.owner == owner]

    def remove_package(self, location: str) -> None:
        self._called("remove_package")
