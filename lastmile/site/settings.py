"""Every setting, typed, in one file. docs/operating.md lists what a city sets; `lastmile doctor` checks it."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from lastmile.kernel import embedded, env
from lastmile.site import logs

BASE_DIR = Path(__file__).resolve().parents[2]
VAR = Path(env.text("LASTMILE_VAR", str(BASE_DIR / "var")))

TESTING = "pytest" in sys.modules
DEBUG = env.flag("LASTMILE_DEBUG", False)


def _kept(name: str, nbytes: int = 32) -> str:
    """A secret made once and kept under var/, for a machine whose operator has set none (the demo, a laptop)."""
    path = VAR / "secrets" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(nbytes))
    return path.read_text()


SECRET_KEY = env.secret("LASTMILE_SECRET_KEY") or _kept("secret_key")
FIELD_KEYS = env.secret("LASTMILE_FIELD_KEYS") or f"1:{_kept('field_key')}"
INDEX_KEY = env.secret("LASTMILE_INDEX_KEY") or _kept("index_key")
INDEX_KEY_OLD = env.secret("LASTMILE_INDEX_KEY_OLD")  # the one before it, while entries under that one are left
LINK_KEY = env.secret("LASTMILE_LINK_KEY") or _kept("link_key")  # signs personal links
SEAL_KEY = env.secret("LASTMILE_SEAL_KEY") or _kept("seal_key")  # 32 bytes in hex; signs archives and certificates
SEAL_TRUSTED = env.text("LASTMILE_SEAL_TRUSTED")  # public keys, in hex, of seal keys used before
AUDIT_MONTHS = env.number("LASTMILE_AUDIT_MONTHS", 24)  # entries older than so many months live in archives alone; >= 6

ALLOWED_HOSTS = env.names("LASTMILE_HOSTS", "localhost,127.0.0.1,[::1]")
PUBLIC_URL = env.text("LASTMILE_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")  # what links in messages begin with
CSRF_TRUSTED_ORIGINS = env.names("LASTMILE_ORIGINS")
PROXIES = env.names("LASTMILE_PROXIES")  # addresses whose X-Forwarded-For is believed
CSRF_FAILURE_VIEW = "lastmile.site.failures.old_form"
BEHIND_TLS = env.flag("LASTMILE_TLS", PUBLIC_URL.startswith("https://"))

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.admin",
    "django_htmx",
    "procrastinate.contrib.django",
    "lastmile.kernel",
    "lastmile.community.org",
    "lastmile.community.people",
    "lastmile.community.cells",
    "lastmile.community.accounts",
    "lastmile.duties",
    "lastmile.facts",
    "lastmile.alerting",
    "lastmile.modules.shelters",
    "lastmile.modules.mydata",
    "lastmile.site",
    "ninja",  # for the static files of its documentation page; after ours, which has the page
]

MIDDLEWARE = [
    "lastmile.site.logs.RequestLogMiddleware",
    "lastmile.site.metrics.RequestMetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "lastmile.community.accounts.middleware.WallMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "lastmile.kernel.requestinfo.RequestInfoMiddleware",
    "lastmile.community.accounts.middleware.NothingKeptMiddleware",
    "lastmile.kernel.refusals.RefusalMiddleware",
    "lastmile.community.accounts.middleware.SlidingSessionMiddleware",
    "lastmile.community.accounts.middleware.FirstThingsMiddleware",
]

ROOT_URLCONF = "lastmile.site.urls"
WSGI_APPLICATION = "lastmile.site.wsgi.application"
ASGI_APPLICATION = "lastmile.site.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lastmile.site.nav.context",
            ],
            "builtins": ["lastmile.kernel.templatetags.ui"],
        },
    },
]


DB_POOL = env.number("LASTMILE_DB_POOL", 0)  # site.gate lets as many requests in as the pool has connections


def _connections() -> dict[str, object]:
    """Kept by thread, or in a pool where a server answers each request in a thread of its own (ASGI)."""
    if not DB_POOL:
        return {"CONN_MAX_AGE": 60}
    return {"CONN_MAX_AGE": 0, "OPTIONS": {"pool": {"min_size": 1, "max_size": DB_POOL, "timeout": 10}}}


def _database() -> dict[str, object]:
    """DATABASE_URL (postgresql://user:password@host:port/name?option=value), or the embedded server's socket."""
    url = env.secret("DATABASE_URL")
    common = {"ENGINE": "django.db.backends.postgresql", "CONN_HEALTH_CHECKS": True} | _connections()
    if not url:
        return common | embedded.connection_settings(VAR / "pg")
    parts = urlsplit(url)
    return common | {
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or dict(parse_qsl(parts.query)).get("host", ""),
        "PORT": str(parts.port or ""),
    }


ROW_SECURITY = env.flag("LASTMILE_ROW_SECURITY", True)  # the database hides other places' people (kernel.walls)
EMBEDDED_DATABASE = not env.secret("DATABASE_URL")
DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["lastmile.community.accounts.backend.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "display_name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "lastmile.community.accounts.passwords.VariedValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
LOGIN_ATTEMPTS = 5  # wrong passwords before a log-in is locked
LOGIN_LOCK_MINUTES = 15
SECOND_FACTOR = env.text("LASTMILE_SECOND_FACTOR")  # required, offered; empty: required once others can reach us
LOGIN_PER_MINUTE = 30  # attempts from one address; an office shares one

SESSION_ENGINE = "lastmile.community.accounts.sessions"
SESSION_COOKIE_AGE = env.number("LASTMILE_SESSION_MINUTES", 720) * 60  # a duty shift; accounts.middleware slides it
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "style-src": ["'self'", "'unsafe-inline'"],  # Leaflet and ECharts set style attributes
        "script-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}

METRICS_TOKEN = env.secret("LASTMILE_METRICS_TOKEN")  # /metrics answers this machine, or a bearer of this token

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "lastmile" / "site" / "locale"]  # compiled from its parts by tools/compile_messages.py
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [("vendor", VAR / "vendor")]  # browser libraries, put there by tools/vendor.py
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or TESTING
MEDIA_ROOT = VAR / "media"

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
UPLOAD_LIMIT = 20_000_000  # bytes of one uploaded workbook or GeoJSON file

# Channels in service, in the default order of trying. A name is a folder of alerting/channels.
CHANNELS = env.names("LASTMILE_CHANNELS", "sms,email,web")
# An address of one's own for each channel, to which the daily round sends a test message: sms:13900000000,email:a@b.cn
CHANNEL_TESTS = {part.partition(":")[0]: part.partition(":")[2] for part in env.names("LASTMILE_CHANNEL_TESTS")}
# What a part of a message costs by the installation's own accounts, in yuan: sms:0.045,voice:0.1
PRICES = {part.partition(":")[0]: part.partition(":")[2] for part in env.names("LASTMILE_PRICES")}
# Seconds after which the batch of a dead worker is taken up by another.
DISPATCH_LEASE = env.number("LASTMILE_LEASE_SECONDS", 20)
# Whom a channel fails for good is told on the next channel of the warning without anybody asking for it.
FALLBACK = env.flag("LASTMILE_FALLBACK", True)
SMS_GATEWAY_URL = env.text("LASTMILE_SMS_URL")
SMS_GATEWAY_SECRET = env.secret("LASTMILE_SMS_SECRET") or _kept("sms_secret")  # signs batches, reports and replies
SMS_GATEWAY_VENDOR = env.text(
    "LASTMILE_SMS_VENDOR"
)  # JSON file for a gateway with its own words (docs/channels/sms.md)
SMPP = {  # an account at an SMS centre (docs/channels/smpp.md); the names are those of channels.smpp.options
    "host": env.text("LASTMILE_SMPP_HOST"),
    "port": env.number("LASTMILE_SMPP_PORT", 2775),
    "system_id": env.text("LASTMILE_SMPP_SYSTEM_ID"),
    "password": env.secret("LASTMILE_SMPP_PASSWORD"),
    "system_type": env.text("LASTMILE_SMPP_SYSTEM_TYPE"),
    "source": env.text("LASTMILE_SMPP_SOURCE"),  # what people see as the sender
    "source_ton": env.number("LASTMILE_SMPP_SOURCE_TON", 0),
    "source_npi": env.number("LASTMILE_SMPP_SOURCE_NPI", 1),
    "number": env.text("LASTMILE_SMPP_NUMBER", "digits"),  # e164, digits or national
    "binds": env.number("LASTMILE_SMPP_BINDS", 1),  # of each process
    "window": env.number("LASTMILE_SMPP_WINDOW", 50),
    "per_second": env.number("LASTMILE_SMPP_PER_SECOND", 0),
    "long": env.text("LASTMILE_SMPP_LONG", "udh"),  # udh, sar or payload
    "alphabet": env.text("LASTMILE_SMPP_ALPHABET", "gsm"),  # gsm, or ucs2 for every text
    "ids": env.text("LASTMILE_SMPP_IDS", "same"),  # decimal or hex: receipts write message numbers otherwise
    "validity": env.number("LASTMILE_SMPP_VALIDITY", 1440),  # minutes
    "unknown": env.text("LASTMILE_SMPP_UNKNOWN", "again"),  # again, or show
    "tls": env.flag("LASTMILE_SMPP_TLS", False),
    "ca": env.text("LASTMILE_SMPP_CA"),
    "enquire": env.number("LASTMILE_SMPP_ENQUIRE", 30),  # seconds
    "timeout": env.number("LASTMILE_SMPP_TIMEOUT", 10),  # seconds
    "refused": env.names("LASTMILE_SMPP_REFUSED"),
    "retry": env.names("LASTMILE_SMPP_RETRY"),
    "permanent": env.names("LASTMILE_SMPP_PERMANENT"),
}
VOICE_GATEWAY_URL = env.text("LASTMILE_VOICE_URL")
VOICE_GATEWAY_SECRET = env.secret("LASTMILE_VOICE_SECRET") or _kept("voice_secret")  # signs calls and their reports
VOICE_GATEWAY_VENDOR = env.text("LASTMILE_VOICE_VENDOR")  # JSON file, as for SMS (docs/channels/voice.md)
VOICE_SAYS = env.text("LASTMILE_VOICE_SAYS", "text")  # what the gateway gets: text, or audio that is made here
MQTT_URL = env.text("LASTMILE_MQTT_URL")  # mqtts://host:8883, the broker of loudspeakers (docs/channels/loudspeaker.md)
MQTT_CA = env.text("LASTMILE_MQTT_CA")  # PEM of the authority that signed the broker's certificate
MQTT_CERTIFICATE = env.text("LASTMILE_MQTT_CERTIFICATE")  # PEM: ours, where the broker asks for one
MQTT_KEY = env.text("LASTMILE_MQTT_KEY")  # PEM: its private key
TERMINAL_EVERY = {  # seconds between two rounds of a loudspeaker, by colour (1 red … 4 blue); not named: once
    int(pair[0]): 60 * int(pair[2:]) for pair in env.names("LASTMILE_TERMINAL_EVERY", "1=10,2=30")
}
TERMINAL_SECRET = env.secret("LASTMILE_TERMINAL_SECRET") or _kept("terminal_secret")  # makes the keys of loudspeakers
SPEECH = env.text("LASTMILE_SPEECH", "espeak")  # who speaks: espeak, none, or a command (alerting/channels/speech)
VOICE_REPEATS = env.number("LASTMILE_VOICE_REPEATS", 3)  # times a call plays its message
EMAIL_HOST = env.text("LASTMILE_SMTP_HOST", "localhost")
EMAIL_PORT = env.number("LASTMILE_SMTP_PORT", 25)
EMAIL_HOST_USER = env.text("LASTMILE_SMTP_USER")
EMAIL_HOST_PASSWORD = env.secret("LASTMILE_SMTP_PASSWORD")
EMAIL_USE_TLS = env.flag("LASTMILE_SMTP_TLS", False)  # STARTTLS, usually port 587
EMAIL_USE_SSL = env.flag("LASTMILE_SMTP_SSL", False)  # TLS from the start, usually port 465
EMAIL_CA = env.text("LASTMILE_SMTP_CA")  # PEM file of authorities trusted instead of the system's
EMAIL_BACKEND = "lastmile.kernel.mail.Backend"
EMAIL_TIMEOUT = 20  # seconds; a server that hangs must not hold a worker's thread
EMAIL_CONNECTIONS = env.number("LASTMILE_SMTP_CONNECTIONS", 4)
DEFAULT_FROM_EMAIL = env.text("LASTMILE_MAIL_FROM", "lastmile@localhost")
PUSH_KEY = env.secret("LASTMILE_PUSH_KEY") or _kept("push_key")  # 64 hex digits; by it browsers know who pushes
PUSH_CONTACT = env.text("LASTMILE_PUSH_CONTACT")  # mailto:… or https://… for push services; empty: the sender of mails
# Push services of browsers: nothing else is ever asked.
PUSH_HOSTS = env.names(
    "LASTMILE_PUSH_HOSTS", "fcm.googleapis.com,push.services.mozilla.com,notify.windows.com,push.apple.com"
)
CAP_SENDER = env.text("LASTMILE_CAP_SENDER", "lastmile@localhost")
CAP_UNIT = env.text("LASTMILE_CAP_UNIT", "00000000")  # DDDUUUXX of the identifier: industry, unit, extension
CAP_KEY = env.secret("LASTMILE_CAP_KEY")  # PEM: private key and certificate that sign CAP messages; empty: made once
CAP_TRUST = env.text("LASTMILE_CAP_TRUST")  # folder of certificates whose signatures on CAP messages are believed
FEED_PRIVATE = env.flag("LASTMILE_FEED_PRIVATE", False)  # feeds may be fetched from addresses inside the own network
CHAT_HOSTS = env.names("LASTMILE_CHAT_HOSTS", "qyapi.weixin.qq.com,oapi.dingtalk.com,open.feishu.cn")  # of robots
OUTWARD_ALLOW = env.names("LASTMILE_OUTWARD_ALLOW")  # own networks that typed addresses may lead to (kernel.outward)

LOGGING = logs.config(env.text("LASTMILE_LOG_FORMAT", "plain"), env.text("LASTMILE_LOG_LEVEL", "WARNING"))
