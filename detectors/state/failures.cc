#include "detectors/state/failures.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

#include "detectors/state/room.h"
#include "detectors/state/strict_codec.h"

namespace tocsin::detectors {
namespace {

using schemas::FailureReason;

bool Before(const FailedAttempt& a, const FailedAttempt& b) {
  return std::tie(a.at, a.event_id) < std::tie(b.at, b.event_id);
}

Timestamp OldestKept(Timestamp newest) { return newest - std::min(Failures::kKept, newest - kTimestampMin); }

uint32_t SaturatingSum(uint32_t a, uint32_t b) {
  return b > std::numeric_limits<uint32_t>::max() - a ? std::numeric_limits<uint32_t>::max() : a + b;
}

constexpr uint8_t kHasAddress = 1;
constexpr uint8_t kHasDevice = 2;
constexpr uint8_t kHasFolded = 4;

}  // namespace

void Failures::Fold(size_t index) {
  FailedAttempt& into = attempts[index - 1];
  const FailedAttempt& gone = attempts[index];
  into.folded_until = std::max({into.end(), gone.end()});
  into.folded = SaturatingSum(into.folded, SaturatingSum(gone.folded, 1));
  attempts.erase(attempts.begin() + static_cast<std::ptrdiff_t>(index));
}

void Failures::Insert(FailedAttempt attempt, Timestamp newest) {
  const auto place = std::upper_bound(attempts.begin(), attempts.end(), attempt, Before);
  const auto index = place - attempts.begin();
  MakeRoom(attempts);
  attempts.insert(attempts.begin() + index, std::move(attempt));
  Prune(newest);
  if (attempts.size() <= kAttemptsMax) return;

  Timestamp run_end = attempts.front().end();
  for (size_t i = 1; i < attempts.size(); ++i) {
    if (attempts[i].at - run_end <= kRunGap) {
      Fold(i);
      return;
    }
    run_end = std::max(run_end, attempts[i].end());
  }
  // As many runs as attempts: more than fit into kKept, so the oldest has expired but for a late clock.
  attempts.erase(attempts.begin());
}

bool Failures::CanPrune(Timestamp newest) const {
  return !attempts.empty() && attempts.front().at < OldestKept(newest) &&
         // A run that goes on keeps its beginning.
         (attempts.front().end() < OldestKept(newest) ||
          (attempts.size() > 1 && attempts[1].at < OldestKept(newest)));
}

void Failures::Prune(Timestamp newest) {
  if (!CanPrune(newest)) return;
  const Timestamp oldest = OldestKept(newest);
  size_t begin = 0;  // Of the run looked at.
  while (begin < attempts.size() && attempts[begin].at < oldest) {
    size_t end = begin + 1;
    Timestamp run_end = attempts[begin].end();
    while (end < attempts.size() && attempts[end].at - run_end <= kRunGap) {
      run_end = std::max(run_end, attempts[end].end());
      ++end;
    }
    if (run_end < oldest) {
      attempts.erase(attempts.begin() + static_cast<std::ptrdiff_t>(begin),
                     attempts.begin() + static_cast<std::ptrdiff_t>(end));
    } else {
      while (begin + 1 < attempts.size() && attempts[begin + 1].at < oldest) Fold(begin + 1);
      return;
    }
  }
}

void Failures::Encode(ByteWriter& writer) const {
  writer.Varint(attempts.size());
  Timestamp previous = kTimestampMin;
  for (const FailedAttempt& attempt : attempts) {
    WriteTimeAfter(writer, previous, attempt.at);
    previous = attempt.at;
    WriteEventId(writer, attempt.event_id);
    writer.Byte(static_cast<uint8_t>((attempt.address_hash != 0 ? kHasAddress : 0) |
                                     (attempt.device_id_hash != 0 ? kHasDevice : 0) |
                                     (attempt.folded != 0 ? kHasFolded : 0)));
    if (attempt.address_hash != 0) writer.Fixed32(attempt.address_hash);
    if (attempt.device_id_hash != 0) writer.Fixed32(attempt.device_id_hash);
    writer.Varint(attempt.asn);
    writer.String(attempt.country);
    WriteEnum(writer, attempt.reason);
    if (attempt.folded != 0) {
      writer.Varint(attempt.folded);
      WriteTimeAfter(writer, attempt.at, attempt.folded_until);
    }
  }
}

bool Failures::Decode(ByteReader& reader, uint8_t /*version*/, Failures& into) {
  into.attempts.resize(ReadCount(reader, kAttemptsMax, 6));
  Timestamp previous = kTimestampMin;
  for (FailedAttempt& attempt : into.attempts) {
    attempt.at = previous = ReadTimeAfter(reader, previous);
    attempt.event_id = ReadEventId(reader);
    const uint8_t flags = reader.Byte();
    if (flags > (kHasAddress | kHasDevice | kHasFolded)) return false;
    if ((flags & kHasAddress) != 0) attempt.address_hash = reader.Fixed32();
    if ((flags & kHasDevice) != 0) attempt.device_id_hash = reader.Fixed32();
    const uint64_t asn = reader.Varint();
    if (asn > UINT32_MAX) return false;
    attempt.asn = static_cast<uint32_t>(asn);
    attempt.country = ReadText(reader, 2);
    attempt.reason = ReadEnum(reader, FailureReason::kOther);
    if ((flags & kHasFolded) != 0) {
      const uint64_t folded = reader.Varint();
      if (folded == 0 || folded > UINT32_MAX) return false;
      attempt.folded = static_cast<uint32_t>(folded);
      attempt.folded_until = ReadTimeAfter(reader, attempt.at);
    }
  }
  return reader.ok() && std::is_sorted(into.attempts.begin(), into.attempts.end(), Before);
}

size_t Failures::HeapBytes() const {
  size_t bytes = HeapBytesOf(attempts);
  for (const FailedAttempt& attempt : attempts)
    bytes += HeapBytesOf(attempt.event_id) + HeapBytesOf(attempt.country);
  return bytes;
}

}  // namespace tocsin::detectors
