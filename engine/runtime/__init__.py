"""The BPMN vocabulary as plain values; no library, no database."""
