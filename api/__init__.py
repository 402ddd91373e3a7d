"""What programs and browsers touch: facts in, read models out, each router a function of what it needs."""
