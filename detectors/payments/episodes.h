// Too many of something in a sliding window, as a function of the set of events.
//
// An item is OVER when its window, which ends with it, holds too many (the detector says what that is). An
// episode is a run of over items with gaps of at most one window; it is named after its first over item, and
// grows. An event is judged by the difference it makes: episodes that are there only with it, or that it is
// part of, are claimed; those that are there only without it are retracted. So the order of arrival does not
// matter, and nothing need be remembered of claims made. A run that outlasts what the account remembers keeps
// its name by `run_gap`.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "detectors/verdict.h"

namespace tocsin::detectors {

struct Episode {
  size_t first = 0;  // Indices of its first and its last over item.
  size_t last = 0;
};

// `Item` has `at` and `event_id`; items are in order of time. over[i]: item i is over.
template <class Item>
[[nodiscard]] std::vector<Episode> FindEpisodes(const std::vector<Item>& items, const std::vector<bool>& over,
                                                Millis window) {
  std::vector<Episode> episodes;
  for (size_t i = 0; i < items.size(); ++i) {
    if (!over[i]) continue;
    if (!episodes.empty() && items[i].at - items[episodes.back().last].at <= window) {
      episodes.back().last = i;
    } else {
      episodes.push_back({i, i});
    }
  }
  return episodes;
}

// First index of the window (items[i].at − window, items[i].at]; `begin` is that of an earlier item.
template <class Item>
[[nodiscard]] size_t WindowBegin(const std::vector<Item>& items, size_t i, Millis window, size_t begin) {
  while (items[i].at - items[begin].at >= window) ++begin;
  return begin;
}

// Claims and retracts what the event at `own_at` changes between the lists `before` and `after`.
// `mark(items)` says which items are over; `make(items, episode)` makes a claim without cause and time.
template <class Item, class Mark, class Make>
void JudgeEpisodes(const std::vector<Item>& before, const std::vector<Item>& after, Millis window,
                   Timestamp own_at, const std::string& discriminator, Mark mark, Make make,
                   Verdict& verdict) {
  const std::vector<Episode> episodes = FindEpisodes(after, mark(after), window);
  const std::vector<Episode> known = FindEpisodes(before, mark(before), window);
  const auto names_of = [](const std::vector<Item>& items, const std::vector<Episode>& list) {
    std::vector<std::string_view> names;
    names.reserve(list.size());
    for (const Episode& episode : list) names.push_back(items[episode.first].event_id);
    std::ranges::sort(names);
    return names;
  };
  const std::vector<std::string_view> names = names_of(after, episodes);
  const std::vector<std::string_view> known_names = names_of(before, known);
  for (const Episode& episode : episodes) {
    const Item& first = after[episode.first];
    const bool part = first.at - window < own_at && own_at <= after[episode.last].at;
    if (!part && std::ranges::binary_search(known_names, first.event_id)) continue;
    Claim claim = make(after, episode);
    claim.cause = {std::string(first.event_id)};
    claim.discriminator = discriminator;
    claim.occurred_at = after[episode.last].at;
    claim.run_gap = window;
    verdict.Add(std::move(claim));
  }
  for (const Episode& episode : known) {
    const std::string_view id = before[episode.first].event_id;
    if (!std::ranges::binary_search(names, id))
      verdict.Retract({.detector = {}, .cause = {std::string(id)}, .discriminator = discriminator});
  }
}

}  // namespace tocsin::detectors
