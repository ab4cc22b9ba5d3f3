"""The metrics of processes, stores, jobs, pages and of what we emit, defined."""

from __future__ import annotations

from backend.telemetry.definitions import Metric

OPERATION_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
JOB_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
PAGE_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
QUESTION_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_STORE = {"store": "`sql`, `valkey`"}
_JOB = {"task": "a job of the worker"}  # `job` is what a scrape calls the process's role
_PAGE = {"page": "a page's address"}
_LEVEL = {"level": "`debug`, `info`, `warning`, `error`, `critical`"}
_QUESTION = {"route": "a path of the metrics server"}

BUILD = Metric(
    "astrolabe_build_info",
    "gauge",
    "1",
    "1, with the version.",
    {"version": "ours", "python": "the interpreter's", "role": "`api`, `worker`, `console`, `metrics`"},
)
STARTED = Metric("astrolabe_start_time_seconds", "gauge", "seconds", "When the process began its work, since 1970.")

STORE_SECONDS = Metric(
    "astrolabe_store_operation_seconds",
    "histogram",
    "seconds",
    "Time of a transaction, or of a command.",
    _STORE | {"operation": "`read`, `write`, `command`"},
    bounds=OPERATION_SECONDS,
)
STORE_WAIT = Metric(
    "astrolabe_store_wait_seconds",
    "histogram",
    "seconds",
    "Time until a transaction had its connection and, on SQLite, its lock.",
    _STORE,
    bounds=OPERATION_SECONDS,
)
STORE_ERRORS = Metric(
    "astrolabe_store_errors_total",
    "counter",
    "errors",
    "Transactions and commands that the store did not carry out.",
    _STORE | {"error": "`late` (no answer in time), `away`"},
)
STORE_IN_USE = Metric("astrolabe_store_in_use", "gauge", "connections", "Transactions or commands under way now.", _STORE)
STORE_LIMIT = Metric("astrolabe_store_limit", "gauge", "connections", "Transactions that may be under way at a time.", _STORE)
FILE_BYTES = Metric(
    "astrolabe_file_bytes",
    "gauge",
    "bytes",
    "Size of a database file of this installation.",
    {"file": "`astrolabe.db`, `places.db`, `metrics.db`, `logs.db`, each with its `-wal`"},
)

JOB_RUNS = Metric(
    "astrolabe_job_runs_total", "counter", "runs", "Runs of a job of the worker.", _JOB | {"outcome": "`ok`, `failed`, `store_away`"}
)
JOB_TIME = Metric("astrolabe_job_seconds", "histogram", "seconds", "Time of a run.", _JOB, bounds=JOB_SECONDS)
JOB_EVERY = Metric("astrolabe_job_every_seconds", "gauge", "seconds", "How often a job is due.", _JOB)
JOB_SUCCESS = Metric(
    "astrolabe_job_last_success_timestamp_seconds", "gauge", "seconds", "When a job last ended well, since 1970; 0: not yet.", _JOB
)

PAGE_RUNS = Metric(
    "astrolabe_console_page_runs_total",
    "counter",
    "runs",
    "Pages drawn by the console.",
    _PAGE | {"outcome": "`ok`, `failed`, `left` (for a later run or another page)"},
)
PAGE_TIME = Metric("astrolabe_console_page_seconds", "histogram", "seconds", "Time in which a page was drawn.", _PAGE, bounds=PAGE_SECONDS)
SESSIONS = Metric("astrolabe_console_sessions", "gauge", "sessions", "Browser tabs that are connected to this console.")

LOG_LINES = Metric("astrolabe_log_lines_total", "counter", "lines", "Events told, by level, whether written or not.", _LEVEL)
LOG_SUPPRESSED = Metric(
    "astrolabe_log_lines_suppressed_total", "counter", "lines", "Warnings and errors not written, as the same was just said.", _LEVEL
)
LOG_LOST = Metric("astrolabe_log_lines_lost_total", "counter", "lines", "Lines that could not be written.")
CARDINALITY_DROPPED = Metric(
    "astrolabe_metrics_cardinality_dropped_total",
    "counter",
    "observations",
    "Observations counted under `__other__`, as a metric has as many series as it may.",
    {"metric": "the metric's name"},
)
TRACES = Metric(
    "astrolabe_traces_total",
    "counter",
    "traces",
    "Requests handed to the trace collector, where one is set.",
    {"outcome": "`exported`, `dropped` (more than we send in a second), `failed`"},
)
PROFILES = Metric(
    "astrolabe_profiles_total",
    "counter",
    "requests",
    "Requests that were profiled, where that is set.",
    {"outcome": "`kept` (it was slow), `fast`"},
)

QUESTIONS = Metric(
    "astrolabe_metrics_questions_total",
    "counter",
    "questions",
    "Questions to the metrics server, by route and status.",
    _QUESTION | {"status": "the status code"},
)
QUESTION_TIME = Metric(
    "astrolabe_metrics_question_seconds",
    "histogram",
    "seconds",
    "Time of a question to the metrics server.",
    _QUESTION,
    bounds=QUESTION_SECONDS,
)
QUESTIONS_RUNNING = Metric("astrolabe_metrics_questions_running", "gauge", "questions", "Questions being answered now.")
QUESTIONS_WAITING = Metric("astrolabe_metrics_questions_waiting", "gauge", "questions", "Questions in line now.")
QUESTIONS_REFUSED = Metric(
    "astrolabe_metrics_questions_refused_total", "counter", "questions", "Questions refused because too many waited."
)
PROCESSES_ENDED = Metric(
    "astrolabe_metrics_processes_ended_total",
    "counter",
    "processes",
    "Answering processes that a question ended.",
    {"how": "`killed`, `crashed`"},
)

HELD_SERIES = Metric("astrolabe_metrics_store_series", "gauge", "series", "Series of which the metrics store has samples.")
HELD_BYTES = Metric("astrolabe_metrics_store_bytes", "gauge", "bytes", "Size of all files of the metrics store.")
HELD_CHUNKS = Metric("astrolabe_metrics_store_chunks", "gauge", "chunks", "Compressed chunks in the metrics store.")
HELD_HEAD_ROWS = Metric("astrolabe_metrics_store_head_rows", "gauge", "rows", "Scrapes and writes that are not in a chunk yet.")
DAMAGED = Metric("astrolabe_metrics_store_damaged_total", "counter", "parts", "Parts of the metrics store that could not be read back.")
FAILED_WRITES = Metric(
    "astrolabe_metrics_store_failed_writes_total", "counter", "writes", "Scrapes and writes lost to a full or broken disk."
)
SAMPLES_DROPPED = Metric(
    "astrolabe_metrics_samples_dropped_total",
    "counter",
    "samples",
    "Samples the metrics store did not take in.",
    {"reason": "`out_of_order`, `duplicate`, `too_many_series`, `label_too_long`, `too_many_labels`, `no_name`"},
)
