"""Calls that leave the house: where they may go is configured, and nothing a model writes can widen it.

Only the standard library. Everything goes through ``OutgoingCaller``, which jobs use: never inside a transaction.
"""

from engine.outgoing.caller import CallRefused, OutgoingCaller, OutgoingFailed
from engine.outgoing.policy import AllowRule, OutgoingPolicy, PolicyRefused

__all__ = ["AllowRule", "CallRefused", "OutgoingCaller", "OutgoingFailed", "OutgoingPolicy", "PolicyRefused"]
