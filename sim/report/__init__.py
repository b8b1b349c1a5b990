"""Results for people: figures, tables in plain words, the pathway map and pupils' stories.

Import the module you need (`from sim.report import figures`): drawing libraries load only with the modules
that draw, so that the command line answers at once.
"""
