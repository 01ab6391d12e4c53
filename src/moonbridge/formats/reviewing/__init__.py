"""Files of a review: reviewers, proposals, bids, conflicts and scores in; assignments and merits out. All are CSV.

Within a cell, ``;`` separates members of a list, and ``|`` separates texts.
"""
