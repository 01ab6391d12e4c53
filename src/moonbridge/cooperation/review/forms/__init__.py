"""Forms of this stage."""
