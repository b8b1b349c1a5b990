"""Each 1 September schools sign the Standards for Inclusion or are trained, and their pupils gain by it."""

from sim.engine.world import World


def sign_and_train(world: World, year: int) -> None:
    """Bring up to date which schools have signed and are trained, what their pupils gain, and whom they receive."""
    yearly, standards, schools = world.parameters.yearly, world.quantities.standards, world.schools
    signed, trained = (world.rules.in_year(series, year) for series in (yearly.signed_share, yearly.trained_share))
    if not (signed or trained or schools.any_trained):
        return
    for school in schools.sign_and_train(signed, trained, standards.correlation.value):
        world.journal.rows["sign_ups"].extend((school.index, world.now, school.is_signed, school.is_trained))
    schools.weigh(standards.displacement.value)
    schools.give(world.rules.effects)
    for pupil in world.pupils.values():
        world.apply_school_effects(pupil)
