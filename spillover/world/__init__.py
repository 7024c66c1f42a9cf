"""A known world: made up from a seed, so that what collectors would have seen of it can be held against what was true.

``simulate`` writes what collectors would have seen, as records that the ordinary import reads, and the truth beside it;
``score`` imports them, asks the ordinary questions and compares. Nothing here is about anybody: no post of it exists.
"""
