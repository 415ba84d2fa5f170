"""Who approves: strategies that find people, policies for nobody, oneself and the same again, and who may not act at all."""
