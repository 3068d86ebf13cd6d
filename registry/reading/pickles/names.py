"""What is to be thought of a name that a pickle imports."""

import _compat_pickle

from registry.models import Risk
from registry.reading.pickles import denied, known
from registry.reading.pickles.symbols import Global

MAIN = "which was defined in the script or notebook that saved it"
REACHES = "which reaches into something by a path of names"
PARTIAL = "which calls whatever it is given"
DISTRIBUTION = "a distribution of scipy: reading one runs text of its state as code"
NOBODY = "which nobody vouches for here"


def judge(found: Global) -> tuple[Risk, str]:
    """KNOWN, UNKNOWN or UNSAFE, and in words why."""
    first, why = _judge(found)
    mapped = _of_python_2(found)
    if mapped != found:
        second, other = _judge(mapped)
        if _RANK[second] > _RANK[first] or (first == Risk.UNKNOWN and second == Risk.KNOWN):
            return second, other
    return first, why


_RANK = {Risk.KNOWN: 0, Risk.UNKNOWN: 1, Risk.UNSAFE: 2}


def _of_python_2(found: Global) -> Global:
    """As unpicklers read pickles of old protocols: `commands.getoutput` is `subprocess.getoutput`."""
    module, name = _compat_pickle.NAME_MAPPING.get((found.module, found.name), (found.module, found.name))
    return Global(_compat_pickle.IMPORT_MAPPING.get(module, module), name)


def _judge(found: Global) -> tuple[Risk, str]:
    module, name = found
    if name in known.EXACT.get(module, ()):
        return Risk.KNOWN, ""
    if why := _denied(module, name):
        return Risk.UNSAFE, why
    if _is_class_of_known_package(module, name):
        return Risk.KNOWN, ""
    return Risk.UNKNOWN, _unknown(module, name)


def _denied(module: str, name: str) -> str:
    parts = module.split(".")
    for count in range(len(parts), 0, -1):
        if why := denied.MODULES.get(".".join(parts[:count])):
            return why
    names = name.split(".")
    if why := denied.NAMES.get(module, {}).get(names[0]):
        return why
    for part in names:
        if why := denied.WORDS.get(part):
            return why
    # A path of names through a module leads to the modules it imported.
    return next((denied.MODULES[part] for part in names if len(names) > 1 and part in denied.MODULES), "")


def _is_class_of_known_package(module: str, name: str) -> bool:
    if not (known.CLASS.fullmatch(name) or known.REBUILDERS.fullmatch(name)) or name in known.NOT_CLASSES:
        return False
    for package, without in known.PACKAGES.items():
        if module == package or module.startswith(f"{package}."):
            below = module[len(package) + 1 :].split(".")
            return not without.intersection(below) and "tests" not in below and "_testing" not in below
    return False


def _unknown(module: str, name: str) -> str:
    if module == "__main__":
        return MAIN
    if module.startswith("scipy.stats"):
        return DISTRIBUTION
    if "." in name:
        return REACHES
    return PARTIAL if (module, name) == ("functools", "partial") else NOBODY
