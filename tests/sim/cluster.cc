#include "tests/sim/cluster.h"

#include <algorithm>

namespace tocsin::sim {

int64_t Log::stable() const {
  int64_t stable = end();
  for (const auto& [producer, first] : open) stable = std::min(stable, first);
  return stable;
}

void Cluster::Append(const std::string& topic, int32_t partition, std::string key, std::string value,
                     int64_t now) {
  log(topic, partition)
      .entries.push_back({.key = std::move(key), .value = std::move(value), .time = now, .horizon = {}});
}

// ---- Transactions ----

Answer Cluster::InitProducer(const std::string& id, int64_t, Identity& identity) {
  Transactional& transactional = transactionals_[id];
  using State = Transactional::State;
  if (transactional.number == 0) transactional.number = static_cast<int64_t>(transactionals_.size());
  if (transactional.state == State::kCommitting || transactional.state == State::kAborting)
    return Answer::kAgain;
  ++transactional.epoch;
  if (transactional.state == State::kOngoing) {
    End(transactional, false);
    return Answer::kAgain;
  }
  transactional.state = State::kNone;
  identity = {id, transactional.epoch};
  return Answer::kDone;
}

Answer Cluster::Begin(Transactional& transactional, int64_t epoch, int64_t now) {
  using State = Transactional::State;
  if (epoch != transactional.epoch) return Answer::kFenced;
  if (transactional.state == State::kCommitting || transactional.state == State::kAborting)
    return Answer::kAgain;
  if (transactional.state != State::kOngoing) transactional.began = now;
  transactional.state = State::kOngoing;
  return Answer::kDone;
}

Answer Cluster::AddPartition(const Identity& producer, const std::string& topic, int32_t partition,
                             int64_t now) {
  Transactional& transactional = transactionals_[producer.id];
  const Answer begun = Begin(transactional, producer.epoch, now);
  if (begun == Answer::kDone) transactional.partitions.insert({topic, partition});
  return begun;
}

// The broker asks the coordinator whether the partition is in the transaction
// (transaction.partition.verification.enable).
Answer Cluster::Produce(const Identity& producer, const std::string& topic, int32_t partition,
                        const std::vector<std::pair<std::string, std::string>>& records, int64_t now,
                        int64_t& next) {
  Transactional& transactional = transactionals_[producer.id];
  if (producer.epoch != transactional.epoch) return Answer::kFenced;
  if (transactional.state != Transactional::State::kOngoing ||
      !transactional.partitions.contains({topic, partition})) {
    return Answer::kBadState;
  }
  Log& to = log(topic, partition);
  to.open.try_emplace(transactional.number, to.end());
  for (const auto& [key, value] : records) {
    to.entries.push_back({Entry::State::kOpen, transactional.number, key, value, now, false, {}});
  }
  next = to.end();
  return Answer::kDone;
}

Answer Cluster::AddGroup(const Identity& producer, int64_t now) {
  Transactional& transactional = transactionals_[producer.id];
  const Answer begun = Begin(transactional, producer.epoch, now);
  if (begun == Answer::kDone) transactional.group = true;
  return begun;
}

Answer Cluster::CommitOffsets(const Identity& producer, const Generation& membership,
                              const std::map<std::pair<std::string, int32_t>, int64_t>& offsets) {
  const Transactional& transactional = transactionals_[producer.id];
  if (producer.epoch != transactional.epoch) return Answer::kFenced;
  if (transactional.state != Transactional::State::kOngoing || !transactional.group) return Answer::kBadState;
  // The generation, not the ownership; and without a generation when the group is empty.
  const bool nobody = membership.number < 0 && members_.empty();
  if (!nobody && (membership.number != generation_ || !members_.contains(membership.member)))
    return Answer::kGeneration;
  for (const auto& [place, next] : offsets) pending_offsets_[producer.id][place] = {++offsets_written_, next};
  return Answer::kDone;
}

Answer Cluster::EndTransaction(const Identity& producer, int64_t) {
  Transactional& transactional = transactionals_[producer.id];
  using State = Transactional::State;
  if (producer.epoch != transactional.epoch) return Answer::kFenced;
  switch (transactional.state) {
    case State::kOngoing:
      End(transactional, true);
      return Answer::kDone;
    case State::kCommitting:
      return Answer::kAgain;
    case State::kCommitted:
      return Answer::kDone;  // Asked again.
    case State::kNone:
    case State::kAborting:
      break;
  }
  return Answer::kBadState;
}

void Cluster::End(Transactional& transactional, bool commit) {
  transactional.state = commit ? Transactional::State::kCommitting : Transactional::State::kAborting;
}

void Cluster::WriteMarkers(Transactional& transactional, bool all) {
  using State = Transactional::State;
  const bool commit = transactional.state == State::kCommitting;
  while (!transactional.partitions.empty()) {
    if (!all && random_.Chance(0.5)) return;
    auto place = transactional.partitions.begin();
    std::advance(place, random_.Below(transactional.partitions.size()));
    Log& to = log(place->first, place->second);
    if (const auto open = to.open.find(transactional.number); open != to.open.end()) {
      for (int64_t i = open->second; i < to.end(); ++i) {
        Entry& entry = to.entries[static_cast<size_t>(i)];
        if (entry.state == Entry::State::kOpen && entry.producer == transactional.number)
          entry.state = commit ? Entry::State::kCommitted : Entry::State::kAborted;
      }
      to.open.erase(open);
      to.entries.push_back({Entry::State::kMarker, transactional.number, "", "", 0, false, {}});
    }
    transactional.partitions.erase(place);
  }
  if (!all && random_.Chance(0.5)) return;
  for (const auto& [id, candidate] : transactionals_) {
    if (&candidate != &transactional) continue;
    if (commit) {
      for (const auto& [place, written] : pending_offsets_[id]) {
        if (offset_orders_[place] > written.order) continue;
        offset_orders_[place] = written.order;
        offsets_[place] = written.next;
      }
    }
    pending_offsets_.erase(id);
  }
  transactional.group = false;
  transactional.state = commit ? State::kCommitted : State::kNone;
}

// ---- The group ----

std::string Cluster::Join(const std::string& member, const std::string& instance, int64_t now) {
  std::string name = member;
  if (!members_.contains(name)) {
    // A static member that comes back takes its old place from whoever has it.
    std::erase_if(members_,
                  [&](const auto& m) { return !instance.empty() && m.second.instance == instance; });
    name = "m" + std::to_string(++names_);
    members_[name] = {.instance = instance, .seen = now, .joined = false};
    StartRebalance(now);
  }
  members_[name].joined = true;
  members_[name].seen = now;
  CompleteRebalance();
  return name;
}

void Cluster::Leave(const std::string& member, int64_t now) {
  if (members_.erase(member) > 0) StartRebalance(now);
}

bool Cluster::Heartbeat(const std::string& member, int64_t now) {
  const auto found = members_.find(member);
  if (found == members_.end()) return false;
  found->second.seen = now;
  return true;
}

void Cluster::StartRebalance(int64_t now) {
  if (!rebalancing_) {
    rebalancing_ = true;
    rebalance_began_ = now;
    for (auto& [name, member] : members_) member.joined = false;
  }
  CompleteRebalance();
}

void Cluster::CompleteRebalance() {
  if (!rebalancing_) return;
  const bool all =
      std::all_of(members_.begin(), members_.end(), [](const auto& m) { return m.second.joined; });
  if (!all) return;
  rebalancing_ = false;
  ++generation_;
  assignment_.clear();
  size_t index = 0;
  int32_t given = 0;
  for (const auto& [name, member] : members_) {  // Range: neighbours go together.
    const size_t left = members_.size() - index++;
    const auto share = static_cast<int32_t>((static_cast<size_t>(partitions_ - given) + left - 1) / left);
    for (int32_t i = 0; i < share; ++i) assignment_[name].push_back(given++);
  }
}

bool Cluster::Rebalancing(const std::string& member) const {
  const auto found = members_.find(member);
  return rebalancing_ && found != members_.end() && !found->second.joined;
}

std::optional<std::vector<int32_t>> Cluster::AssignmentOf(const std::string& member,
                                                          int64_t& generation) const {
  if (rebalancing_ || !members_.contains(member)) return std::nullopt;
  generation = generation_;
  const auto found = assignment_.find(member);
  return found == assignment_.end() ? std::vector<int32_t>() : found->second;
}

// ---- Time ----

void Cluster::Pass(int64_t now, bool quickly) {
  using State = Transactional::State;
  for (auto& [id, transactional] : transactionals_) {
    if (transactional.state == State::kOngoing && now - transactional.began > kTransactionMillis) {
      ++transactional.epoch;  // Who sleeps must not go on with it.
      End(transactional, false);
    }
    if (transactional.state != State::kCommitting && transactional.state != State::kAborting) continue;
    if (quickly || random_.Chance(0.4)) WriteMarkers(transactional, quickly);
  }
  const size_t before = members_.size();
  std::erase_if(members_, [&](const auto& m) { return now - m.second.seen > session_millis_; });
  if (rebalancing_ && now - rebalance_began_ > rebalance_millis_)
    std::erase_if(members_, [&](const auto& m) { return !m.second.joined; });
  if (members_.size() != before) StartRebalance(now);
  CompleteRebalance();
}

bool Cluster::Quiet() const {
  using State = Transactional::State;
  return std::all_of(transactionals_.begin(), transactionals_.end(), [](const auto& t) {
    return t.second.state == State::kNone || t.second.state == State::kCommitted;
  });
}

// The cleaner: of what lies before a point, the newest value of each key stays; a deletion stays for its time
// after the cleaner has met it first.
void Cluster::Compact(const std::string& topic, int64_t now) {
  for (int32_t partition = 0; partition < partitions_; ++partition) {
    Log& from = log(topic, partition);
    const int64_t until = from.cleaned =
        random_.Between(std::min(from.cleaned, from.stable()), from.stable());
    std::map<std::string, int64_t> newest;
    for (int64_t i = 0; i < until; ++i) {
      const Entry& entry = from.entries[static_cast<size_t>(i)];
      if (entry.state == Entry::State::kCommitted) newest[entry.key] = i;
    }
    for (int64_t i = 0; i < until; ++i) {
      Entry& entry = from.entries[static_cast<size_t>(i)];
      if (entry.removed || entry.state == Entry::State::kMarker) continue;
      if (entry.state == Entry::State::kAborted || newest[entry.key] != i) entry.removed = true;
      if (entry.removed || !entry.value.empty()) continue;
      if (!entry.horizon) entry.horizon = now + kDeletionsKeptMillis;
      if (*entry.horizon < now) entry.removed = true;
    }
  }
}

}  // namespace tocsin::sim
