#include "tests/sim/check.h"

#include <algorithm>

#include "base/bytes.h"
#include "daemon/engine/commit_record.h"
#include "tests/sim/client.h"
#include "tests/sim/ledger.h"

namespace tocsin::sim {
namespace {

const std::string kCommitKey(1, '\0');

std::multiset<std::string> CommittedIn(Cluster& cluster, const std::string& topic) {
  std::multiset<std::string> values;
  for (int32_t partition = 0; partition < cluster.partitions(); ++partition) {
    for (const Entry& entry : cluster.log(topic, partition).entries) {
      if (entry.state == Entry::State::kCommitted) values.insert(entry.value);
    }
  }
  return values;
}

// What is in `a` and not in `b`, duplicates counted; the first of it for a person.
std::string Surplus(const std::multiset<std::string>& a, const std::multiset<std::string>& b) {
  std::vector<std::string> surplus;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(surplus));
  if (surplus.empty()) return "";
  return std::to_string(surplus.size()) + ", the first is \"" + surplus.front() + "\"";
}

std::string CheckChain(Cluster& cluster, int32_t partition) {
  uint64_t sequence = 0;
  uint64_t chain = 0;
  uint64_t records = 0;
  std::map<std::string, int64_t> positions;
  const std::string where = "partition " + std::to_string(partition) + ": ";
  for (const Entry& entry : cluster.log(kChangelog, partition).entries) {
    if (entry.state != Entry::State::kCommitted) continue;
    if (entry.key != kCommitKey) {
      chain = daemon::ExtendChain(chain, entry.key, entry.value);
      ++records;
      continue;
    }
    const auto record = daemon::DecodeCommitRecord(entry.value);
    if (!record) return where + "a commit record cannot be read";
    if (record->sequence != ++sequence)
      return where + "commit " + std::to_string(sequence) + " is followed by " +
             std::to_string(record->sequence);
    if (record->segments != records || record->chain != chain)
      return where + "commit " + std::to_string(sequence) + " does not close the chain";
    for (const auto& position : record->positions) {
      if (position.next < positions[position.topic]) return where + "a position goes back";
      positions[position.topic] = position.next;
    }
    records = 0;
  }
  if (records != 0) return where + "a part of a commit without its commit record";
  for (const auto& [topic, next] : positions) {
    const auto offset = cluster.offsets().find({topic, partition});
    if (offset == cluster.offsets().end() || offset->second != next)
      return where + "the group's offset is not the position of the last commit";
  }
  return "";
}

void Fold(const Log& log, int64_t from, bool with_removed, std::map<std::string, std::string>& states) {
  for (int64_t i = from; i < log.end(); ++i) {
    const Entry& entry = log.entries[static_cast<size_t>(i)];
    if (entry.state != Entry::State::kCommitted || (entry.removed && !with_removed) ||
        entry.key == kCommitKey)
      continue;
    if (entry.value.empty()) {
      states.erase(entry.key);
    } else {
      states[entry.key] = entry.value;
    }
  }
}

// Where the input is not read to its end.
std::string Unread(Cluster& cluster) {
  for (int32_t partition = 0; partition < cluster.partitions(); ++partition) {
    for (const std::string& topic : kInputs) {
      const int64_t end = cluster.log(topic, partition).end();
      const auto offset = cluster.offsets().find({topic, partition});
      const int64_t next = offset == cluster.offsets().end() ? 0 : offset->second;
      if (next != end)
        return topic + "/" + std::to_string(partition) + " stands at " + std::to_string(next) + " of " +
               std::to_string(end);
    }
  }
  return cluster.Quiet() ? "messages are on their way" : "a transaction is open";
}

}  // namespace

bool AllRead(Cluster& cluster) {
  for (int32_t partition = 0; partition < cluster.partitions(); ++partition) {
    for (const std::string& topic : kInputs) {
      const int64_t end = cluster.log(topic, partition).end();
      const auto offset = cluster.offsets().find({topic, partition});
      if (end > 0 && (offset == cluster.offsets().end() || offset->second != end)) return false;
    }
  }
  return true;
}

std::string CheckWorld(Cluster& cluster, bool drained, bool& repeated) {
  const Truth truth = Expect(cluster);
  const auto lines = CommittedIn(cluster, kOutput);
  const auto letters = CommittedIn(cluster, kLetters);
  const std::string surplus = Surplus(lines, truth.lines);
  const std::string letters_surplus = Surplus(letters, truth.letters);
  repeated = !surplus.empty() || !letters_surplus.empty();
  if (!surplus.empty()) return "outputs that should not be there: " + surplus;
  if (!letters_surplus.empty()) return "dead letters that should not be there: " + letters_surplus;
  if (!drained) return "not done in the end: " + Unread(cluster);
  if (const auto lost = Surplus(truth.lines, lines); !lost.empty()) return "outputs are missing: " + lost;
  if (const auto lost = Surplus(truth.letters, letters); !lost.empty())
    return "dead letters are missing: " + lost;
  for (int32_t partition = 0; partition < cluster.partitions(); ++partition) {
    if (std::string broken = CheckChain(cluster, partition); !broken.empty()) return broken;
    for (const bool with_removed : {false, true}) {
      std::map<std::string, std::string> states;
      Fold(cluster.log(kChangelog, partition), 0, with_removed, states);
      if (states != truth.segments.at(partition))
        return "partition " + std::to_string(partition) + ": the states in the changelog are not the input's";
    }
  }
  return "";
}

std::string CheckDisk(Cluster& cluster, const Disk& disk, int64_t now) {
  const Truth truth = Expect(cluster);
  for (const auto& [name, image] : disk.images) {
    if (!image.mark || image.mark_unreadable || image.states_unreadable) continue;
    if (std::abs(now - ToMillis(image.mark->written_at)) > Cluster::kDeletionsKeptMillis / 2 - 3'600'000)
      continue;
    const int32_t partition = std::stoi(name.substr(name.find('-') + 1));
    std::map<std::string, std::string> states;
    for (const auto& [key, value] : image.states) {
      for (ByteReader reader(value); reader.ok() && !reader.AtEnd();) {
        const uint8_t segment = reader.Byte();
        states[std::string(1, static_cast<char>(segment)) + key] = std::string(reader.String());
      }
    }
    Fold(cluster.log(kChangelog, partition), image.mark->changelog_next, false, states);
    if (states != truth.segments.at(partition))
      return name + ": the checkpoint and what follows it are not the input's states";
  }
  return "";
}

}  // namespace tocsin::sim
