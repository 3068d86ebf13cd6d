"""Entry scripts the tests serve."""

ECHO = """
import json, os, time

def init():
    global started
    started = True
    print("init was called")

def run(raw_data):
    print("run got", repr(raw_data))
    return {"raw": raw_data, "initialised": started}
"""

# What run() returns is chosen by the body, so that one server shows every kind.
RETURNS = """
import datetime, decimal, json, time
import numpy as np

class Unprintable: pass

CASES = {
    "dict": lambda: {"a": 1}, "list": lambda: [1, 2], "text": lambda: "x", "json text": lambda: json.dumps({"a": 1}),
    "number": lambda: 2.5, "true": lambda: True, "none": lambda: None, "tuple": lambda: (1, 2),
    "float64": lambda: np.float64(0.5), "nan": lambda: {"v": float("nan")},
    "int64": lambda: np.int64(3), "float32": lambda: np.float32(0.5), "ndarray": lambda: np.zeros(2),
    "bytes": lambda: b"x", "set": lambda: {1}, "decimal": lambda: decimal.Decimal("1.5"),
    "date": lambda: datetime.date(2020, 1, 1), "object": Unprintable, "loop": lambda: loop(),
    "raise": lambda: 1 / 0, "exit": lambda: exit(7), "sleep": lambda: time.sleep(60),
    "swallow": lambda: swallow(), "timeout error": lambda: raise_timeout_error(),
}

def loop():
    value = []
    value.append(value)
    return value

def swallow():
    try:
        time.sleep(60)
    except Exception as error:
        return str(error)

def raise_timeout_error():
    raise TimeoutError("the feature store did not answer")

def init(): pass

def run(raw_data):
    return CASES[raw_data]()
"""
