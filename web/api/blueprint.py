"""The one blueprint of the API; every noun adds its endpoints to it."""

from flask import Blueprint

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
