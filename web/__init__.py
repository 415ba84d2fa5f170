"""The room of Flask: pages for people and the API for programs, thin over the process engine."""

from web.app import create_app
from web.frame.settings import WebSettings

__all__ = ["WebSettings", "create_app"]
