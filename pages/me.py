"""me."""

import streamlit as st

from backend.actor import Permission
from components import session

seen = session.require(Permission.MANAGE_OWN_SESSIONS)
st.markdown("# Me")
