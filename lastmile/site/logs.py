"""Log lines that can be searched: JSON or plain, each with the id of the request it belongs to."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

access = logging.getLogger("lastmile.access")
PLAUSIBLE_ID = re.compile(r"[\w.-]{8,64}")
BEFORE: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def config(form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING. `form` is "json" for machines or "plain" for people."""
    last: Any = structlog.processors.JSONRenderer(ensure_ascii=False)
    if form != "json":
        last = structlog.dev.ConsoleRenderer(colors=False)
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": BEFORE,
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            last,
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
    }


class RequestLogMiddleware:
    """Gives every request an id (or keeps a proxy's X-Request-ID), puts it on each log line and on the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked = request.headers.get("X-Request-ID", "")
        number = asked if PLAUSIBLE_ID.fullmatch(asked) else secrets.token_hex(8)
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=number):
            response = self.get_response(request)
            took = round((time.perf_counter() - started) * 1000)
            # the path without its query: a search may hold a name or a number
            access.info("%s %s %s %s ms", request.method, request.path, response.status_code, took)
        response["X-Request-ID"] = number
        return response
