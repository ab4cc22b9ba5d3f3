"""The barest page: a title and a line."""

import streamlit as st

st.title("Bare")
st.write("Nothing else.")
