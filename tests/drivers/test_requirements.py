"""From what people write to what is installed."""

import pytest

from drivers.errors import PackageIndexUnreachable, RequirementsUnsolvable
from drivers.requirements import resolve


@pytest.fixture
def runtime(tmp_path):
    package = tmp_path / "slipway_scoring"
    package.mkdir()
    (package / "requirements.txt").write_text("# pinned\nuvicorn==0.54.0\n\norjson==3.13.0  # fast\n")
    return tmp_path


def lines(runtime, *asked):
    return resolve(asked, runtime).lines


def test_the_runtimes_own_requirements_are_added(runtime):
    assert lines(runtime, "scikit-learn==1.5.2") == (
        "orjson==3.13.0",
        "scikit-learn==1.5.2",
        "uvicorn==0.54.0",
    )


def test_a_runtime_without_requirements_adds_none(tmp_path):
    assert lines(tmp_path, "six") == ("six",)


def test_names_order_comments_and_blanks_make_no_difference(runtime):
    assert lines(runtime, "Scikit_Learn", "", "# nothing", "six  # why") == lines(runtime, "six", "scikit-learn")


@pytest.mark.parametrize("asked", ["azureml-defaults", "azureml-defaults~=1.62.0", "AzureML_Defaults>=1.0"])
def test_azureml_defaults_is_left_out_and_it_is_said(tmp_path, asked):
    resolved = resolve([asked, "six"], tmp_path)
    assert resolved.lines == ("flask<4", "inference-schema<2", "six")
    assert "azureml-defaults" in resolved.notes[0]


def test_mlflow_becomes_its_scoring_part_with_the_same_version(tmp_path):
    resolved = resolve(["mlflow[extras]>=2.1,<3"], tmp_path)
    assert resolved.lines == ("mlflow-skinny<3,>=2.1", "numpy", "pandas")
    assert "mlflow-skinny" in resolved.notes[0]


def test_pandas_and_numpy_stay_as_asked_beside_mlflow(tmp_path):
    assert lines(tmp_path, "mlflow", "pandas==2.2.3", "NumPy<2") == (
        "mlflow-skinny",
        "numpy<2",
        "pandas==2.2.3",
    )


def test_mlflow_from_an_address_is_installed_as_asked(tmp_path):
    asked = "mlflow @ https://example.org/mlflow-3.0-py3-none-any.whl"
    assert lines(tmp_path, asked) == (asked,)


def test_packages_that_only_begin_with_mlflow_are_left_alone(tmp_path):
    assert lines(tmp_path, "mlflow-skinny==3.0", "mlflow-export-import") == (
        "mlflow-export-import",
        "mlflow-skinny==3.0",
    )


@pytest.mark.parametrize(
    "asked",
    [
        "-r /etc/passwd",
        "--index-url https://example.org",
        "-e .",
        "./local",
        "six ==",
        "x @ file:///etc",
        "a b",
    ],
)
def test_what_is_no_package_is_refused(runtime, asked):
    with pytest.raises(RequirementsUnsolvable) as refused:
        resolve([asked], runtime)
    assert asked in str(refused.value)
    assert refused.value.advice


def test_an_index_that_does_not_answer_is_not_blamed_on_the_requirements(process_bench, monkeypatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    with pytest.raises(PackageIndexUnreachable, match=r"127\.0\.0\.1:9"):
        process_bench.environment("six")
