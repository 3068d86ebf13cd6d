"""Django settings. What an operator may choose is in `studio.env`; the rest is fixed here."""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url

import studio
from studio import env
from studio.secret_key import read_or_make_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
ENV = env.read()

DATA_DIR = Path(ENV["SLIPWAY_DATA"]).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
STUDIO_URL = ENV["SLIPWAY_URL"]
GATEWAY_URL = ENV["SLIPWAY_GATEWAY_URL"]
SECRET_KEY = ENV["SLIPWAY_SECRET_KEY"] or read_or_make_secret_key(DATA_DIR)
SEALING_KEYS = ENV["SLIPWAY_SEALING_KEYS"]
DEBUG = ENV["SLIPWAY_DEBUG"]
PROCESS_TARGET = ENV["SLIPWAY_PROCESS_TARGET"]
BASE_IMAGE = ENV["SLIPWAY_BASE_IMAGE"]
START_TIMEOUT_S = ENV["SLIPWAY_START_TIMEOUT_S"]
SCHEDULE_TIMEOUT_S = ENV["SLIPWAY_SCHEDULE_TIMEOUT_S"]
IN_CLUSTER_TARGET = ENV["SLIPWAY_IN_CLUSTER_TARGET"]
LEASE_S = ENV["SLIPWAY_LEASE_S"]
RECONCILE_S = ENV["SLIPWAY_RECONCILE_S"]
S3_BUCKET = ENV["S3_BUCKET"]
S3_ENDPOINT_URL = ENV["S3_ENDPOINT_URL"]
S3_REGION = ENV["S3_REGION"]
S3_ACCESS_KEY_ID = ENV["S3_ACCESS_KEY_ID"]
S3_SECRET_ACCESS_KEY = ENV["S3_SECRET_ACCESS_KEY"]
S3_PREFIX = ENV["S3_PREFIX"]
RUNTIME_DIR = BASE_DIR / "scoring"

_studio = urlsplit(STUDIO_URL)
_host = f"[{_studio.hostname}]" if ":" in _studio.hostname else _studio.hostname
ALLOWED_HOSTS = [_host, "127.0.0.1", "localhost", "[::1]", *ENV["SLIPWAY_HOSTS"]]
_port = f":{_studio.port}" if _studio.port else ""
WEBSOCKET_ORIGINS = [f"{_studio.scheme}://{host}{_port}" for host in ALLOWED_HOSTS]
CSRF_TRUSTED_ORIGINS = [f"{_studio.scheme}://{_studio.netloc}"]

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "channels",
    "workspaces",
    "registry",
    "deployments",
    "profiling",
    "metrics",
    "studio",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "studio.headers.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "studio.http_errors.pages",
]

ROOT_URLCONF = "studio.urls"
ASGI_APPLICATION = "studio.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "studio.context.shell",
            ],
        },
    },
]

_SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA_DIR / "db.sqlite3",
    "OPTIONS": {
        # IMMEDIATE: a transaction that will write takes its place in the queue at once, so that two
        # writers wait for each other instead of one of them failing half way with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    },
}
DATABASES = {
    "default": (
        dj_database_url.parse(ENV["DATABASE_URL"], conn_max_age=60, conn_health_checks=True)
        if ENV["DATABASE_URL"]
        else _SQLITE
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "workspaces.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "build" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Uploads are streamed to a file as they arrive; see registry.uploads.
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
FILE_UPLOAD_TEMP_DIR = DATA_DIR / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024

SECURE = _studio.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
# Cookies know no ports: two studios on one machine must not sign each other's users out.
SESSION_COOKIE_NAME = f"slipway_session_{_studio.port or 'main'}"
CSRF_COOKIE_NAME = f"slipway_csrf_{_studio.port or 'main'}"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "workspaces.authentication.BearerToken",
        "workspaces.authentication.Session",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "EXCEPTION_HANDLER": "studio.http_errors.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "studio.openapi.inspector.Inspector",
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Slipway",
    "VERSION": studio.__version__,
    "DESCRIPTION": (
        "Everything the pages and the command line do. Requests and answers are JSON, with names in snake_case. "
        "What cannot be done is answered with problem details (RFC 9457): `code` is for programs, `detail` says what "
        "is wrong and `advice` what to do."
    ),
    "OAS_VERSION": "3.1.0",
    "SERVERS": [{"url": STUDIO_URL}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "DEFAULT_GENERATOR_CLASS": "studio.openapi.document.Generator",
    "POSTPROCESSING_HOOKS": ["studio.openapi.document.finished"],
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    # In the order of the rooms' tables.
    "SORT_OPERATION_PARAMETERS": False,
}

REDIS_URL = ENV["REDIS_URL"]
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}}
else:
    BROKER_DIR = DATA_DIR / "broker"
    (BROKER_DIR / "messages").mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_URL = "folder://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "polling_interval": 0.05,
    }
    CHANNEL_LAYERS = {}
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1

UNFOLD = {
    "SITE_TITLE": "Slipway admin",
    "SITE_HEADER": "Slipway",
    "SITE_SYMBOL": "sailing",
    # The pages' petrol, from light to dark.
    "COLORS": {
        "primary": {
            "50": "oklch(97% .013 220)",
            "100": "oklch(94% .025 220)",
            "200": "oklch(88% .05 220)",
            "300": "oklch(79% .08 222)",
            "400": "oklch(69% .095 224)",
            "500": "oklch(58% .095 227)",
            "600": "oklch(49% .085 229)",
            "700": "oklch(42% .072 230)",
            "800": "oklch(36% .06 231)",
            "900": "oklch(31% .05 232)",
            "950": "oklch(23% .04 233)",
        }
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname).1s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "kombu.connection": {"level": "ERROR"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.strategy": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}
