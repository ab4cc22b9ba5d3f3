"""audit."""

import streamlit as st

from backend.actor import Permission
from components import session

seen = session.require(Permission.READ_OWN_ACTS)
st.markdown("# Audit")
