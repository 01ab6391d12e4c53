"""Lending samples: what a policy allows, until when, what is owed, and whether a return adds up. Pure: the day comes from outside."""
