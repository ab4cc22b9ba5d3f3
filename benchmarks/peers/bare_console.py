"""The barest multipage Streamlit application, with the console's own process settings and start-up."""

from pathlib import Path

import streamlit as st

from components import startup

startup.configure()
app = st.App(Path(__file__).parent / "bare_entry.py", lifespan=startup.lifespan)
