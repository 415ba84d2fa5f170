"""The command line, and the one place where all parts are put together.

``launcher``, ``installation``, ``assets``, ``arguments`` and ``console`` use the standard library only: they run before
anything is installed. Every other module here may import what it needs.
"""
