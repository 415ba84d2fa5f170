"""The room of SpiffWorkflow and lxml: reads, checks, draws and runs BPMN models."""
