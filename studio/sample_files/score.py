"""Entry script of the sample: three linear scores, the highest wins. Plain Python: it needs no package."""

import json
import math
import os

model = {}


def init():
    with open(os.path.join(os.environ["AZUREML_MODEL_DIR"], "iris.json"), encoding="utf-8") as file:
        model.update(json.load(file))


def run(raw_data):
    rows = json.loads(raw_data)["data"]
    return [answer(row) for row in rows]


def answer(row):
    lines = zip(model["weights"], model["intercepts"], strict=True)
    scores = [bias + sum(w * x for w, x in zip(weights, row, strict=True)) for weights, bias in lines]
    shares = [math.exp(score - max(scores)) for score in scores]
    best = scores.index(max(scores))
    return {"species": model["classes"][best], "probability": round(shares[best] / sum(shares), 4)}
