"""The pages: the same read models as the API, laid out for a person."""
