"""The demonstration: replays of real calls, and three synthetic calls that are labelled synthetic wherever they appear."""
