"""The parts of pages that show what was read from a version's files."""

import pytest
from django.template.loader import render_to_string

from registry.models import ModelVersion

RISKS = {"none": "", "known": "Pickle", "unknown": "Unknown pickle", "unsafe": "Unsafe pickle"}


def shown(template: str, **fields) -> str:
    return render_to_string(f"registry/{template}", {"version": ModelVersion(**fields)})


@pytest.mark.parametrize(("risk", "word"), RISKS.items())
def test_the_badge_says_the_risk_and_nothing_where_there_is_no_pickle(risk, word):
    page = shown("_risk.html", risk=risk)
    assert (word in page) if word else not page.strip()


def test_the_panel_gives_the_reasons_as_text():
    reasons = ["model.pkl imports os.system, which runs <commands>."]
    facts = {"risk_reasons": reasons, "pickle": {"imports": ["os.system", "numpy.ndarray"]}}
    page = shown("_risk_panel.html", risk="unsafe", facts=facts)
    assert "runs &lt;commands&gt;" in page and "numpy.ndarray" in page and "The 2 names it imports" in page
    assert not shown("_risk_panel.html", risk="none").strip()


def test_a_signature_is_a_table_of_names_types_and_shapes():
    entry = {"name": "image", "type": "float32", "shape": [None, "height", 3]}
    score = {"name": "score", "type": "double", "shape": None}
    page = shown("_signature.html", signature={"inputs": [entry], "outputs": [score], "source": "the ONNX graph"})
    assert "any × height × 3" in page and "1 input" in page and "the ONNX graph" in page
    assert "Nothing says yet" in shown("_signature.html")


def test_facts_that_are_there_are_shown():
    onnx = {"opsets": {"ai.onnx": 21}, "operators": {"Gemm": 2, "items": 1}, "metadata": {"items": "a <b>"}}
    facts = {"libraries": ["pandas"], "versions": {"scikit-learn": "1.9.1"}, "onnx": onnx, "python_version": "3.11.9"}
    page = shown("_facts.html", facts=facts | {"licences": [{"path": "LICENSE", "licence": "MIT"}]})
    for text in ("pandas, scikit-learn 1.9.1", "ai.onnx 21", "Gemm × 2, items", "a &lt;b&gt;", "3.11.9", "MIT"):
        assert text in page
    assert "<dt>" not in shown("_facts.html")
