"""What a monitoring system is told: requests of this process, and the state of the main job from the database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from django.db import connection
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from lastmile.kernel import clock

REGISTRY = CollectorRegistry()
REQUESTS = Counter("lastmile_requests", "Requests answered", ["method", "status"], registry=REGISTRY)
SECONDS = Histogram(
    "lastmile_request_seconds", "Time to answer", buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10), registry=REGISTRY
)

# name, help, SQL with one number; %(now)s is the present
GAUGES = (
    ("alerts_in_force", "Warnings in force", "SELECT count(*) FROM alerting_alert WHERE state = 'issued'"),
    ("batches_open", "Batches not handed over yet", "SELECT count(*) FROM alerting_manifest WHERE due_at IS NOT NULL"),
    (
        "batches_overdue_seconds",
        "Age of the oldest batch that is due and held by nobody",
        (
            "SELECT coalesce(extract(epoch FROM %(now)s - min(due_at)), 0) FROM alerting_manifest"
            " WHERE due_at < %(now)s AND (lease_until IS NULL OR lease_until < %(now)s)"
        ),
    ),
    (
        "standstills",
        "Things that should move and do not, as the watchdog last found them",
        "SELECT count(*) FROM alerting_standstill WHERE ended_at IS NULL",
    ),
    ("receipts", "Receipts ever appended", "SELECT coalesce(max(id), 0) FROM alerting_receipt"),
    (
        "jobs_waiting",
        "Jobs of the queue that nobody has taken",
        "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'",
    ),
    (
        "jobs_failed",
        "Jobs of the queue that failed",
        "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'",
    ),
)


class MainJob(Collector):
    """Asks the database at each scrape; nothing is counted twice where several processes are scraped."""

    def collect(self) -> Iterable[Metric]:
        with connection.cursor() as cursor:
            for name, text, sql in GAUGES:
                cursor.execute(sql, {"now": clock.now()})
                yield GaugeMetricFamily(f"lastmile_{name}", text, value=float(cursor.fetchone()[0]))


def exposition() -> bytes:
    """Everything in Prometheus' text format."""
    both = CollectorRegistry()
    both.register(MainJob())
    return generate_latest(REGISTRY) + generate_latest(both)


class RequestMetricsMiddleware:
    """Counts and times every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = self.get_response(request)
        REQUESTS.labels(request.method, response.status_code).inc()
        SECONDS.observe(time.perf_counter() - started)
        return response
