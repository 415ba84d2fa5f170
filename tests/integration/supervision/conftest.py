"""The sample bureau, as for the walks of the processes."""

from tests.processes.conftest import bureau

__all__ = ["bureau"]
