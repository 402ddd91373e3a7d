"""Read models: folds of the sealed record into rows, and what screens, workers and reports ask of them."""
