"""What servers answer, read strictly: whole answers pass, half ones do not."""

from __future__ import annotations

from typing import Any

import pytest

from backend.monitoring import replies
from backend.monitoring.replies import position_of, result_of

POINT = [1.5, "2"]


def test_each_kind_of_answer_is_read() -> None:
    vector = result_of({"resultType": "vector", "result": [{"metric": {"a": "b"}, "value": POINT}]}, ("w",), ("i",))
    assert (vector.kind, vector.warnings, vector.infos, vector.curves[0].times.tolist()) == ("vector", ("w",), ("i",), [1500])
    stats = {"samples": {"totalQueryableSamples": 7}}
    matrix = result_of({"resultType": "matrix", "result": [{"metric": {}, "values": [POINT, [2, "NaN"]]}], "stats": stats})
    assert (matrix.samples, matrix.curves[0].values[0]) == (7, 2.0)
    assert result_of({"resultType": "scalar", "result": POINT}).curves[0].values.tolist() == [2.0]
    assert result_of({"resultType": "string", "result": [1, "words"]}).text == "words"


def test_native_histograms_are_left_out_and_told() -> None:
    rows = [{"metric": {}, "histogram": [1, {}]}, {"metric": {"a": "b"}, "value": POINT}]
    result = result_of({"resultType": "vector", "result": rows})
    assert (len(result.curves), result.warnings) == (1, ("1 series are native histograms, which are not shown",))


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"resultType": "vector"},
        {"resultType": "other", "result": []},
        {"resultType": "vector", "result": {}},
        {"resultType": "vector", "result": [5]},
        {"resultType": "vector", "result": [{"metric": {}}]},
        {"resultType": "vector", "result": [{"value": POINT}]},
        {"resultType": "vector", "result": [{"metric": {"a": 1}, "value": POINT}]},
        {"resultType": "vector", "result": [{"metric": {}, "value": [1]}]},
        {"resultType": "matrix", "result": [{"metric": {}, "values": [POINT, POINT]}]},
        {"resultType": "matrix", "result": [{"metric": {}, "values": [[2, "1"], [1, "1"]]}]},
        {"resultType": "matrix", "result": [{"metric": {}, "values": [[1, "one"]]}]},
        {"resultType": "matrix", "result": [{"metric": {}, "values": [[float("inf"), "1"]]}]},
        {"resultType": "scalar", "result": None},
        {"resultType": "string", "result": []},
    ],
)
def test_what_has_another_form_is_no_answer(data: Any) -> None:
    with pytest.raises(ValueError):
        result_of(data)


@pytest.mark.parametrize("value", [None, {}, [1], [{"a": 1}], "ab"])
def test_lists_hold_what_they_should(value: Any) -> None:
    for read in (replies.texts, replies.label_sets, replies.exemplars_of):
        with pytest.raises((ValueError, LookupError)):
            read(value)
    with pytest.raises(ValueError):
        replies.objects({"groups": value}, "groups") if not isinstance(value, list) else replies.objects({"groups": [1]}, "groups")


@pytest.mark.parametrize(
    ("text", "position"), [("1:3: parse error: x", 2), ("2:2: x", 3), ("9:1: x", None), ("0:1: x", None), ("x", None), ("1:99: x", 1)]
)
def test_a_place_is_an_offset_into_the_query(text: str, position: int | None) -> None:
    query = {"1:3: parse error: x": "abc", "2:2: x": "é\nab"}.get(text, "a")
    assert position_of(text, query) == position
