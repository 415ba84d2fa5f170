"""The sample bureau, as for the walks of the processes."""

from tests.processes.conftest import _furnished_file, _furnished_server, bureau

__all__ = ["_furnished_file", "_furnished_server", "bureau"]
