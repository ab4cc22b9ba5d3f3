"""What a click on a plain button does: an act of whoever is signed in now, and what came of it, to be said once."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from backend.actor import Actor
from backend.errors import InvalidRequest, ServiceError
from components import session


def done(outcome: str, act: Callable[[Actor], object], *, told: str, problem: str) -> bool:
    """Whether it was done; then ``outcome`` stands in the session's state under ``told``, else what went wrong under ``problem``."""
    seen = session.current(active=True)
    if seen is None:
        return False
    try:
        act(seen.actor)
    except InvalidRequest as error:
        st.session_state[problem] = " ".join(one.detail for one in error.problems) or error.detail
    except ServiceError as error:
        st.session_state[problem] = error.detail
    else:
        st.session_state[told] = outcome
        return True
    return False
