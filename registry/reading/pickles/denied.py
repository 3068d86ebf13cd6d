"""Names that a model's pickle has no good reason to import, and why.

They began as the lists of picklescan 1.0.5 (picklescan/scanner.py, _unsafe_globals; MIT licence) and of
fickling 0.1.12 (fickling/fickle.py, UNSAFE_IMPORTS), and were made wider: whole modules where either lists
single functions of them, since the others of the same module do the same.
"""

_COMMANDS = "which runs commands"
_CODE = "which runs code that is given as text or bytes"
_ATTRIBUTE = "which reaches whatever an object leads to"
_IMPORT = "which imports any module"
_NESTED = "which reads another pickle that is not looked at here"
_FILES = "which opens, writes or deletes files"
_NETWORK = "which reaches the network"
_NATIVE = "which calls machine code"
_INTERNALS = "which reaches into the running program"

# Everything in these modules and below them.
MODULES: dict[str, str] = {
    **dict.fromkeys((
        "os", "posix", "nt", "ntpath", "posixpath", "subprocess", "_posixsubprocess", "_winapi", "pty", "commands",
        "popen2", "platform", "multiprocessing", "concurrent", "asyncio", "pip", "ensurepip", "venv", "uuid", "_pyrepl",
        "_osx_support", "_aix_support", "distutils", "setuptools", "pkg_resources", "webbrowser", "antigravity",
        "pexpect", "ptyprocess", "sh", "plumbum", "fabric", "invoke", "paramiko", "psutil", "psutil._psposix", "wheel",
        "numpy.distutils", "numpy.testing", "torch.distributed", "torch.multiprocessing", "torch._inductor",
        "torch.utils.cpp_extension", "torch.utils.collect_env", "torch.utils.bottleneck", "test", "unittest", "_pytest",
        "pytest", "sched", "curses", "tkinter", "turtle", "cgi", "wsgiref", "xmlrpc", "nntplib", "crypt", "spwd", "pwd",
    ), _COMMANDS),
    **dict.fromkeys((
        "runpy", "code", "codeop", "_pydev_bundle", "bdb", "pdb", "timeit", "cProfile", "profile", "trace", "doctest",
        "pydoc", "idlelib", "lib2to3", "compileall", "py_compile", "zipapp", "IPython", "numexpr", "jinja2", "mako",
        "numpy.f2py", "pandas.core.computation", "torch.fx", "torch._dynamo", "torch.jit", "torch.package",
        "torch.testing", "sympy.parsing", "cffi", "execnet", "marshal", "dis", "ast", "symtable", "tokenize",
    ), _CODE),
    **dict.fromkeys(("importlib", "imp", "_imp", "pkgutil", "zipimport", "_frozen_importlib",
                     "_frozen_importlib_external", "site", "sitecustomize", "modulefinder"), _IMPORT),
    **dict.fromkeys(("pickle", "_pickle", "cPickle", "shelve", "dill", "jsonpickle", "klepto", "torch.serialization",
                     "torch.hub", "joblib.numpy_pickle_utils", "joblib.externals", "skops.io", "yaml", "_yaml",
                     "pandas.io", "numpy.lib.npyio", "numpy.lib._npyio_impl", "numpy.lib.format", "keras.saving",
                     "keras.models", "tensorflow.keras.models", "torch.utils.data.datapipes"), _NESTED),
    **dict.fromkeys(("shutil", "tempfile", "fileinput", "glob", "zipfile", "tarfile", "gzip", "bz2", "lzma", "mmap",
                     "dbm", "sqlite3", "_sqlite3", "logging", "fcntl", "mailbox", "linecache", "filecmp",
                     "joblib.memory", "joblib.disk", "_io", "io"), _FILES),
    **dict.fromkeys(("socket", "_socket", "ssl", "_ssl", "http", "httplib", "urllib", "urllib2", "urllib3", "requests",
                     "httpx", "aiohttp", "ftplib", "smtplib", "smtpd", "poplib", "imaplib", "telnetlib", "socketserver",
                     "asyncore", "asynchat", "selectors", "boto3", "botocore", "websockets", "sklearn.datasets",
                     "tensorflow.keras.utils", "keras.utils"), _NETWORK),
    **dict.fromkeys(("ctypes", "_ctypes", "numpy.ctypeslib", "numba", "llvmlite"), _NATIVE),
    **dict.fromkeys(("sys", "gc", "inspect", "signal", "_signal", "atexit", "threading", "_thread", "weakref",
                     "traceback", "faulthandler", "resource", "sysconfig", "_testcapi", "_xxsubinterpreters"),
                    _INTERNALS),
    **dict.fromkeys(("operator", "_operator", "six", "attr._make"), _ATTRIBUTE),
}  # fmt: skip

# Single names of modules that hold harmless ones too.
NAMES: dict[str, dict[str, str]] = {
    "builtins": {
        **dict.fromkeys(("eval", "exec", "execfile", "compile", "breakpoint"), _CODE),
        **dict.fromkeys(("getattr", "setattr", "delattr", "vars", "globals", "locals", "dir", "apply", "map", "filter",
                         "hasattr", "super", "classmethod", "staticmethod", "property"), _ATTRIBUTE),
        **dict.fromkeys(("__import__", "reload"), _IMPORT),
        **dict.fromkeys(("open", "file"), _FILES),
        **dict.fromkeys(("input", "raw_input", "help", "exit", "quit", "memoryview", "__build_class__"), _INTERNALS),
    },
    "types": dict.fromkeys(("CodeType", "FunctionType", "LambdaType", "MethodType", "DynamicClassAttribute",
                            "coroutine", "new_class", "prepare_class"), "which builds functions from bytes"),
    "cloudpickle.cloudpickle": dict.fromkeys(
        ("_builtin_type", "_make_function", "_function_setstate", "_make_cell", "_make_empty_cell", "_make_skel_func",
         "_fill_function", "_cell_set", "_gen_ellipsis"), "which builds functions from code inside the pickle",
    ) | dict.fromkeys(("subimport", "dynamic_subimport", "_getattribute"), _IMPORT)
    | dict.fromkeys(("load", "loads"), _NESTED),
    "copyreg": dict.fromkeys(("pickle", "constructor", "add_extension", "remove_extension"), _INTERNALS),
    "joblib.numpy_pickle": dict.fromkeys(("load", "_unpickle", "load_temporary_memmap", "NumpyUnpickler"), _NESTED),
    "joblib.numpy_pickle_compat": dict.fromkeys(
        ("load_compatibility", "NDArrayWrapper", "ZNDArrayWrapper", "read_zfile"), "which reads other files"
    ),
    "joblib": dict.fromkeys(("load", "dump", "Memory", "Parallel"), _NESTED),
    "numpy": dict.fromkeys(("load", "fromfile", "loadtxt", "genfromtxt", "save", "savez", "savetxt", "memmap",
                            "fromregex", "DataSource", "vectorize", "apply_along_axis", "fromfunction",
                            "apply_over_axes", "piecewise"),
                           "which opens files or calls what it is given"),
    "torch": dict.fromkeys(("load", "save", "compile", "import_ir_module"), _NESTED),
    "torch.storage": {"_load_from_bytes": _NESTED},
    "torch._utils": dict.fromkeys(("_import_dotted_name", "classproperty"), _IMPORT),
    "torch.utils._config_module": {"ConfigModule": _NESTED},
    "pandas": dict.fromkeys(("eval", "read_pickle", "read_csv", "read_html", "read_sql", "read_parquet", "read_excel",
                             "read_json", "read_hdf", "read_feather", "to_pickle", "HDFStore", "ExcelFile"),
                            "which opens files or runs text as code"),
    "scipy.io": dict.fromkeys(("loadmat", "savemat", "FortranFile"), _FILES),
    "cloudpickle": dict.fromkeys(("load", "loads", "dump", "dumps", "CloudPickler"), _NESTED),
    "_codecs": {"lookup": _IMPORT, "register": _INTERNALS},
    "codecs": dict.fromkeys(("open", "EncodedFile", "lookup", "register"), _FILES),
    "functools": dict.fromkeys(("reduce", "partialmethod", "singledispatch", "wraps", "update_wrapper"), _ATTRIBUTE),
    "xgboost.core": {"_load_lib": _NATIVE}, "lightgbm.libpath": {"find_lib_path": _NATIVE},
    "dataclasses": {"make_dataclass": _CODE}, "collections": {"namedtuple": _CODE}, "typing": {"NamedTuple": _CODE},
    "enum": {"_simple_enum": _INTERNALS},
}  # fmt: skip

# Wherever they come from: modules pass on what they import themselves.
WORDS: dict[str, str] = {
    **dict.fromkeys(("system", "popen", "Popen", "check_output", "check_call", "getoutput", "getstatusoutput", "execv",
                     "execve", "execl", "execlp", "execvp", "spawn", "spawnl", "spawnv", "startfile", "fork_exec"),
                    _COMMANDS),
    **dict.fromkeys(("eval", "exec", "execfile", "runcode", "runsource", "runstring", "run_code", "_run_code",
                     "runctx", "literal_eval", "evaluate"), _CODE),
    **dict.fromkeys(("__import__", "import_module", "run_module", "run_path", "exec_module", "load_module",
                     "load_source", "resolve_name", "import_string"), _IMPORT),
    **dict.fromkeys(("__globals__", "__builtins__", "__subclasses__", "__getattribute__", "__dict__", "__mro__",
                     "__bases__", "__code__", "__class__", "__init__", "__reduce__", "__reduce_ex__", "__loader__",
                     "__spec__", "__self__", "__func__", "__wrapped__", "f_globals", "getattr"), _ATTRIBUTE),
    **dict.fromkeys(("urlopen", "urlretrieve", "create_connection"), _NETWORK),
    **dict.fromkeys(("unpickle", "read_pickle", "_load_from_bytes"), _NESTED),
    **dict.fromkeys(("CDLL", "cdll", "PyDLL", "dlopen", "load_library"), _NATIVE),
    **dict.fromkeys(("rmtree", "unlink", "remove", "rename", "makedirs", "NamedTemporaryFile",
                     "TemporaryDirectory"), _FILES),
}  # fmt: skip
