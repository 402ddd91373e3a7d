"""The front door: the only place that reads the environment and the clock; it puts the parts together."""
