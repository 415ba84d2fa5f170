"""Cases 办件: filing, intake, correction, decision, documents; their clocks suspended and extended."""
