"""Which reviews of opportunities a person has to do with."""

from moonbridge.cooperation.review.reach import panels_run, panels_seated, rounds_of_office

__all__ = ["panels_run", "panels_seated", "rounds_of_office"]
