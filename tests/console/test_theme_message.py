"""The theme that is sent with every run: read from the options once, the same as Streamlit writes it."""

from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from components import theme_message

SECTIONS = ["theme", *(f"theme.{category.value}" for category in config.CustomThemeCategories)]


def test_each_section_is_what_streamlit_writes() -> None:
    copied = theme_message.written_once(app_session._populate_theme_msg)
    for section in SECTIONS:
        written, first, second = CustomThemeConfig(), CustomThemeConfig(), CustomThemeConfig()
        app_session._populate_theme_msg(written, section)
        copied(first, section)
        copied(second, section)
        assert written == first == second


def test_options_are_read_once_a_section() -> None:
    read: list[str] = []

    def write(msg: CustomThemeConfig, section: str = "theme") -> None:
        read.append(section)
        msg.primary_color = section

    copied = theme_message.written_once(write)
    for section in ("theme", "theme.dark", "theme", "theme.dark"):
        message = CustomThemeConfig()
        copied(message, section)
        assert message.primary_color == section
    assert read == ["theme", "theme.dark"]


def test_what_is_sent_can_be_changed_by_nobody_after() -> None:
    def write(msg: CustomThemeConfig, section: str = "theme") -> None:
        msg.primary_color = f"a colour of {section}"

    copied = theme_message.written_once(write)
    first, second = CustomThemeConfig(), CustomThemeConfig()
    copied(first, "theme")
    first.primary_color = "#000000"
    first.dark.primary_color = "#FFFFFF"
    copied(second, "theme")
    assert second == CustomThemeConfig(primary_color="a colour of theme")
