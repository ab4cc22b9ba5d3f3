"""playground."""

import streamlit as st

from backend.actor import Permission
from components import session

seen = session.require(Permission.COMPUTE_CHARTS)
st.markdown("# Playground")
