"""The metrics of requests, charts, dependencies and circuits, defined."""

from __future__ import annotations

from backend.telemetry.definitions import Metric

REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_ROUTE = "the route's template, `unmatched` where none fits"
_CODE = "an error code of the API"
_KIND = "a technique"
_DEPENDENCY = {"dependency": "`geocoder`, `metrics`, `traces`, `logs`"}
_CIRCUIT = {"circuit": "the circuit's name"}

REQUESTS = Metric(
    "astrolabe_http_requests_total",
    "counter",
    "requests",
    "Requests answered, by route template.",
    {"route": _ROUTE, "method": "an HTTP method, or `other`", "status": "the status code"},
)
SECONDS = Metric(
    "astrolabe_http_request_seconds", "histogram", "seconds", "Time to a whole answer.", {"route": _ROUTE}, bounds=REQUEST_SECONDS
)
ERRORS = Metric(
    "astrolabe_http_errors_total", "counter", "requests", "Requests answered with an error, by its code.", {"route": _ROUTE, "code": _CODE}
)
IN_FLIGHT = Metric("astrolabe_http_requests_in_flight", "gauge", "requests", "Requests being answered now.")
WAITING = Metric("astrolabe_http_requests_waiting", "gauge", "requests", "Requests in line before the computing threads.")
SHED = Metric(
    "astrolabe_http_requests_shed_total", "counter", "requests", "Requests refused at the door of a full process.", {"route": _ROUTE}
)
POOL_IN_USE = Metric(
    "astrolabe_pool_in_use",
    "gauge",
    "calls",
    "Calls in the threads or in line for them now.",
    {"pool": "`computing`, `waiting`, `searching`, `lookups`, `service`"},
)
POOL_LIMIT = Metric("astrolabe_pool_limit", "gauge", "calls", "Calls that a pool takes before it refuses.", POOL_IN_USE.labels)
RECORDS_DROPPED = Metric(
    "astrolabe_request_records_dropped_total",
    "counter",
    "requests",
    "Requests that the table of recent requests does not hold.",
    {"why": "`full`, `sql_away`"},
)
RECORDS_WAITING = Metric("astrolabe_request_records_waiting", "gauge", "requests", "Request records that wait to be written.")

CHARTS = Metric(
    "astrolabe_charts_total",
    "counter",
    "charts",
    "Charts answered.",
    {"kind": _KIND, "source": "where its positions come from", "degraded": "`true`, `false`"},
)
CHART_CACHE = Metric(
    "astrolabe_chart_cache_total",
    "counter",
    "charts",
    "Charts answered, by whether they were kept.",
    {"kind": _KIND, "result": "`hit`, `stale`, `miss`"},
)
CACHE_ENTRIES = Metric("astrolabe_chart_cache_entries", "gauge", "answers", "Answers kept in this process.")
CACHE_BYTES = Metric("astrolabe_chart_cache_bytes", "gauge", "bytes", "Bytes that they take.")
CACHE_EVICTIONS = Metric("astrolabe_chart_cache_evictions_total", "counter", "answers", "Answers that had to go for others.")
COMPUTING_JOBS = Metric("astrolabe_computing_jobs_total", "counter", "jobs", "Calculations done by the computing thread.")
COMPUTING_BUSY = Metric(
    "astrolabe_computing_busy_seconds_total", "counter", "seconds", "Time that the computing thread worked; its rate is its utilisation."
)
COMPUTING_WAIT = Metric("astrolabe_computing_wait_seconds_total", "counter", "seconds", "Time that calculations stood in line for it.")
COMPUTING_WAITING = Metric("astrolabe_computing_jobs_waiting", "gauge", "jobs", "Calculations in line for it, or under way.")

CALLS = Metric(
    "astrolabe_dependency_calls_total",
    "counter",
    "calls",
    "Calls to a dependency, by outcome.",
    _DEPENDENCY | {"outcome": "`ok`, `bad`, `ignored`, or the code of a refusal"},
)
CALL_SECONDS = Metric("astrolabe_dependency_call_seconds", "histogram", "seconds", "Time of a call.", _DEPENDENCY)
RETRIES = Metric(
    "astrolabe_dependency_retries_total",
    "counter",
    "calls",
    "Calls made again, by what had failed.",
    _DEPENDENCY | {"after": "an error code"},
)
BUDGET_REFUSALS = Metric(
    "astrolabe_dependency_budget_refusals_total",
    "counter",
    "calls",
    "Repetitions that the budget refused.",
    _DEPENDENCY | {"of": "`retry`, `hedge`"},
)
ANSWERS = Metric(
    "astrolabe_dependency_answers_total",
    "counter",
    "answers",
    "Answers by where they came from.",
    _DEPENDENCY | {"source": "`primary`, or the name of a fallback"},
)
HEDGES = Metric(
    "astrolabe_dependency_hedges_total",
    "counter",
    "calls",
    "Calls asked a second time, and how often the second answer counted.",
    _DEPENDENCY | {"won": "`true`, `false`"},
)
FAULTS = Metric(
    "astrolabe_dependency_faults_injected_total",
    "counter",
    "calls",
    "Trouble made on purpose, by kind.",
    _DEPENDENCY | {"fault": "a kind of fault"},
)
BULKHEAD_REFUSALS = Metric(
    "astrolabe_dependency_bulkhead_refusals_total",
    "counter",
    "calls",
    "Calls refused because too many were under way.",
    _DEPENDENCY,
)
BULKHEAD_LIMIT = Metric("astrolabe_dependency_bulkhead_limit", "gauge", "calls", "Calls that may be under way at a time.", _DEPENDENCY)
BULKHEAD_IN_FLIGHT = Metric("astrolabe_dependency_bulkhead_in_flight", "gauge", "calls", "Calls under way now.", _DEPENDENCY)
BUDGET_LEFT = Metric("astrolabe_dependency_budget_left", "gauge", "calls", "Repetitions that the budget allows now.", _DEPENDENCY)
CIRCUIT_STATE = Metric(
    "astrolabe_circuit_state", "gauge", "1 or 0", "1 for the state a circuit is in here.", _CIRCUIT | {"state": "a state of a circuit"}
)
CIRCUIT_TRANSITIONS = Metric(
    "astrolabe_circuit_transitions_total",
    "counter",
    "changes",
    "Changes of a circuit's state seen here, by the new state.",
    _CIRCUIT | {"to": "a state of a circuit"},
)
OPERATOR_ACTS = Metric(
    "astrolabe_operator_acts_total",
    "counter",
    "acts",
    "Orders on circuits given by this process.",
    {"act": "an act", "effect": "`applied`, `recorded`"},
)
