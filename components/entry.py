"""The script that Streamlit runs: every page is reached through here."""

from components import navigation

navigation.run()
