"""What is thought of the names that pickles import."""

import importlib
import pkgutil
import warnings

import numpy
import pandas
import pytest
import scipy
import sklearn

from registry.models import Risk
from registry.reading.pickles.names import judge
from registry.reading.pickles.symbols import Global


def _names(text: str) -> list[str]:
    return text.split()


KNOWN = _names("""
sklearn.linear_model._logistic.LogisticRegression sklearn.tree.tree.DecisionTreeClassifier sklearn.tree._tree.Tree
sklearn.neighbors._kd_tree.newObj sklearn._loss._loss.__pyx_unpickle_CyHalfBinomialLoss builtins.set __builtin__.set
numpy.ndarray numpy.log1p numpy.core.multiarray._reconstruct scipy.sparse._csr.csr_matrix collections.OrderedDict
pandas.core.frame.DataFrame xgboost.sklearn.XGBClassifier lightgbm.sklearn.LGBMRegressor copy_reg._reconstructor
torch._utils._rebuild_tensor_v2 torch.FloatStorage datetime.datetime uuid.UUID pathlib.PosixPath
""")
UNSAFE = _names("""
os.system posix.system nt.system subprocess.Popen subprocess.check_output builtins.eval builtins.exec builtins.getattr
builtins.__import__ __builtin__.eval __builtin__.open builtins.open sys.modules socket.socket shutil.rmtree
runpy._run_code pty.spawn importlib.import_module operator.attrgetter operator.methodcaller _operator.attrgetter
webbrowser.open ctypes.CDLL pickle.loads _pickle.loads cPickle.loads torch.load torch.storage._load_from_bytes
numpy.load joblib.load joblib.numpy_pickle.load pip.main pip._internal.cli.main.main asyncio.run code.interact
multiprocessing.util.spawnv_passfds bdb.Bdb timeit.timeit cProfile.run pydoc.pipepager pydoc.locate commands.getoutput
numpy.testing._private.utils.runstring numpy.f2py.crackfortran._eval_length pandas.eval pandas.io.pickle.read_pickle
idlelib.pyshell.ModifiedInterpreter.runcode logging.FileHandler _io.FileIO types.CodeType
cloudpickle.cloudpickle._make_function cloudpickle.cloudpickle.subimport torch.jit.unsupported_tensor_ops.execWrapper
urllib.request.urlopen urllib.urlopen sklearn.datasets.fetch_openml pkgutil.resolve_name uuid._get_command_stdout
distutils.file_util.write_file venv.create ensurepip._run_pip imaplib.IMAP4_stream
""")
UNKNOWN = _names("""
__main__.Model my_package.models.Net functools.partial scipy.stats._continuous_distns.norm_gen builtins.type
sklearn.utils.fixes.parse_version pandas.core.frame.to_csv scipy.optimize._minimize.minimize
""")
CASES = [(name, risk) for risk, names in ((Risk.KNOWN, KNOWN), (Risk.UNSAFE, UNSAFE), (Risk.UNKNOWN, UNKNOWN))
         for name in names]  # fmt: skip
# Names that have a dot in themselves, as protocol 4 allows.
PATHS = {
    Global("sklearn.datasets._base", "os.system"): Risk.UNSAFE,
    Global("sklearn.base", "warnings.sys.modules"): Risk.UNSAFE,
    Global("numpy", "ndarray.__class__"): Risk.UNSAFE,
    Global("collections", "OrderedDict.fromkeys"): Risk.UNKNOWN,
    Global("scipy.interpolate._interpolate", "interp1d._call_linear_np"): Risk.UNKNOWN,
    Global("code", "InteractiveInterpreter.runcode"): Risk.UNSAFE,
}


@pytest.mark.parametrize(("dotted", "risk"), CASES)
def test_names_are_told_apart(dotted, risk):
    judged, why = judge(Global(*dotted.rsplit(".", 1)))
    assert judged == risk and bool(why) == (risk != Risk.KNOWN)


@pytest.mark.parametrize(("found", "risk"), PATHS.items(), ids=str)
def test_paths_of_names_are_followed(found, risk):
    assert judge(found)[0] == risk


def modules_of(package):
    yield package
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.", onerror=lambda name: None):
        if ".tests" in found.name or found.name.endswith(("conftest", "setup", "__main__")):
            continue
        try:
            yield importlib.import_module(found.name)
        except Exception:  # parts for other systems, and parts that need what is not installed
            continue


@pytest.mark.parametrize("package", [sklearn, numpy, scipy.sparse, pandas], ids=lambda package: package.__name__)
def test_no_known_name_of_a_library_is_something_that_it_took_from_elsewhere(package):
    """Whatever the rules let through must have been made in the libraries themselves, or be harmless data."""
    fine = {"sklearn", "numpy", "scipy", "pandas", "collections", "datetime", "builtins", "decimal", "fractions"}
    taken = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for module in modules_of(package):
            for name, value in list(vars(module).items()):
                origin = getattr(value, "__module__", None) or package.__name__
                callable_ = callable(value) and getattr(value, "__module__", None)
                known = callable_ and judge(Global(module.__name__, name))[0] == Risk.KNOWN
                if known and origin.split(".")[0] not in fine and not _harmless(value):
                    taken[f"{module.__name__}.{name}"] = origin
    assert not taken


def _harmless(value: object) -> bool:
    """Base classes and values that nothing can be done with. Named tuples say that importlib made them."""
    origin = getattr(value, "__module__", "")
    abstract = {"typing", "typing_extensions", "abc", "collections.abc", "numbers", "enum", "dataclasses", "inspect"}
    values = {"_cyutility", "View.MemoryView", "_strptime", "importlib._bootstrap", "zoneinfo"}
    return origin in abstract | values
