"""The report as people read it: one description of its sections, from which every format is made."""
