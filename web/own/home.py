"""The front door: where one goes first, and whether the house stands."""

from flask import Blueprint, Response, jsonify, redirect, url_for
from werkzeug.wrappers import Response as BaseResponse

from web.frame.auth import services
from web.frame.policy import public, signed_in

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@signed_in
def index() -> BaseResponse:
    return redirect(url_for("inbox.index"), 303)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """For watchdogs: answers 200 when the database does."""
    services().engine.database.check()
    return jsonify({"status": "ok"})
