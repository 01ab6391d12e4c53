"""Pages of opportunities: public, following, questions, and the office's."""
