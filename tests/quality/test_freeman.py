"""The reference: that it tells owner from stranger, and the defect that ours does not have."""
from math import exp

from freeman import Freeman


def login(address, network, country, agent="Chrome 138", browser="Chrome", system="Windows", kind="desktop"):
    return {"address": (address, network, country), "agent": (agent, browser, system, kind)}


def population():
    reference = Freeman()
    for account in range(200):
        for day in range(10):
            reference.learn(f"other-{account}", login(f"10.0.{account}.{day}", 100 + account % 4, "DE"))
    return reference


def test_a_stranger_scores_above_the_owner():
    reference = population()
    for _ in range(20):
        reference.learn("a", login("192.0.2.1", 101, "DE"))
    owner = reference.score("a", login("192.0.2.1", 101, "DE"))
    abroad = reference.score("a", login("198.51.100.9", 900, "NG", "Firefox 128", "Firefox", "Linux"))
    assert abroad > owner


def test_the_first_login_of_an_account_has_no_score():
    assert population().score("nobody", login("192.0.2.1", 101, "DE")) is None


# Ours: RarityTest.KnownInPartIsNeverWorseThanNotAtAll.
def test_known_in_part_scores_worse_than_not_at_all():
    reference = population()
    reference.learn("a", login("192.0.2.1", 101, "DE"))
    for day in range(100):
        reference.learn("a", login(f"198.51.100.{day}", 500, "JP"))
    back_at_home = reference.score("a", login("192.0.2.99", 101, "DE"))
    never_seen = reference.score("a", login("203.0.113.5", 900, "NG"))
    assert exp(back_at_home - never_seen) > 3
