"""Which decisions matter: the permutation importance of each (Breiman 2001, "Random forests", section 10)
of a random forest (scikit-learn's) that was fitted to the trials of a study; of costs their
logarithms, so that a few far ones are not all that counts. Shared by a picture and a report."""

import math
import statistics

import metrics
import paper

TREES, TRIALS, REPEATS, SEED = 32, 2400, 3, 0
LEAST_TRIALS = 40  # below, a forest says nothing
TESTED = 4         # every so manyth trial is held out; importance is told on those


def columns(rows):
    """The decisions that take several values."""
    names = [name for name in rows[0] if name.startswith(("net.", "hw."))]
    return [name for name in names if len({row[name] for row in rows}) > 1]


def thinned(rows, count):
    """At most so many, evenly spread."""
    if len(rows) <= count:
        return rows
    return [rows[i * len(rows) // count] for i in range(count)]


def coded(rows, names):
    """Choices as numbers: themselves where all are, else their place among the names."""
    table = []
    for name in names:
        values = [row[name] for row in rows]
        try:
            table.append([float(value) if value else -1.0 for value in values])
        except ValueError:
            order = {value: float(i) for i, value in enumerate(sorted(set(values)))}
            table.append([order[value] for value in values])
    return list(zip(*table))


def shuffled_losses(model, inputs, values):
    """Of each column how much R2 falls, for each of REPEATS shuffles; and R2 itself. The same as scikit-learn's
    permutation_importance, which asks the forest once a shuffle: to ask it of all shuffles at once takes a
    seventh of the time."""
    import numpy
    from sklearn.metrics import r2_score
    table = numpy.asarray(inputs, dtype=numpy.float32)
    whole = r2_score(values, model.predict(table))
    random = numpy.random.RandomState(SEED)
    orders = [random.permutation(len(table)) for _ in range(REPEATS)]
    shuffled = numpy.tile(table, (table.shape[1], REPEATS, 1, 1))
    for column in range(table.shape[1]):
        for repeat, order in enumerate(orders):
            shuffled[column, repeat, :, column] = table[order, column]
    found = model.predict(shuffled.reshape(-1, table.shape[1])).reshape(shuffled.shape[:3])
    return [[whole - r2_score(values, each) for each in of_column] for of_column in found], whole


def importances(rows, figure):
    """Of each decision how much the forest's R2 on held-out trials falls, its mean over shuffles, when
    its column is shuffled; and that R2. `rows` have the figure as a number, or none."""
    try:
        from sklearn.ensemble import RandomForestRegressor
    except ImportError:
        raise paper.BadInput("this needs scikit-learn; on Debian: apt install python3-sklearn") from None
    rows = thinned([row for row in rows if row[figure] is not None], TRIALS)
    if len(rows) < LEAST_TRIALS:
        raise paper.BadInput(f"found {len(rows)} trials with the figure {figure}, allowed "
                             f"{LEAST_TRIALS} or more")
    names = columns(rows)
    values = [row[figure] for row in rows]
    if min(values) > 0 and figure not in metrics.MAXIMISED:
        values = [math.log(value) for value in values]
    inputs = coded(rows, names)
    held_out = [i % TESTED == 0 for i in range(len(rows))]

    def part(table, tested):
        return [entry for entry, out in zip(table, held_out) if out == tested]

    model = RandomForestRegressor(TREES, min_samples_leaf=2, random_state=SEED, max_features=0.5)
    model.fit(part(inputs, False), part(values, False))
    losses, whole = shuffled_losses(model, part(inputs, True), part(values, True))
    shares = [(name, statistics.fmean(of_column), statistics.pstdev(of_column))
              for name, of_column in zip(names, losses)]
    return sorted(shares, key=lambda share: (-share[1], share[0])), whole
