"""What an answer is worth beside the one that is expected."""

from __future__ import annotations

from backend.errors import DependencyFailed
from backend.integrations.http_client import Fetched
from backend.regression.calculator import ApiCalculator, problem_words
from backend.regression.judging import MOST_KEPT, judge, lesser_words
from backend.regression.record import Verdict, Versions
from backend.regression.values import Tolerance
from tests.support.answers import LESSER, chart, moved

ARCSECOND = 1 / 3600


def shifted(degrees: float) -> dict[str, object]:
    document = chart()
    moved(document["bodies"][0], degrees)
    return document


def test_the_same_answer_is_the_same() -> None:
    judged = judge(chart(), chart(), Tolerance(0, 0))
    assert (judged.verdict, judged.differences, judged.largest_arcseconds) == (Verdict.SAME, (), 0.0)


def test_a_small_difference_is_within_and_a_larger_one_has_drifted() -> None:
    assert judge(chart(), shifted(0.9 * ARCSECOND), Tolerance(1.0)).verdict is Verdict.WITHIN
    judged = judge(chart(), shifted(1.1 * ARCSECOND), Tolerance(1.0))
    assert (judged.verdict, judged.beyond) == (Verdict.DRIFTED, 1)
    assert 1.09 < judged.largest_arcseconds < 1.11


def test_a_degraded_answer_is_never_compared_as_a_good_one() -> None:
    judged = judge(chart(), {**chart(), "degraded": [LESSER]}, Tolerance())
    assert (judged.verdict, judged.why, judged.differences) == (Verdict.DEGRADED, LESSER["detail"], ())


def test_what_is_lesser_by_the_requests_own_doing_is_compared_where_it_is_expected() -> None:
    asked_for = {"what": "ephemeris", "why": "moshier_requested", "detail": "as was asked for", "since": None}
    both = {**chart(), "degraded": [asked_for]}
    assert judge(both, both, Tolerance()).verdict is Verdict.SAME
    assert judge(chart(), both, Tolerance()).verdict is Verdict.DEGRADED
    assert judge(both, {**both, "degraded": [asked_for, LESSER]}, Tolerance()).why == LESSER["detail"]
    assert lesser_words(both) == ""


def test_what_was_read_from_the_request_counts_as_an_answer_too() -> None:
    other = chart()
    other["moment"]["utc_offset_seconds"] = 0
    assert judge(chart(), other, Tolerance()).verdict is Verdict.DRIFTED


def test_other_versions_alone_are_no_drift() -> None:
    other = chart()
    other["provenance"]["library"] = "another"
    assert judge(chart(), other, Tolerance()).verdict is Verdict.SAME


def test_a_long_list_of_differences_is_cut_and_the_rest_counted() -> None:
    left = {"bodies": [{"body": str(number), "longitude_degrees": 0.0} for number in range(MOST_KEPT + 50)]}
    right = {"bodies": [{"body": str(number), "longitude_degrees": 1.0} for number in range(MOST_KEPT + 50)]}
    judged = judge(left, right, Tolerance())
    assert (len(judged.differences), judged.more, judged.beyond) == (MOST_KEPT, 50, MOST_KEPT + 50)


def test_versions_come_from_the_answers_own_provenance() -> None:
    versions = Versions.of(chart(), "1.2")
    assert versions.product == "1.2"
    assert all((versions.library, versions.ephemeris, versions.files, versions.zones))
    assert Versions.of({}, "1.2") == Versions("1.2")


class Answering:
    """An exchange that answers one thing, or fails."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status, self.body = status, body
        self.asked: list[tuple[str, str, object]] = []

    def __call__(self, method: str, url: str, *, seconds: float, headers: object = None, body: bytes | None = None) -> Fetched:
        self.asked.append((method, url, headers))
        if self.status == 0:
            raise DependencyFailed("the API", "the API could not be reached", transient=True)
        return Fetched(self.status, {}, self.body)


def test_a_technique_is_asked_at_its_own_address_past_any_cache() -> None:
    fetch = Answering(200, b'{"kind": "natal"}')
    calculator = ApiCalculator(fetch, "http://127.0.0.1:1/", "key")
    assert calculator.ask("natal", {}).document == {"kind": "natal"}
    calculator.ask("solar-arc", {})
    assert [url for _, url, _ in fetch.asked] == ["http://127.0.0.1:1/v1/charts", "http://127.0.0.1:1/v1/solar-arc"]
    assert all(headers["cache-control"] == "no-cache" for _, _, headers in fetch.asked)  # type: ignore[index]


def test_no_document_is_a_sentence() -> None:
    assert ApiCalculator(Answering(0, b""), "http://x", "key").ask("natal", {}).problem == "the API could not be reached"
    assert ApiCalculator(Answering(200, b"no"), "http://x", "key").ask("natal", {}).problem == "the answer cannot be read (status 200)"
    problem = b'{"title": "A field is wrong", "errors": [{"name": "date", "detail": "is required"}]}'
    assert ApiCalculator(Answering(422, problem), "http://x", "key").ask("natal", {}).problem == "date: is required (status 422)"
    assert problem_words(503, {"title": "Busy", "detail": "too many requests"}) == "too many requests (status 503)"


def test_the_products_version_is_asked_of_the_api_itself() -> None:
    assert ApiCalculator(Answering(200, b'{"version": "1.4"}'), "http://x", "key").product() == "1.4"
    assert ApiCalculator(Answering(0, b""), "http://x", "key").product() == ""
