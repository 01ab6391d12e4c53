"""Choosing a portfolio within an envelope: the best one, proven, and an honest answer to "why not mine?"."""
