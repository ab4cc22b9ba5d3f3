"""Rules of the console's own code: who imports what, what every page begins with, and how texts are written."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from components import markup, navigation, source_copy, wording

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "pages").glob("*.py"))
CONSOLE = [ROOT / "app.py", *PAGES, *sorted((ROOT / "components").rglob("*.py"))]
TEXTS = sorted((ROOT / "components" / "texts").glob("*.toml"))


def imports(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_only_app_pages_and_components_import_streamlit() -> None:
    for file in sorted((ROOT / "backend").rglob("*.py")):
        assert not any(name == "streamlit" or name.startswith("streamlit.") for name in imports(file)), file


@pytest.mark.parametrize("file", sorted((ROOT / "components" / "views").glob("*.py")), ids=lambda file: file.stem)
def test_views_draw_nothing(file: Path) -> None:
    assert not any(name.split(".")[0] == "streamlit" for name in imports(file))


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.stem)
def test_pages_reach_no_store_no_settings_and_no_network(file: Path) -> None:
    for name in imports(file):
        assert not re.search(r"\.store$|^backend\.(storage|settings|bootstrap)|^(sqlalchemy|redis|httpx|swisseph)", name), name


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.stem)
def test_every_page_checks_the_session_before_it_draws_anything(file: Path) -> None:
    permission = navigation.BY_NAME[file.stem].permission.name
    body = ast.parse(file.read_text("utf-8")).body
    acts = [node for node in body if not isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef) and not _is_constant(node)]
    assert ast.unparse(acts[0]) == f"seen = session.require(Permission.{permission})"


def _is_constant(node: ast.stmt) -> bool:
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or (isinstance(node, ast.Assign) and not any(isinstance(part, ast.Call) for part in ast.walk(node)))


def test_every_page_file_is_in_the_menu_and_the_other_way_round() -> None:
    assert {file.stem for file in PAGES} == set(navigation.BY_NAME)


def test_the_entry_script_has_no_pages_folder_beside_it() -> None:
    assert not (ROOT / "components" / "pages").exists()


@pytest.mark.parametrize("file", CONSOLE, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_are_short_and_say_what_they_are_for(file: Path) -> None:
    text = file.read_text("utf-8")
    assert len(text.splitlines()) <= 260
    assert ast.get_docstring(ast.parse(text))


def sentences() -> list[tuple[str, str]]:
    def walk(name: str, found: object) -> list[tuple[str, str]]:
        if isinstance(found, dict):
            return [pair for key, inner in found.items() for pair in walk(f"{name}.{key}", inner)]
        return [(name, str(found))]

    return [pair for file in TEXTS for pair in walk(file.stem, tomllib.loads(file.read_text("utf-8")))]


def test_texts_have_no_entity_no_exclamation_and_no_stray_space() -> None:
    for key, sentence in sentences():
        assert not re.search(r"&[a-z]+;", sentence), key
        assert "!" not in sentence, key
        assert sentence == sentence.strip(), key
        assert "  " not in sentence, key


def test_every_text_that_code_asks_for_is_written() -> None:
    known = {key for key, _ in sentences()}
    for file in CONSOLE:
        for key in re.findall(r"""\bsay\(\s*["']([a-z_]+(?:\.[A-Za-z_-]+)+)["']""", file.read_text("utf-8")):
            assert key in known, (file.name, key)
        for key in re.findall(r"""\bwords\(\s*["']([a-z_]+)["']""", file.read_text("utf-8")):
            assert f"circuit_acts.{key}" in known, (file.name, key)


@pytest.mark.parametrize(
    "hostile",
    [
        "[a](http://evil.example)",
        "![x](data:image/png;base64,AA)",
        "**b** _i_ `c`",
        ":red[x] :smile: $x^2$",
        "<b>x</b> &nbsp;",
        "www.evil.example",
        "a@evil.example",
        "# h\n- l",
        "https://evil.example/x",
    ],
)
def test_values_from_outside_form_no_link_no_image_and_no_directive(hostile: str) -> None:
    escaped = markup.text(hostile)
    bare = re.sub(r"\\.", "", escaped)
    assert not re.search(r"[\[\]()*_`$<>#&]", bare)
    assert "\n" not in escaped
    assert not re.search(r"(?i)://|www\.", escaped.replace("\\", ""))
    assert "@" not in escaped or "@\u2060" in escaped


def test_an_identifier_in_code_type_cannot_end_it() -> None:
    assert markup.code("a`b\nc") == "`a'b c`"


def test_every_key_of_every_text_can_be_read() -> None:
    wording.read_all()
    assert wording.say("frame.pause")


def test_the_source_archive_holds_source_and_no_state() -> None:
    names = {str(file.relative_to(ROOT)) for file in source_copy.files()}
    assert {"app.py", "pages/now.py", "components/gate.py", "backend/errors.py", "LICENSE"} <= names
    assert not any(re.search(r"^(var|demo|\.venv|\.git|\.env)(/|$)|__pycache__|\.db$", name) for name in names)
