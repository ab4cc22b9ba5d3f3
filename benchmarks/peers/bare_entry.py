"""An entry that registers as many pages as the console does, the bare one first, and runs the one asked for."""

from pathlib import Path

import streamlit as st

BARE = Path(__file__).parent / "bare_page.py"
others = [st.Page(BARE, title=f"Page {number}", url_path=f"page{number}") for number in range(2, 8)]
st.navigation([st.Page(BARE, title="Bare", default=True), *others]).run()
