"""The routes of the board's server: one page per sitting, and record upload and download."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse
from nicegui import app, run, ui

from selfplay.board.house import House
from selfplay.board.page import Page
from selfplay.board.records import save_record
from tengen.errors import UserError

_HEAD = '<link rel="stylesheet" href="/board/board.css"><script src="/board/board.js" defer></script>'


def add_routes(house: House) -> None:
    """`/` opens a sitting, `/game/NUMBER` shows it, so a reload or a second tab finds the same game."""

    @ui.page("/")
    def begin() -> Response:
        try:
            return RedirectResponse(f"/game/{house.begin().number}", 303)
        except UserError as error:
            return PlainTextResponse(f"{error}\n", 503)

    @ui.page("/game/{number}")
    def game(number: str) -> RedirectResponse | None:
        sitting = house.find(number)
        if sitting is None:
            return RedirectResponse("/", 303)
        ui.add_head_html(_HEAD)
        Page(house, sitting).build()
        return None

    @app.post("/game/{number}/sgf")
    async def put(number: str, request: Request) -> Response:
        sitting = house.find(number)
        if sitting is None:
            return JSONResponse({"error": "that game is gone"}, 404)
        data = await request.body()
        try:
            said = await run.io_bound(house.open, sitting, data)
        except UserError as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"said": said})

    @app.get("/game/{number}/sgf")
    def get(number: str) -> Response:
        sitting = house.find(number)
        if sitting is None:
            return JSONResponse({"error": "that game is gone"}, 404)
        try:
            with sitting.lock:
                data = save_record(sitting.tree, sitting.name(1), sitting.name(-1), sitting.rules, sitting.about)
        except UserError as error:
            return JSONResponse({"error": str(error)}, 400)
        headers = {"content-disposition": 'attachment; filename="game.sgf"'}
        return Response(data, media_type="application/x-go-sgf", headers=headers)
