"""Names that models of known libraries are made of: classes, and the functions that rebuild them.

A whole package is never trusted: modules pass on what they import themselves, and some of every library's own
functions open files or run text. tests/registry/test_pickle_names.py looks through the installed libraries for
names that these rules would let through although they come from somewhere else.
"""

import re


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_UFUNCS = _names(
    "abs absolute acos acosh add arccos arccosh arcsin arcsinh arctan arctan2 arctanh asin asinh atan atan2 "
    "atanh cbrt ceil conj conjugate copysign cos cosh deg2rad degrees divide equal exp exp2 expm1 fabs "
    "float_power floor floor_divide fmax fmin fmod greater greater_equal hypot isfinite isinf isnan less "
    "less_equal log log10 log1p log2 logaddexp logaddexp2 logical_and logical_not logical_or logical_xor "
    "matmul maximum minimum mod multiply negative not_equal positive pow power rad2deg radians reciprocal "
    "remainder rint sign sin sinh sqrt square subtract tan tanh true_divide trunc mean median sum prod std "
    "var min max amin amax argmax argmin average clip ravel identity nan_to_num round reshape cumsum dot "
    "nanmean nanmedian nanmax nanmin nansum nanstd asarray array zeros ones"
)
_NUMPY_TYPES = _names(
    "dtype ndarray matrix recarray record poly1d generic bool_ bool8 int8 int16 int32 int64 int_ intc intp "
    "uint8 uint16 uint32 uint64 uint uintc uintp float16 float32 float64 float96 float128 float_ half single "
    "double longdouble complex64 complex128 complex256 complex_ str_ unicode_ bytes_ string_ object_ void "
    "datetime64 timedelta64 number integer floating signedinteger unsignedinteger inexact longlong ulonglong "
    "short ushort byte ubyte long ulong bool"
)
_MULTIARRAY = _names("_reconstruct scalar ndarray dtype")

EXACT: dict[str, frozenset[str]] = {
    "builtins": _names(
        "Ellipsis Exception NotImplemented ValueError abs bool bytearray bytes complex dict float frozenset "
        "int len list max min object range round set slice sorted str sum tuple"
    ),
    "collections": _names("Counter OrderedDict defaultdict deque"),
    "copyreg": _names("__newobj__ __newobj_ex__ _reconstructor"),
    "_codecs": _names("encode"),
    "datetime": _names("date datetime time timedelta timezone"),
    "decimal": _names("Decimal"),
    "fractions": _names("Fraction"),
    "uuid": _names("UUID"),
    "array": _names("_array_reconstructor array"),
    "types": _names("SimpleNamespace"),
    "_io": _names("BytesIO"),
    "io": _names("BytesIO"),
    "argparse": _names("Namespace"),
    "pathlib": _names("PosixPath PurePosixPath PureWindowsPath WindowsPath"),
    "logging": _names("getLogger"),
    "zoneinfo": _names("ZoneInfo._unpickle"),
    "pytz": _names("_UTC _p"),
    "inspect": _names("_empty"),
    "numpy": _UFUNCS | _NUMPY_TYPES,
    "numpy.core.multiarray": _MULTIARRAY,
    "numpy._core.multiarray": _MULTIARRAY,
    "numpy.core.numeric": _names("_frombuffer"),
    "numpy._core.numeric": _names("_frombuffer"),
    "numpy.core.numerictypes": _NUMPY_TYPES,
    "numpy.core.umath": _UFUNCS,
    "numpy._core.umath": _UFUNCS,
    "numpy.core._multiarray_umath": _UFUNCS,
    "numpy._core._multiarray_umath": _UFUNCS,
    "numpy.ma.core": _names("MaskedArray MaskedConstant _mareconstruct"),
    "numpy.ma": _names("MaskedArray"),
    "numpy.matrixlib.defmatrix": _names("matrix"),
    "numpy.rec": _names("recarray"),
    "numpy.core.records": _names("recarray record"),
    "numpy.random": _names("Generator RandomState __RandomState_ctor"),
    "numpy.random.mtrand": _names("RandomState __RandomState_ctor"),
    "numpy.random._generator": _names("Generator"),
    "numpy.random._pickle": _names("__bit_generator_ctor __generator_ctor __randomstate_ctor"),
    "numpy.random._mt19937": _names("MT19937"),
    "numpy.random._pcg64": _names("PCG64 PCG64DXSM"),
    "numpy.random._philox": _names("Philox"),
    "numpy.random._sfc64": _names("SFC64"),
    "numpy.random.bit_generator": _names("SeedSequence __pyx_unpickle_SeedSequence"),
    "numpy.random._bit_generator": _names("SeedSequence"),
    "scipy.spatial._ckdtree": _names("cKDTree"),
    "scipy.spatial.ckdtree": _names("cKDTree"),
    "scipy.spatial._kdtree": _names("KDTree"),
    "scipy.interpolate._interpolate": _names("interp1d"),
    "scipy.interpolate._bsplines": _names("BSpline"),
    "scipy.interpolate.interpolate": _names("interp1d"),
    "scipy.interpolate._cubic": _names("CubicSpline PchipInterpolator"),
    "scipy.special._ufuncs": _names("boxcox expit gammaln inv_boxcox logit"),
    "scipy.special._special_ufuncs": _names("expit logit"),
    "scipy._lib.array_api_compat.numpy._aliases": _names("asarray"),
    "joblib.numpy_pickle": _names("NumpyArrayWrapper"),
    "pandas": _names(
        "ArrowDtype BooleanDtype Categorical CategoricalDtype CategoricalIndex DataFrame DatetimeIndex "
        "DatetimeTZDtype Float32Dtype Float64Dtype Index Int16Dtype Int32Dtype Int64Dtype Int8Dtype Interval "
        "IntervalDtype IntervalIndex MultiIndex PeriodDtype PeriodIndex RangeIndex Series SparseDtype "
        "StringDtype TimedeltaIndex UInt16Dtype UInt32Dtype UInt64Dtype UInt8Dtype"
    ),
    "pandas.core.frame": _names("DataFrame"),
    "pandas.core.series": _names("Series"),
    "pandas.core.indexes.base": _names("Index _new_Index"),
    "pandas.core.internals.managers": _names("BlockManager SingleBlockManager"),
    "pandas.core.indexes.datetimes": _names("DatetimeIndex _new_DatetimeIndex"),
    "pandas.core.indexes.period": _names("PeriodIndex _new_PeriodIndex"),
    "pandas.core.indexes.interval": _names("IntervalIndex _new_IntervalIndex"),
    "pandas._libs.internals": _names("BlockManager _unpickle_block"),
    "pandas._libs.arrays": _names("__pyx_unpickle_NDArrayBacked"),
    "pandas._libs.tslibs.timestamps": _names("Timestamp _unpickle_timestamp"),
    "pandas._libs.tslibs.timedeltas": _names("Timedelta _timedelta_unpickle"),
    "pandas._libs.tslibs.nattype": _names("_nat_unpickle"),
    "pandas._libs.missing": _names("NA NAType"),
    "pandas._libs.interval": _names("Interval"),
    "pandas.core.internals.blocks": _names("new_block"),
    "xgboost.core": _names("Booster DMatrix"),
    "lightgbm.basic": _names("Booster Dataset"),
    "lightgbm.compat": _names("_LGBMLabelEncoder"),
    "catboost.core": _names("CatBoost CatBoostClassifier CatBoostRanker CatBoostRegressor _CatBoostBase"),
    "torch": _names(
        "BFloat16Storage BoolStorage ByteStorage CharStorage ComplexDoubleStorage ComplexFloatStorage "
        "DoubleStorage FloatStorage Generator HalfStorage IntStorage LongStorage QInt32Storage QInt8Storage "
        "QUInt2x4Storage QUInt4x2Storage QUInt8Storage ShortStorage Size Tensor UntypedStorage bfloat16 bool "
        "complex128 complex64 device float16 float32 float64 int16 int32 int64 int8 preserve_format strided "
        "uint8"
    ),
    "torch.storage": _names("TypedStorage UntypedStorage"),
    "torch.serialization": _names("_get_layout"),
    "torch._utils": _names(
        "_rebuild_parameter _rebuild_parameter_with_state _rebuild_qtensor _rebuild_sparse_tensor "
        "_rebuild_tensor _rebuild_tensor_v2"
    ),
    "torch._tensor": _names("_rebuild_from_type_v2"),
    "torch.nn.parameter": _names("Buffer Parameter"),
}

# Packages whose classes are known; what is below the second is not.
PACKAGES: dict[str, frozenset[str]] = {
    "sklearn": _names(
        "_test_common estimator_checks parallel _build_utils callback conftest datasets experimental externals tests"
    ),
    "scipy.sparse": _names("csgraph linalg tests"),
    "pandas.core.arrays": _names("arrow"),
    "pandas.arrays": frozenset(),
    "pandas.core.dtypes.dtypes": frozenset(),
    "pandas.core.indexes": frozenset(),
    "pandas.core.arrays.sparse": frozenset(),
    "pandas._libs.tslibs": frozenset(),
    "pandas.tseries.offsets": frozenset(),
    "imblearn": _names("datasets keras tensorflow tests"),
    "xgboost.sklearn": frozenset(),
    "lightgbm.sklearn": frozenset(),
    "numpy.dtypes": frozenset(),
    "torch.nn.modules": frozenset(),
    "statsmodels.base": frozenset(),
    "category_encoders": _names("datasets"),
}
CLASS = re.compile(r"_?[A-Z][A-Za-z0-9_]*|[a-z]{3}_(?:matrix|array)")
# What Cython and the trees of scikit-learn are rebuilt with.
REBUILDERS = re.compile(r"__pyx_unpickle_\w+|newObj|_interpolate_spline")
# Classes that pass through modules of known packages and are more than values.
NOT_CLASSES = _names(
    "Popen Pool ThreadPool Thread Process Parallel Memory GzipFile BZ2File LZMAFile ZipFile TarFile Request "
    "Path NamedTemporaryFile TemporaryDirectory SpooledTemporaryFile FileIO StringIO TextIOWrapper Template "
    "CodeType FunctionType MethodType ModuleType SimpleNamespace Lock RLock Event Queue Executor "
    "ThreadPoolExecutor ProcessPoolExecutor Logger FileHandler Unpickler Pickler MethodCaller HTTPError "
    "URLError IMapIterator LokyBackend BaseMethod Console Bunch_from_file HDFStore ExcelFile"
)
