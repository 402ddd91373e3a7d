"""What an auditor is handed, and how they check it without us."""
