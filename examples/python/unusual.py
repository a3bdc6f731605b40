"""What is unusual in a stream, in cells: run them one by one in an editor or a
notebook, or all at once:

    python examples/python/unusual.py unusual.svg

Needs numpy.
"""

# %% Failed logons of a week, counted in buckets of half an hour. Office hours
# have more of them; on Saturday night somebody guesses passwords.
import sys

import numpy as np

import tocsin.detectors

SPAN = 1800
START = np.datetime64("2026-01-12T00:00", "s")
times = START + SPAN * np.arange(14 * 48)
hours = np.arange(len(times)) % 48 / 2
days = np.arange(len(times)) // 48 % 7
at_work = (hours > 8) & (hours < 18) & (days < 5)
counts = np.where(at_work, 12, 2) + np.arange(len(times)) * 7 % 5
attack = 12 * 48 + 5
counts[attack : attack + 4] += [9, 25, 31, 12]

# %% Each bucket is judged by those before it, then learned.
seen = tocsin.detectors.CountModel("high").update(counts, times)
score = tocsin.detectors.absolute_score(seen.probability)
known = np.arange(len(times)) >= 96  # The first morning is news; so what.
score = np.where(known, score, 0)
# One trouble is one alert: only its beginning is passed on.
onset = tocsin.detectors.Onset(rows=24).update(score)

for row in np.flatnonzero(onset >= 50):
    print(f"{times[row]}  score {onset[row]:.0f}  {counts[row]} failed logons, "
          f"{seen.typical[row]:.0f} expected")

# %% Who was it? Addresses that hardly ever show up, a bucket at a time.
addresses = [f"192.0.2.{1 + row % 9}" for row in range(len(times))]
addresses[attack + 1] = "203.0.113.66"
rare = tocsin.detectors.Rarity(SPAN).update(addresses, np.arange(len(times)))
row = int(np.argmin(np.where(known, rare.probability, 1)))
print(f"{times[row]}  {addresses[row]}: in 1 of {rare.one_in[row]:.0f} buckets")

# %% The same to look at: counts, what was expected, and what was found.
WIDTH, HEIGHT, MOST = 1000, 240, 60


def place(rows: np.ndarray, values: np.ndarray) -> str:
    x = rows * WIDTH / len(times)
    y = HEIGHT - np.minimum(values, MOST) * HEIGHT / MOST
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y))


rows = np.arange(len(times))
band = place(rows, seen.upper) + " " + place(rows[::-1], seen.lower[::-1])
marks = "\n".join(
    f'<circle cx="{row * WIDTH / len(times):.1f}" '
    f'cy="{HEIGHT - min(counts[row], MOST) * HEIGHT / MOST:.1f}" r="6" fill="none" '
    f'stroke="#c0392b" stroke-width="2"><title>{times[row]}: {counts[row]}, '
    f"score {score[row]:.0f}</title></circle>"
    for row in np.flatnonzero(onset >= 50)
)
svg = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT + 24}"
 font-family="sans-serif" font-size="12">
<title>Failed logons</title>
<polygon points="{band}" fill="#d6e6f2"/>
<polyline points="{place(rows, seen.typical)}" fill="none" stroke="#7fa8c9"/>
<polyline points="{place(rows, counts)}" fill="none" stroke="#2c3e50"/>
{marks}
<text x="4" y="{HEIGHT + 18}">Failed logons, half an hour each, from {times[0]};
 blue: what was expected, red: unusual</text>
</svg>
"""
if len(sys.argv) > 1:
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(svg)
