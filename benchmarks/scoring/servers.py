"""The servers that are compared: how each is set up, started and asked. All of them load the same model file and, but
for MLflow, call the same three lines with the rows of a request."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent

MODEL = '''
    """The model's own prediction for a list of rows."""
    import os
    import pickle
    import numpy as np

    PATH = os.environ["BENCHMARK_MODEL"]
    if PATH.endswith(".onnx"):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(PATH, options)
        name = session.get_inputs()[0].name
        output = session.get_outputs()[0].name

        def predict(rows):
            return session.run([output], {name: np.asarray(rows, dtype=np.float32)})[0].tolist()
    else:
        with open(PATH, "rb") as file:
            model = pickle.load(file)

        def predict(rows):
            return model.predict(np.asarray(rows)).tolist()
'''
AZUREML = """
    import json
    from model import predict

    def init(): pass

    def run(raw_data):
        return {"predictions": predict(json.loads(raw_data)["data"])}
"""
FASTAPI = """
    from fastapi import FastAPI
    from pydantic import BaseModel
    from model import predict

    class Rows(BaseModel):
        data: list[list[float]]

    app = FastAPI()

    @app.post("/score")
    def score(rows: Rows):
        return {"predictions": predict(rows.data)}
"""
BENTOML = """
    import bentoml
    from model import predict

    @bentoml.service(traffic={"timeout": 60}, logging={"access": {"enabled": False}})
    class Service:
        @bentoml.api(route="/score")
        def score(self, data: list[list[float]]) -> dict:
            return {"predictions": predict(data)}
"""
LITSERVE = """
    import sys
    import litserve
    from model import predict

    class Api(litserve.LitAPI):
        def setup(self, device): pass
        def decode_request(self, request): return request["data"]
        def predict(self, rows): return predict(rows)
        def encode_response(self, found): return {"predictions": found}

    if __name__ == "__main__":
        server = litserve.LitServer(Api(api_path="/score"), accelerator="cpu")
        server.run(port=int(sys.argv[1]), generate_client_file=False, log_level="warning")
"""
RAY = """
    import sys
    import time
    import ray
    from ray import serve
    from starlette.requests import Request
    from model import predict

    @serve.deployment(max_ongoing_requests=100)
    class Service:
        async def __call__(self, request: Request):
            return {"predictions": predict((await request.json())["data"])}

    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    serve.start(http_options={"port": int(sys.argv[1])})
    serve.run(Service.bind(), route_prefix="/score")
    while True:
        time.sleep(60)
"""
MLSERVER = """
    from mlserver import MLModel
    from mlserver.codecs import NumpyCodec
    from mlserver.types import InferenceRequest, InferenceResponse
    import numpy as np
    from model import predict

    class Served(MLModel):
        async def load(self) -> bool:
            return True

        async def predict(self, payload: InferenceRequest) -> InferenceResponse:
            rows = NumpyCodec.decode_input(payload.inputs[0])
            found = np.asarray(predict(rows))
            return InferenceResponse(
                model_name=self.name, outputs=[NumpyCodec.encode_output("predict", found)]
            )
"""
MLSERVER_SETTINGS = """
    {"http_port": @PORT@, "grpc_port": 0, "metrics_port": 0, "parallel_workers": 0, "debug": false}
"""


def _data(rows: list) -> str:
    return json.dumps({"data": rows})


def _inputs(rows: list) -> str:
    return json.dumps({"inputs": rows})


def _tensor(rows: list) -> str:
    flat = [value for row in rows for value in row]
    tensor = {"name": "x", "shape": [len(rows), len(rows[0])], "datatype": "FP64", "data": flat}
    return json.dumps({"inputs": [tensor]})


@dataclass(frozen=True, slots=True)
class Server:
    """`command(folder, model, port)` starts it in its folder; its first word is a program of its own environment."""

    name: str
    packages: tuple[str, ...]
    command: Callable[[Path, Path, int], list[str]]
    files: dict[str, str] = field(default_factory=dict)
    path: str = "/score"
    body: Callable[[list], str] = _data
    saved_by_mlflow: bool = False
    variables: dict[str, str] = field(default_factory=dict)

    def lay_out(self, folder: Path, port: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "model.py").write_text(dedent(MODEL).lstrip())
        for name, text in self.files.items():
            (folder / name).write_text(dedent(text).lstrip().replace("@PORT@", str(port)))


SCIKIT_LEARN = "scikit-learn==1.9.1"
ONNXRUNTIME = "onnxruntime==1.31.1"
BASE = (SCIKIT_LEARN, ONNXRUNTIME)
SCORING = Path(__file__).resolve().parents[2] / "scoring"

SERVERS = {
    server.name: server
    for server in (
        Server(
            "slipway",
            (*BASE, str(SCORING)),
            lambda folder, model, port: ["python", "-m", "slipway_scoring", "--model", str(model), "--port", str(port)],
        ),
        Server(
            "slipway, as ONNX",
            (*BASE, str(SCORING), "skl2onnx"),
            lambda folder, model, port: ["python", "-m", "slipway_scoring", "--model", str(model), "--port", str(port)],
            variables={"SLIPWAY_CONVERT_TO_ONNX": "on"},
        ),
        Server(
            "slipway script",
            (*BASE, str(SCORING)),
            lambda folder, model, port: [
                "python", "-m", "slipway_scoring", "--entry-script", "score.py", "--port", str(port)
            ],
            {"score.py": AZUREML},
        ),
        Server(
            "fastapi",
            (*BASE, "fastapi", "uvicorn[standard]"),
            lambda folder, model, port: [
                "uvicorn", "service:app", "--port", str(port), "--log-level", "warning", "--no-access-log"
            ],
            {"service.py": FASTAPI},
        ),
        Server(
            "fastapi, 2 workers",
            (*BASE, "fastapi", "uvicorn[standard]"),
            lambda folder, model, port: [
                "uvicorn", "service:app", "--port", str(port), "--workers", "2", "--log-level", "warning",
                "--no-access-log",
            ],
            {"service.py": FASTAPI},
        ),
        Server(
            "azureml-inference-server-http",
            (*BASE, "azureml-inference-server-http==1.5.1"),
            lambda folder, model, port: ["azmlinfsrv", "--entry_script", "score.py", "--port", str(port)],
            {"score.py": AZUREML},
        ),
        Server(
            "mlflow models serve",
            (*BASE, "mlflow==3.17.2", "onnx", "skops"),
            lambda folder, model, port: [
                "mlflow", "models", "serve", "-m", str(model.with_suffix(".mlflow")), "-p", str(port),
                "--env-manager", "local",
            ],
            path="/invocations",
            body=_inputs,
            saved_by_mlflow=True,
        ),
        Server(
            "mlserver",
            (*BASE, "mlserver"),
            lambda folder, model, port: ["mlserver", "start", str(folder)],
            {
                "served.py": MLSERVER,
                "settings.json": MLSERVER_SETTINGS,
                "model-settings.json": '{"name": "m", "implementation": "served.Served"}',
            },
            path="/v2/models/m/infer",
            body=_tensor,
        ),
        Server(
            "bentoml",
            (*BASE, "bentoml"),
            lambda folder, model, port: ["bentoml", "serve", "service:Service", "--port", str(port)],
            {"service.py": BENTOML},
        ),
        Server(
            "litserve",
            (*BASE, "litserve"),
            lambda folder, model, port: ["python", "service.py", str(port)],
            {"service.py": LITSERVE},
        ),
        Server(
            "ray serve",
            (*BASE, "ray[serve]"),
            lambda folder, model, port: ["python", "service.py", str(port)],
            {"service.py": RAY},
        ),
    )
}  # fmt: skip


def program(environment: Path, name: str) -> str:
    """A program of the environment."""
    return str(environment / ("Scripts" if sys.platform == "win32" else "bin") / name)
