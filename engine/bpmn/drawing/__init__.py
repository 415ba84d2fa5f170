"""The parts of the picture: geometry from BPMN DI or from our own layout, text, icons, shapes and edges as SVG."""
