#include "tests/sim/client.h"

#include <algorithm>
#include <utility>

namespace tocsin::sim {
namespace {

using daemon::ChangelogRecord;
using daemon::TaskCommit;

constexpr int kTriesMax = 30;

struct SimMembership final : daemon::Membership {
  Generation generation;
};

Error Unavailable(const char* what) { return {ErrorCode::kUnavailable, what, "no answer"}; }
Error Refused(const char* what) { return {ErrorCode::kConflict, what, "refused"}; }

class SimTransactions final : public daemon::Transactions {
 public:
  SimTransactions(const Connection& connection, Cluster::Identity identity)
      : c_(connection), identity_(std::move(identity)) {}

  Result<Done> Begin() override {
    batches_.clear();
    return Done{};
  }

  void Listen() override {}

  Result<Done> Append(int32_t partition, const ChangelogRecord& record, int64_t* next) override {
    Batch& batch = BatchOf(kChangelog, partition);
    batch.records.emplace_back(record.key, record.value);
    if (next != nullptr) batch.next = next;
    return Done{};
  }

  Result<Done> Put(int32_t partition, const schemas::OutRecord& record) override {
    const bool letter = record.kind == schemas::OutputKind::kDeadLetter;
    BatchOf(letter ? kLetters : kOutput, letter ? 0 : partition)
        .records.emplace_back(record.key, record.value);
    return Done{};
  }

  Result<Done> Flush() override {
    for (Batch& batch : batches_) {
      Host& host = *c_.host;
      if (Result<Done> added =
              Send("add partition", true,
                   [id = identity_, topic = batch.topic, partition = batch.partition, &host] {
                     return host.cluster.AddPartition(id, topic, partition, host.now);
                   });
          !added) {
        return added;
      }
    }
    for (Batch& batch : batches_) {
      // A large batch goes in several requests.
      const size_t half = batch.records.size() > 1 ? c_.host->random.Below(batch.records.size()) : 0;
      if (Result<Done> sent = Produce(batch, 0, half); !sent) return sent;
      if (Result<Done> sent = Produce(batch, half, batch.records.size()); !sent) return sent;
    }
    batches_.clear();
    return Done{};
  }

  Result<Done> AddOffsets(std::span<const TaskCommit> commits,
                          const daemon::Membership& membership) override {
    Host& host = *c_.host;
    std::map<std::pair<std::string, int32_t>, int64_t> offsets;
    for (const TaskCommit& commit : commits) {
      for (const auto& position : commit.positions)
        offsets[{position.topic, commit.partition}] = position.next;
    }
    if (Result<Done> added = Send("add offsets", true,
                                  [id = identity_, &host] { return host.cluster.AddGroup(id, host.now); });
        !added) {
      return added;
    }
    const Generation generation = static_cast<const SimMembership&>(membership).generation;
    return Send("commit offsets", true, [id = identity_, generation, offsets, &host] {
      return host.cluster.CommitOffsets(id, generation, offsets);
    });
  }

  Result<Done> Commit() override {
    Host& host = *c_.host;
    Result<Done> ended = Send("end transaction", true,
                              [id = identity_, &host] { return host.cluster.EndTransaction(id, host.now); });
    host.Trace(c_.process, ended ? "committed" : "commit failed: " + ended.error().ToString());
    return ended;
  }

  bool tainted() const override { return tainted_; }

 private:
  struct Batch {
    std::string topic;
    int32_t partition = 0;
    std::vector<std::pair<std::string, std::string>> records;
    int64_t* next = nullptr;
  };

  Batch& BatchOf(const std::string& topic, int32_t partition) {
    for (Batch& batch : batches_) {
      if (batch.topic == topic && batch.partition == partition) return batch;
    }
    return batches_.emplace_back(Batch{topic, partition, {}, nullptr});
  }

  // Sequence numbers keep the broker from taking a batch twice: a copy that comes later is dropped.
  Result<Done> Produce(Batch& batch, size_t from, size_t to) {
    if (from == to) return Done{};
    Host& host = *c_.host;
    const std::vector<std::pair<std::string, std::string>> records(
        batch.records.begin() + static_cast<ptrdiff_t>(from),
        batch.records.begin() + static_cast<ptrdiff_t>(to));
    auto next = std::make_shared<int64_t>(-1);
    Result<Done> sent =
        Send("produce", false,
             [id = identity_, topic = batch.topic, partition = batch.partition, records, next, &host] {
               if (*next >= 0) return Answer::kDone;
               return host.cluster.Produce(id, topic, partition, records, host.now, *next);
             });
    if (sent && batch.next != nullptr && to == batch.records.size()) *batch.next = *next;
    return sent;
  }

  // One request, as the client sends it: until there is an answer, or patience ends.
  template <class Request>
  Result<Done> Send(const char* what, bool copies, const Request& request) {
    Host& host = *c_.host;
    host.Yield(c_.process);
    if (!host.calm && host.random.Chance(host.faults.repeat)) {
      tainted_ = true;
      host.Trace(c_.process, std::string(what) + ": sent twice");
      if (copies) host.Delay([request] { static_cast<void>(request()); });
    } else if (!host.calm && host.random.Chance(host.faults.lose)) {
      tainted_ = true;
      const auto fate = host.random.Below(3);
      host.Trace(c_.process, std::string(what) + (fate == 0   ? ": lost"
                                                  : fate == 1 ? ": the answer is lost"
                                                              : ": arrives late"));
      if (fate == 1) static_cast<void>(request());
      if (fate == 2) host.Delay([request] { static_cast<void>(request()); });
      return Unavailable(what);
    }
    for (int tries = 0; tries < kTriesMax; ++tries) {
      const Answer answer = request();
      if (answer == Answer::kDone) {
        host.Yield(c_.process);
        return Done{};
      }
      if (answer != Answer::kAgain) {
        tainted_ = true;
        host.Trace(c_.process, std::string(what) + ": refused");
        return Refused(what);
      }
      host.now += 20;
      host.cluster.Pass(host.now, tries > kTriesMax / 2);
    }
    return Unavailable(what);
  }

  const Connection c_;
  const Cluster::Identity identity_;
  std::vector<Batch> batches_;
  bool tainted_ = false;
};

class SimProducers final : public daemon::TransactionClient {
 public:
  explicit SimProducers(const Connection& connection) : c_(connection) {}
  Result<std::unique_ptr<daemon::Transactions>> Open() override {
    Host& host = *c_.host;
    host.Yield(c_.process);
    if (!host.calm && host.random.Chance(host.faults.lose)) return Unavailable("producer");
    Cluster::Identity identity;
    for (int tries = 0; tries < kTriesMax; ++tries) {
      const Answer answer = host.cluster.InitProducer(c_.transactional_id, host.now, identity);
      if (answer == Answer::kDone)
        return std::unique_ptr<daemon::Transactions>(std::make_unique<SimTransactions>(c_, identity));
      host.now += 20;
      host.cluster.Pass(host.now, tries > kTriesMax / 2);
    }
    return Unavailable("producer");
  }

 private:
  const Connection c_;
};

class SimChangelog final : public daemon::ChangelogClient {
 public:
  explicit SimChangelog(const Connection& connection) : c_(connection) {}

  Result<Range> FindRange(int32_t partition) override {
    Host& host = *c_.host;
    host.Yield(c_.process);
    if (!host.calm && host.random.Chance(host.faults.lose)) return Unavailable("changelog");
    const Log& log = host.cluster.log(kChangelog, partition);
    // What a broker tells a read-committed reader lags behind.
    const int64_t stable = log.stable();
    return Range{log.begin, log.end(),
                 host.random.Chance(0.5) ? stable : stable - std::min<int64_t>(stable, 3)};
  }
  Result<Done> Start(int32_t partition, int64_t from) override {
    partition_ = partition;
    next_ = from;
    return Done{};
  }
  Result<Fetched> Fetch(size_t, const daemon::ChangelogVisitor& visit) override {
    Host& host = *c_.host;
    host.Yield(c_.process);
    if (!host.calm && host.random.Chance(host.faults.lose)) return Unavailable("changelog");
    Fetched fetched;
    const auto wanted = 1 + host.random.Below(40);
    while (fetched.records < wanted && next_ < host.cluster.log(kChangelog, partition_).stable()) {
      const Entry entry = host.cluster.log(kChangelog, partition_).entries[static_cast<size_t>(next_++)];
      if (entry.state != Entry::State::kCommitted || entry.removed) continue;
      ++fetched.records;
      if (Result<Done> visited = visit(entry.key, entry.value, next_); !visited) return visited.error();
    }
    if (next_ >= host.cluster.log(kChangelog, partition_).stable()) fetched.at_end = next_;
    host.now += 5;
    return fetched;
  }
  void Stop() override {}

 private:
  const Connection c_;
  int32_t partition_ = 0;
  int64_t next_ = 0;
};

}  // namespace

std::unique_ptr<daemon::ExactlyOnceLog> MakeSimLog(const Connection& connection, SimConsumer*& consumer) {
  daemon::ExactlyOnceParts parts;
  parts.producers = std::make_unique<SimProducers>(connection);
  parts.changelog = std::make_unique<SimChangelog>(connection);
  auto made = std::make_unique<SimConsumer>(connection);
  consumer = made.get();
  parts.consumer = std::move(made);
  parts.deletions_kept_for = std::chrono::milliseconds(Cluster::kDeletionsKeptMillis);
  parts.clock = [host = connection.host] {
    return std::chrono::steady_clock::time_point(std::chrono::milliseconds(host->now));
  };
  return std::make_unique<daemon::ExactlyOnceLog>(std::move(parts));
}

SimConsumer::~SimConsumer() {
  if (!*c_.dead && joined_) c_.host->cluster.Leave(member_, c_.host->now);
}

void SimConsumer::Background() {
  if (!joined_) return;
  Cluster& cluster = c_.host->cluster;
  if (!lost_ && c_.host->now - polled_at_ > Cluster::kPollMillis) cluster.Leave(member_, c_.host->now);
  if (cluster.Heartbeat(member_, c_.host->now)) {
    // Clients may know of the next generation before the application does.
    int64_t generation = -1;
    if (lost_ && cluster.AssignmentOf(member_, generation)) generation_ = generation;
    return;
  }
  // A client that has no partitions joins anew without a word.
  lost_ = assigned_;
  joined_ = assigned_;
  generation_ = -1;
  member_.clear();
  if (!assigned_) return;
  if (c_.host->faults.eager_members) member_ = cluster.Join("", c_.instance, c_.host->now);
}

std::unique_ptr<daemon::Membership> SimConsumer::CurrentMembership() {
  auto membership = std::make_unique<SimMembership>();
  membership->generation = {generation_, member_};
  return membership;
}

void SimConsumer::Suspend(daemon::GroupListener& listener) {
  for (const auto& [partition, task] : tasks_) {
    c_.host->Trace(c_.process, "gives back " + std::to_string(partition));
    listener.OnSuspended(partition);
    suspended_.insert(partition);
  }
  listener.OnGenerationOver();
  tasks_.clear();
  assigned_ = false;
}

void SimConsumer::Lose(daemon::GroupListener& listener) {
  for (const auto& [partition, task] : tasks_) suspended_.insert(partition);
  for (const int32_t partition : std::exchange(suspended_, {})) {
    c_.host->Trace(c_.process, "lost " + std::to_string(partition));
    listener.OnRevoked(partition);
  }
  listener.OnGenerationOver();
  tasks_.clear();
  assigned_ = false;
}

void SimConsumer::Rebalance(daemon::GroupListener& listener) {
  Cluster& cluster = c_.host->cluster;
  if (lost_) {
    Lose(listener);
    lost_ = false;
    joined_ = !member_.empty();
  }
  if (joined_ && cluster.Rebalancing(member_)) {
    if (assigned_) Suspend(listener);
    if (lost_) {
      // It took too long: the group went on. The client has no partitions now, and joins anew without a word.
      lost_ = false;
      joined_ = !member_.empty();
    } else {
      cluster.Join(member_, c_.instance, c_.host->now);
    }
    assigned_ = false;
  }
  if (!joined_) {
    member_ = cluster.Join("", c_.instance, c_.host->now);
    joined_ = true;
    assigned_ = false;
  }
  int64_t generation = -1;
  const auto mine = cluster.AssignmentOf(member_, generation);
  if (!mine || (assigned_ && generation == generation_)) return;
  if (assigned_) Suspend(listener);
  generation_ = generation;
  assigned_ = true;
  listener.OnGeneration();
  for (const int32_t partition : std::exchange(suspended_, {})) {
    if (std::ranges::find(*mine, partition) == mine->end()) listener.OnRevoked(partition);
  }
  for (const int32_t partition : *mine) tasks_[partition].next.assign(kInputs.size(), 0);
  for (const int32_t partition : *mine) {
    c_.host->Trace(c_.process,
                   "gets " + std::to_string(partition) + " in generation " + std::to_string(generation));
    listener.OnAssigned(partition);
  }
}

Result<size_t> SimConsumer::Poll(std::chrono::milliseconds wait, size_t, daemon::GroupListener& listener) {
  Host& host = *c_.host;
  host.Yield(c_.process);
  host.now += host.random.Between(0, wait.count());
  polled_at_ = host.now;
  if (host.random.Chance(0.8)) Background();
  Rebalance(listener);
  const size_t records_max = 1 + host.random.Below(12);
  size_t handed = 0;
  for (auto& [partition, task] : tasks_) {
    if (handed < records_max) handed += HandOver(partition, task, records_max - handed, listener);
  }
  return handed;
}

size_t SimConsumer::HandOver(int32_t partition, Task& task, size_t records_max,
                             daemon::GroupListener& listener) {
  size_t handed = 0;
  while (task.ready && !task.paused && !task.broken && handed < records_max) {
    const int topic = OldestTopic(partition, task);
    if (topic < 0) break;
    int64_t& next = task.next[static_cast<size_t>(topic)];
    Log& log = c_.host->cluster.log(kInputs[static_cast<size_t>(topic)], partition);
    if (next < log.begin) {
      if (listener.StopsAtLoss(partition)) {
        task.broken = true;
        c_.host->Trace(c_.process, "input is gone: partition " + std::to_string(partition) + " stops");
        break;
      }
      next = log.begin;
      continue;
    }
    const Entry entry = log.entries[static_cast<size_t>(next)];
    const schemas::Record record{.topic = kInputs[static_cast<size_t>(topic)],
                                 .partition = partition,
                                 .offset = next,
                                 .appended_at = FromMillis(entry.time),
                                 .key = entry.key,
                                 .headers = {},
                                 .value = entry.value};
    if (!listener.OnRecord(record)) {
      task.ready = false;
      break;
    }
    ++next;
    ++handed;
  }
  return handed;
}

// Mostly the oldest record goes first; what is on its way makes exceptions.
int SimConsumer::OldestTopic(int32_t partition, Task& task) {
  int best = -1;
  int64_t oldest = 0;
  for (size_t topic = 0; topic < kInputs.size(); ++topic) {
    const Log& log = c_.host->cluster.log(kInputs[topic], partition);
    const int64_t next = std::max(task.next[topic], log.begin);
    if (task.next[topic] >= log.end()) continue;
    const int64_t time = next < log.end() ? log.entries[static_cast<size_t>(next)].time : 0;
    if (best < 0 || time < oldest || c_.host->random.Chance(0.1)) {
      best = static_cast<int>(topic);
      oldest = time;
    }
  }
  return best;
}

Result<Done> SimConsumer::Seek(int32_t partition, std::span<const daemon::TopicPosition> positions) {
  const auto found = tasks_.find(partition);
  if (found == tasks_.end()) return Error{ErrorCode::kInvalid, "partition", "is not this worker's"};
  if (!c_.host->calm && c_.host->random.Chance(c_.host->faults.lose)) return Unavailable("seek");
  for (size_t topic = 0; topic < kInputs.size(); ++topic) {
    const auto position = std::find_if(positions.begin(), positions.end(),
                                       [&](const auto& p) { return p.topic == kInputs[topic]; });
    found->second.next[topic] = position == positions.end() ? 0 : position->next;
  }
  found->second.ready = true;
  return Done{};
}

Result<std::vector<daemon::TopicPosition>> SimConsumer::FindCommitted(int32_t partition) {
  Host& host = *c_.host;
  host.Yield(c_.process);
  if (!host.calm && host.random.Chance(host.faults.lose)) return Unavailable("offsets");
  std::vector<daemon::TopicPosition> committed;
  for (const std::string& topic : kInputs) {
    const auto offset = host.cluster.offsets().find({topic, partition});
    if (offset != host.cluster.offsets().end()) committed.push_back({topic, offset->second});
  }
  return committed;
}

void SimConsumer::Pause(int32_t partition, bool paused) {
  if (const auto found = tasks_.find(partition); found != tasks_.end()) found->second.paused = paused;
}

}  // namespace tocsin::sim
