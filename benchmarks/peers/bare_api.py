"""The barest route that gives the same bytes: what the framework and its server cost alone. ``BARE_API_CONTENT`` names the file."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import Response

CONTENT = Path(os.environ["BARE_API_CONTENT"]).read_bytes()
app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, telemetry={"tracing": False, "metrics": False, "logs": False})


@app.post("/v1/charts")
async def chart() -> Response:
    return Response(CONTENT, media_type="application/json")
