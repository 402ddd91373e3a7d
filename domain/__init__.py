"""The pure core: what a mentoring programme's facts and the passing of time cause, and nothing else."""
