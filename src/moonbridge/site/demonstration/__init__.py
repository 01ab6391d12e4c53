"""The demonstration: replays of real calls, and two synthetic calls that are labelled synthetic wherever they appear."""
