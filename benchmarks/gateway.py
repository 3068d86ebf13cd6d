"""The gateway beside nginx as proxy, over the same upstream, in the same run.

    python benchmarks/gateway.py [--seconds 5] [--rounds 3] [--upstream uvicorn|bare] [--processes 1]

Budget (design, 6): the gateway adds under 1 ms at the median and has at least half of nginx's
throughput. Needs `nginx` and `wrk`. Both proxies get equally many processes; nginx checks no key.
Rounds take turns, so that a noisy machine is noisy for all; medians are shown.
"""

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from calling import wrk

ROOT = Path(__file__).resolve().parent.parent
PATH = "/services/default/iris/score"
KEY = "benchmark-key"
WRK = f"""wrk.method = "POST"
wrk.body = '{{"data": [[5.1, 3.5, 1.4, 0.2], [6.2, 2.9, 4.3, 1.3]]}}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer {KEY}"
"""
NGINX = """daemon off; worker_processes {processes}; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
  access_log off; keepalive_requests 1000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  upstream workload {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    location /services/default/iris/ {{
      proxy_pass http://workload/; proxy_http_version 1.1; proxy_set_header Connection "";
    }}
  }}
}}
"""
ANSWER = b'{"predictions":[0,1]}'


def application_of(upstream: int):
    """The gateway over one fixed route."""
    from hashlib import sha256
    from types import SimpleNamespace

    from gateway.app import Gateway
    from gateway.table import RouteSource

    route = SimpleNamespace(
        auth_enabled=True,
        key_hashes=frozenset({sha256(KEY.encode()).hexdigest()}),
        backends=(SimpleNamespace(revision=1, weight=100, address=f"http://127.0.0.1:{upstream}", place=""),),
        scoring_timeout_s=60.0,
        max_concurrent=512,
        max_queue_wait_s=0.5,
        state="Healthy",
    )
    return Gateway(RouteSource(version=lambda: 1, load=lambda: {("default", "iris"): route}))


async def scoring(scope, receive, send):
    """An upstream as heavy as a small model behind uvicorn."""
    if scope["type"] != "http":
        return
    await receive()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(ANSWER))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": ANSWER})


def serve_bare(port: int) -> None:
    """An upstream that costs next to nothing: the harder comparison."""
    import asyncio

    import httptools
    import uvloop

    reply = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(ANSWER) + ANSWER

    class Bare(asyncio.Protocol):
        def connection_made(self, transport):
            self.transport = transport
            self.parser = httptools.HttpRequestParser(self)

        def data_received(self, data):
            self.parser.feed_data(data)

        def on_message_complete(self):
            self.transport.write(reply)

    async def main():
        server = await asyncio.get_running_loop().create_server(Bare, "127.0.0.1", port)
        await server.serve_forever()

    uvloop.run(main())


def serve_uvicorn(app, port: int, processes: int = 1) -> None:
    import uvicorn

    config = uvicorn.Config(
        app, port=port, loop="uvloop", http="httptools", ws="none", access_log=False, log_level="warning"
    )
    shared = config.bind_socket()
    for _ in range(processes - 1):
        if os.fork() == 0:
            break
    uvicorn.Server(config).run(sockets=[shared])


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT, start_new_session=True)
    try:
        deadline = time.monotonic() + 20
        while socket.socket().connect_ex(("127.0.0.1", port)):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"did not start: {' '.join(command)}")
            time.sleep(0.05)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


def itself(role: str, *numbers: int) -> list[str]:
    return [sys.executable, __file__, "--role", role, "--numbers", *map(str, numbers)]


def measure(urls: dict[str, str], script: Path, connections: int, seconds: int, rounds: int) -> dict:
    taken = {name: [] for name in urls}
    for _ in range(rounds):
        for name, url in urls.items():
            taken[name].append(wrk(script, url, connections, seconds))
    print(f"\n{connections} connection{'s' if connections > 1 else ''}")
    result = {}
    for name, runs in taken.items():
        result[name] = {key: median(run[key] for run in runs) for key in ("rps", "p50", "p99")}
        print("  {:8} {rps:9.0f} req/s   p50 {p50:7.3f} ms   p99 {p99:7.3f} ms".format(name, **result[name]))
    return result


def compare(kind: str, seconds: int, rounds: int, processes: int) -> None:
    upstream, proxy, gateway = free_port(), free_port(), free_port()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "post.lua").write_text(WRK)
        (folder / "nginx.conf").write_text(
            NGINX.format(folder=folder, upstream=upstream, port=proxy, processes=processes)
        )
        stack.enter_context(running(itself(kind, upstream), upstream))
        stack.enter_context(running(["nginx", "-c", str(folder / "nginx.conf")], proxy))
        stack.enter_context(running(itself("gateway", gateway, upstream, processes), gateway))
        urls = {
            "direct": f"http://127.0.0.1:{upstream}/score",
            "nginx": f"http://127.0.0.1:{proxy}{PATH}",
            "gateway": f"http://127.0.0.1:{gateway}{PATH}",
        }
        print(f"upstream: {kind}; processes of each proxy: {processes}")
        alone = measure(urls, folder / "post.lua", 1, seconds, rounds)
        many = measure(urls, folder / "post.lua", 64, seconds, rounds)
    added = alone["gateway"]["p50"] - alone["direct"]["p50"]
    share = many["gateway"]["rps"] / many["nginx"]["rps"]
    print(f"\nthe gateway adds {added:.3f} ms at the median (budget 1 ms)")
    print(f"the gateway has {share:.2f} of nginx's throughput (budget 0.50)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--upstream", choices=("bare", "uvicorn"), default="uvicorn")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--role", choices=("bare", "uvicorn", "gateway"), help=argparse.SUPPRESS)
    parser.add_argument("--numbers", type=int, nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if asked.role == "bare":
        serve_bare(asked.numbers[0])
    elif asked.role == "uvicorn":
        serve_uvicorn(scoring, asked.numbers[0])
    elif asked.role == "gateway":
        port, upstream, processes = asked.numbers
        serve_uvicorn(application_of(upstream), port, processes)
    else:
        compare(asked.upstream, asked.seconds, asked.rounds, asked.processes)


if __name__ == "__main__":
    main()
