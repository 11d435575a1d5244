"""The statistical sign-in score of Freeman et al., "Who are you?" (NDSS 2016), as a reference to measure ours against.

    S(x, u) = Π over features p(x) / p(x|u)  ·  p(attack|u) / p(u)        p(attack|u) = 1/|U|,  p(u) = n_u / N

Features and levels as in the published open implementations: address (address, network, country; weights .6, .3, .1) and agent
(agent, browser, system, kind; weights .5387, .2680, .1882, .0051), each a weighted sum over its levels. Smoothing is theirs too:
only the first level is smoothed, with M the levels on which the value was never seen, and what an account has never shown on any
level counts a quarter of what all accounts show. That last rule is what makes the score not monotone: a value known in part may
score worse than one not known at all (tests/quality/test_freeman.py shows it).

Written from the description; it learns from every successful login, as those implementations do.
"""
from collections import Counter, defaultdict
from math import log

WEIGHTS = {"address": (0.6, 0.3, 0.1), "agent": (0.5387, 0.2680, 0.1882, 0.0051)}


def smoothed(weights, counts, total):
    """Weighted sum over the levels; `counts` are those of the value on each level."""
    unseen = sum(count == 0 for count in counts)
    first = counts[0] / total * (1 - unseen / (total + unseen)) if counts[0] else 1 / (total + unseen)
    return weights[0] * first + sum(weight * count / total for weight, count in zip(weights[1:], counts[1:]))


class Freeman:
    def __init__(self):
        self.logins = 0
        self.of_all = {feature: tuple(Counter() for _ in weights) for feature, weights in WEIGHTS.items()}
        self.of_account = {feature: tuple(defaultdict(Counter) for _ in weights) for feature, weights in WEIGHTS.items()}
        self.logins_of = Counter()

    def score(self, account, features):
        """Natural logarithm of S; None for an account or a population without a login yet."""
        own = self.logins_of[account]
        if not own:
            return None
        result = log(self.logins / (len(self.logins_of) * own))
        for feature, values in features.items():
            weights = WEIGHTS[feature]
            everybody = smoothed(weights, [level[value] for level, value in zip(self.of_all[feature], values)], self.logins)
            counts = [level[account][value] for level, value in zip(self.of_account[feature], values)]
            owner = smoothed(weights, counts, own) if any(counts) else everybody / 4
            result += log(everybody / owner)
        return result

    def learn(self, account, features):
        self.logins += 1
        self.logins_of[account] += 1
        for feature, values in features.items():
            for level, value in zip(self.of_all[feature], values):
                level[value] += 1
            for level, value in zip(self.of_account[feature], values):
                level[account][value] += 1
