// A Kafka-like cluster in memory: what its brokers promise, and nothing that they do not. Transactions with
// coordinators, epochs and markers that are written some time after a commit is decided; a group with
// generations; compaction that forgets deletions. Offsets and records are kept for ever behind the scenes, so
// that a test can ask what really happened.
//
// Requests are plain calls: what gets lost, late or double on the way is client.h's. Time comes in.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/sim/random.h"

namespace tocsin::sim {

enum class Answer {
  kDone,
  kAgain,       // Concurrent transactions: the same request later.
  kFenced,      // A newer epoch of the producer is there.
  kBadState,    // No such transaction.
  kGeneration,  // Not a member of this generation.
};

struct Entry {
  enum class State { kOpen, kCommitted, kAborted, kMarker };
  State state = State::kCommitted;
  int64_t producer = -1;
  std::string key;
  std::string value;
  int64_t time = 0;
  bool removed = false;            // By compaction: no reader sees it.
  std::optional<int64_t> horizon;  // Of a deletion: when it may be forgotten.
};

struct Log {
  std::vector<Entry> entries;  // The index is the offset.
  int64_t begin = 0;
  int64_t cleaned = 0;              // How far the cleaner has been.
  std::map<int64_t, int64_t> open;  // Producer to the first offset of its open transaction here.

  [[nodiscard]] int64_t end() const { return static_cast<int64_t>(entries.size()); }
  [[nodiscard]] int64_t stable() const;
};

struct Generation {
  int64_t number = -1;
  std::string member;
};

class Cluster {
 public:
  static constexpr int64_t kTransactionMillis = 10'000;
  static constexpr int64_t kPollMillis = 12'000;  // A member that does not ask for so long leaves by itself.
  static constexpr int64_t kDeletionsKeptMillis = 7 * 86'400'000LL;

  Cluster(Random& random, int partitions)
      : random_(random),
        partitions_(partitions),
        session_millis_(random.Chance(0.4) ? 3'000 : 15'000),
        rebalance_millis_(random.Chance(0.3) ? 200 : 60'000) {}

  Log& log(const std::string& topic, int32_t partition) { return logs_[{topic, partition}]; }
  [[nodiscard]] int partitions() const { return partitions_; }

  // Transactions. A producer is known by its transactional id and epoch.
  struct Identity {
    std::string id;
    int64_t epoch = 0;
  };
  Answer InitProducer(const std::string& id, int64_t now, Identity& identity);
  Answer AddPartition(const Identity& producer, const std::string& topic, int32_t partition, int64_t now);
  // Appends records to one partition; `next` is the offset after them.
  Answer Produce(const Identity& producer, const std::string& topic, int32_t partition,
                 const std::vector<std::pair<std::string, std::string>>& records, int64_t now, int64_t& next);
  Answer AddGroup(const Identity& producer, int64_t now);
  Answer CommitOffsets(const Identity& producer, const Generation& membership,
                       const std::map<std::pair<std::string, int32_t>, int64_t>& offsets);
  Answer EndTransaction(const Identity& producer, int64_t now);

  // The group.
  std::string Join(const std::string& member, const std::string& instance, int64_t now);
  void Leave(const std::string& member, int64_t now);
  bool Heartbeat(const std::string& member, int64_t now);  // False: not a member.
  // The member must give up what it has and join again.
  [[nodiscard]] bool Rebalancing(const std::string& member) const;
  // What the member has in the current generation, once all have joined.
  [[nodiscard]] std::optional<std::vector<int32_t>> AssignmentOf(const std::string& member,
                                                                 int64_t& generation) const;
  [[nodiscard]] const std::map<std::pair<std::string, int32_t>, int64_t>& offsets() const { return offsets_; }

  // What happens by itself: markers, timeouts of transactions and members.
  void Pass(int64_t now, bool quickly);
  [[nodiscard]] bool Quiet() const;
  void Compact(const std::string& topic, int64_t now);
  // A record outside of any transaction.
  void Append(const std::string& topic, int32_t partition, std::string key, std::string value, int64_t now);

 private:
  struct Transactional {
    int64_t number = 0;
    int64_t epoch = -1;
    enum class State { kNone, kOngoing, kCommitting, kAborting, kCommitted } state = State::kNone;
    std::set<std::pair<std::string, int32_t>> partitions;  // Markers to write, while it ends.
    bool group = false;
    int64_t began = 0;
  };
  struct Member {
    std::string instance;
    int64_t seen = 0;
    bool joined = false;
  };
  Answer Begin(Transactional& transactional, int64_t epoch, int64_t now);
  void End(Transactional& transactional, bool commit);
  void WriteMarkers(Transactional& transactional, bool all);
  void StartRebalance(int64_t now);
  void CompleteRebalance();

  Random& random_;
  const int partitions_;
  const int64_t session_millis_;    // Shorter or longer than a transaction may last.
  const int64_t rebalance_millis_;  // Who has not joined by then is no member any more.
  std::map<std::pair<std::string, int32_t>, Log> logs_;
  std::map<std::string, Transactional> transactionals_;
  // By transactional id and place: the offset, and its order among all that were written. An older one that
  // is decided later does not replace a newer one.
  struct Written {
    int64_t order = 0;
    int64_t next = 0;
  };
  std::map<std::string, std::map<std::pair<std::string, int32_t>, Written>> pending_offsets_;
  std::map<std::pair<std::string, int32_t>, int64_t> offset_orders_;
  int64_t offsets_written_ = 0;
  std::map<std::pair<std::string, int32_t>, int64_t> offsets_;
  std::map<std::string, Member> members_;
  std::map<std::string, std::vector<int32_t>> assignment_;
  int64_t generation_ = 0;
  bool rebalancing_ = false;
  int64_t rebalance_began_ = 0;
  int64_t names_ = 0;
};

}  // namespace tocsin::sim
