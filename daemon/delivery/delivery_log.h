// The log of the delivery worker: another log (Kafka's topics, or the embedded log's files) with the world as
// one more topic. What comes back from it is handed over as records; what goes out to it leaves when a commit
// has made the intent durable, and not before.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "daemon/delivery/delivery_processor.h"
#include "daemon/delivery/errands.h"
#include "daemon/delivery/senders.h"
#include "daemon/log/log.h"

namespace tocsin::daemon {

// What a person asks (admin interface), from any thread.
class DeliveryDesk {
 public:
  // Waits until every partition of this process has answered, and the answers are committed. kUnavailable,
  // with a reason: one of them is not served within `wait`, and nothing was done; or a commit failed, and not
  // all of it is done. A list then is of those that are served, and names the others; they have `wait` anew
  // for it, or `of_some`.
  [[nodiscard]] Result<Done> Ask(DeliveryRequest& request, std::chrono::milliseconds wait,
                                 std::optional<std::chrono::milliseconds> of_some = std::nullopt);
  // How many ask now.
  [[nodiscard]] size_t asking() const;
  // Nobody answers any more: who waits goes on, and finds nothing done.
  void Close();

 private:
  friend class DeliveryLog;
  struct Asked {
    DeliveryRequest* request = nullptr;
    bool done = false;
    bool failed = false;
    bool taken = false;
    bool of_some = false;  // Whoever serves may answer.
  };
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Asked*> asked_;
  bool closed_ = false;
};

// What agents decided, on its way from who reads it to the processor. Any thread.
class TicketNews {
 public:
  void Put(std::string lane, TicketOutcome outcome);
  [[nodiscard]] std::vector<std::pair<std::string, TicketOutcome>> Take();

 private:
  std::mutex mutex_;
  std::vector<std::pair<std::string, TicketOutcome>> news_;
};

struct DeliveryLogParts {
  std::unique_ptr<Log> inner;
  Errands* errands = nullptr;
  DeliveryProcessor* processor = nullptr;
  Senders* senders = nullptr;
  DeliveryDesk* desk = nullptr;
  TicketNews* news = nullptr;  // Null: no ticket system is read.
  std::function<Timestamp()> wall_clock;
};

// One thread, as every Log. Everything in the parts outlives it.
class DeliveryLog final : public Log, private LogListener {
 public:
  explicit DeliveryLog(DeliveryLogParts parts);

  [[nodiscard]] Result<size_t> Poll(std::chrono::milliseconds wait, size_t records_max,
                                    LogListener& listener) override;
  [[nodiscard]] Result<Done> Seek(int32_t partition, std::span<const TopicPosition> positions) override;
  [[nodiscard]] Result<std::unique_ptr<ChangelogReading>> OpenChangelog(int32_t partition,
                                                                        int64_t from) override {
    return parts_.inner->OpenChangelog(partition, from);
  }
  [[nodiscard]] std::optional<std::chrono::milliseconds> deletions_kept_for() const override {
    return parts_.inner->deletions_kept_for();
  }
  [[nodiscard]] Result<Done> Commit(std::span<TaskCommit> commits,
                                    std::vector<int64_t>& changelog_next) override;
  void OnStopped(int32_t partition) override { parts_.inner->OnStopped(partition); }
  void OnCheckpoint(int32_t partition, int64_t position) override {
    parts_.inner->OnCheckpoint(partition, position);
  }
  [[nodiscard]] bool one_position_a_record() const override { return parts_.inner->one_position_a_record(); }
  [[nodiscard]] bool has_changelog() const override { return parts_.inner->has_changelog(); }
  [[nodiscard]] bool finished() const override { return parts_.inner->finished(); }
  void Pause(int32_t partition, bool paused) override;

 private:
  using LaneWords = std::deque<std::pair<std::string, Word>>;
  struct Place {
    int64_t next = 0;        // Offset of the next record of kDeliveryTopic.
    bool sought = false;     // Since it was assigned.
    bool serving = false;    // Restored, and not paused by the worker.
    LaneWords early;         // Outcomes that came before it was sought: handed over first.
    std::deque<Word> words;  // To be handed over: resume, sweeps.
    // What came while it did not serve: handed over once it does, or forgotten when it is restored anew,
    // which finds out for itself.
    LaneWords kept;
  };
  struct Later {
    bool operator()(const Wake& a, const Wake& b) const { return a.at > b.at; }
  };
  void OnAssigned(int32_t partition) override;
  void OnSuspended(int32_t partition) override;
  void OnRevoked(int32_t partition) override;
  void GiveUp(int32_t partition);
  void OnInputLost(int32_t partition) override { listener_->OnInputLost(partition); }
  bool OnRecord(const schemas::Record& record) override { return listener_->OnRecord(record); }
  void OnComing(const schemas::Record& record) override { listener_->OnComing(record); }

  // Now, or once the partition serves.
  void HandOrKeep(int32_t partition, const std::string& lane, Word word);
  // False: it was not taken.
  bool Hand(int32_t partition, const std::string& lane, const Word& word);
  // How many lanes may be looked at before others have their turn.
  static constexpr size_t kLanesMax = 200;
  // A request that is being answered, in slices.
  struct Answering {
    DeliveryDesk::Asked* asked = nullptr;
    std::deque<int32_t> left;   // Partitions that have not answered all of it, in order.
    std::vector<int32_t> told;  // Those that were told since the last commit.
  };
  void HandWords(size_t records_max);
  void AnswerSome(int number);
  void EndRequest(int number, const Answering& answering, bool failed);  // The desk is locked.
  void EndUnasked();
  [[nodiscard]] bool AllServe() const;
  void EndRequests(const std::function<bool(int32_t partition)>& durable);
  void FailRequests(int32_t partition);
  void HandResults();
  void HandDue(size_t records_max);
  void HandLines(size_t records_max);
  void HandRequests();
  void HandNews();
  void Sweep();
  static void AddResume(Place& place);
  void Forget(int32_t partition);
  void Throttle();

  const DeliveryLogParts parts_;
  LogListener* listener_ = nullptr;  // During Poll.
  std::map<int32_t, Place> places_;
  // Outcomes for partitions that are nobody's: what was under way when they were taken is not made again when
  // they come back.
  std::map<int32_t, LaneWords> suspended_;
  std::priority_queue<Wake, std::vector<Wake>, Later> wakes_;
  // Due, and the channel has no room: by channel and whether they are urgent, who came first in front.
  std::map<std::pair<std::string, bool>, std::deque<Wake>> lines_;
  std::map<int, Answering> answering_;  // By number: not all of it is committed yet.
  size_t handed_ = 0;                   // In this Poll.
  bool throttled_ = false;
  bool drained_ = false;  // The last Poll said so.
  std::chrono::steady_clock::time_point published_at_;
  int request_ = 0;
  Timestamp swept_at_;
  int sweep_ = 0;
};

}  // namespace tocsin::daemon
