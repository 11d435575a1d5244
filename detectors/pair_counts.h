// Decayed counts of things in two levels: networks within countries, device families within systems. Counts
// are in the caller's unit (population.h lets it grow); their ratios are what is asked for.
//
// Invariant: entries are sorted by (upper, lower), no two alike, kPairsMax at most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace tocsin::detectors {

// What is known of one pair. A level's `kinds` are the different values seen in it.
struct PairTally {
  double lower = 0;  // Of the pair.
  double upper = 0;  // Of all pairs with its upper.
  double total = 0;
  int kinds_in_upper = 0;
  int uppers = 0;
};

class PairCounts {
 public:
  static constexpr size_t kPairsMax = 512;

  // Where the bound is reached the rarest pair goes: it is then as if it had never been seen.
  void Add(uint32_t upper, uint32_t lower, double weight);
  // All of another's, times `factor`.
  void Add(const PairCounts& more, double factor);
  [[nodiscard]] PairTally Of(uint32_t upper, uint32_t lower) const;
  void Scale(double factor);

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  void Encode(ByteWriter& writer) const;
  // False for bytes that Encode cannot have written.
  [[nodiscard]] bool Decode(ByteReader& reader);
  friend bool operator==(const PairCounts&, const PairCounts&) = default;

 private:
  struct Entry {
    uint32_t upper = 0;
    uint32_t lower = 0;
    double count = 0;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  void DropRarest();

  std::vector<Entry> entries_;
  double total_ = 0;  // Sum of the counts.
  int uppers_ = 0;
};

}  // namespace tocsin::detectors
