"""The front door: the only place that reads the environment and the clock, and where the parts are put together."""
