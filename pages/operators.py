"""operators."""

import streamlit as st

from backend.actor import Permission
from components import session

seen = session.require(Permission.VIEW_OPERATORS)
st.markdown("# Operators")
