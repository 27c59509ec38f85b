"""Counts for Prometheus: requests by route template (never by path: paths name documents), tasks by kind and state."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

from digitise.ports import Tasks

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)


class _TaskGauge:
    def __init__(self, tasks: Tasks) -> None:
        self.tasks = tasks

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read the counts at the moment of the scrape."""
        gauge = GaugeMetricFamily("digitise_tasks", "Promised work by kind and state", labels=["kind", "state"])
        for (kind, state), number in self.tasks.counts().items():
            gauge.add_metric([str(kind), str(state)], number)
        yield gauge


class Metrics:
    """The app's own registry: two apps in one process do not share counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "digitise_http_requests", "Requests served", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "digitise_http_seconds", "Time to serve", ["route"], buckets=BUCKETS, registry=self.registry
        )

    def watch(self, tasks: Tasks) -> None:
        """Export the task counts too; read at scrape time."""
        self.registry.register(_TaskGauge(tasks))

    def served(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Return the exposition format."""
        return generate_latest(self.registry)
