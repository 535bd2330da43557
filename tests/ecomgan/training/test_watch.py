"""The best evaluation, early stops and the copying alarm."""

from ecomgan.training.config import TrainConfig
from ecomgan.training.watch import KD, RATIO, Watch

CONFIG = TrainConfig(images=1000, patience=2, copying_alarm=0.6)


def noted(*figures: dict[str, float]) -> Watch:
    watch = Watch()
    for step, found in enumerate(figures):
        watch.note(100 * step, found, CONFIG)
    return watch


def test_the_lowest_distance_is_the_best() -> None:
    watch = noted({KD: 30.0}, {KD: 20.0}, {KD: 25.0})
    assert (watch.best_images, watch.best_kd, watch.since_best) == (100, 20.0, 1)


def test_training_ends_after_so_many_evaluations_without_a_better_one() -> None:
    assert noted({KD: 20.0}, {KD: 30.0}).end(200, CONFIG) is None
    assert noted({KD: 20.0}, {KD: 30.0}, {KD: 21.0}).end(300, CONFIG) == "early_stop"
    assert noted({KD: 20.0}, {KD: 30.0}, {KD: 19.0}).end(300, CONFIG) is None


def test_without_patience_only_the_target_ends_it() -> None:
    config = TrainConfig(images=1000)
    watch = noted({KD: 20.0}, *[{KD: 30.0}] * 9)
    assert watch.end(999, config) is None
    assert watch.end(1000, config) == "target"


def test_images_close_to_training_photos_raise_an_alarm_that_says_how_close() -> None:
    alarm = noted({KD: 20.0, RATIO: 0.41}).alarm(CONFIG)
    assert alarm is not None
    assert "0.41" in alarm
    assert "0.60" in alarm


def test_an_alarm_goes_again_and_two_in_a_row_end_training() -> None:
    good, bad = {KD: 20.0, RATIO: 0.9}, {KD: 20.0, RATIO: 0.5}
    assert noted(bad, good).alarm(CONFIG) is None
    assert noted(bad, good, bad).end(300, CONFIG) is None
    assert noted(bad, bad).end(200, CONFIG) == "alarm"


def test_copies_are_never_the_best_however_close_they_come() -> None:
    watch = noted({KD: 20.0, RATIO: 0.9}, {KD: 1.0, RATIO: 0.2})
    assert watch.best_images == 0


def test_a_run_without_held_out_photos_has_no_best() -> None:
    assert noted({}, {}).best_images is None


def test_a_distance_that_is_no_number_is_never_the_best() -> None:
    watch = noted({KD: float("nan")}, {KD: 20.0}, {KD: float("inf")})
    assert (watch.best_kd, watch.since_best) == (20.0, 1)
