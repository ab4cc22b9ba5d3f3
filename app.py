"""The console as an ASGI application, and nothing else: ``uvicorn app:app`` or ``streamlit run app.py``."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from components import frame, policy, source_copy, startup, theme_message
from components.gate import Gate
from components.headers import SecurityHeaders
from components.login import Login
from components.static_files import CompressedFiles

HERE = Path(__file__).resolve().parent

startup.configure()
theme_message.keep()
# The entry script lies in components/, where no pages/ folder is its neighbour: beside one, Streamlit would run any file of it by name.
app = st.App(
    HERE / "components" / "entry.py",
    routes=[*Login(startup.parts, startup.address).routes(), *source_copy.routes()],
    middleware=[
        Middleware(SecurityHeaders, address=startup.address, scripts=policy.inline_scripts(policy.installed_page())),
        Middleware(Gate, address=startup.address, knows=startup.knows),
        Middleware(CompressedFiles, root=Path(st.__file__).parent / "static"),
    ],
    lifespan=startup.lifespan,
    on_script_error=frame.script_failed,
)
