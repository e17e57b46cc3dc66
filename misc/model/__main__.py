"""Writes the model and the pictures of the states anew: `python -m misc.model` (the pictures need Graphviz)."""

from misc.model import states
from misc.model.promela import MODEL, promela

if __name__ == "__main__":
    MODEL.write_text(promela())
    states.write()
