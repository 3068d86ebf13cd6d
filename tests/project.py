"""The folder that the examples of the documentation start from."""

import json
import pickle
from pathlib import Path

SCORE = """\
import json
import os
import pickle

def init():
    global model
    with open(os.path.join(os.environ["AZUREML_MODEL_DIR"], "model.pkl"), "rb") as file:
        model = pickle.load(file)
    print("model is there")

def run(raw_data):
    return {"classes": model.predict(json.loads(raw_data)["data"]).tolist()}
"""


class Project:
    """`model.pkl`, `sample.json`, `src/score.py`, `ic.json`, `dc.json`; and what the model itself says."""

    def __init__(self, folder: Path) -> None:
        import sklearn
        from sklearn.datasets import load_breast_cancer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        inputs, classes = load_breast_cancer(return_X_y=True)
        model = make_pipeline(StandardScaler(), LogisticRegression()).fit(inputs, classes)
        self.folder = folder
        self.rows = inputs[:3].tolist()
        self.classes = model.predict(inputs[:3]).tolist()
        conda = {"dependencies": ["python=3.11", {"pip": [f"scikit-learn=={sklearn.__version__}"]}]}
        self.write("model.pkl", pickle.dumps(model))
        self.write("sample.json", {"data": self.rows, "method": "predict"})
        self.write("src/score.py", SCORE.encode())
        self.write(
            "ic.json",
            {
                "entryScript": "score.py",
                "sourceDirectory": "./src",
                "environment": {"name": "cancer", "python": {"condaDependencies": conda}},
            },
        )
        self.write("dc.json", {"computeType": "local", "containerResourceRequirements": {"cpu": 1, "memoryInGB": 1}})

    def write(self, name: str, content: object) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
