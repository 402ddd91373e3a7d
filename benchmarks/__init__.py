"""What the service does in how much time, measured on the real commands with the embedded servers."""
