"""Studies as files: a question, scenarios or a design of factors, and how often or how precisely to run them.

A study file is YAML; `experiments/` holds those that come along. Whatever it asks for becomes scenarios on a county,
so that a study of a design and a comparison of two scenarios are the same thing.
"""

from __future__ import annotations

from sim.experiments.experiment import Experiment, Point
from sim.experiments.reading import find_experiment, list_experiments, load_experiment
from sim.experiments.schema import Design, Factor, Levels, Precision, StudyFile, Target

__all__ = [
    "Design",
    "Experiment",
    "Factor",
    "Levels",
    "Point",
    "Precision",
    "StudyFile",
    "Target",
    "find_experiment",
    "list_experiments",
    "load_experiment",
]
