// The three connections of a worker (daemon/log/broker_client.h) to the simulated cluster, over a network
// that loses, delays and doubles. As librdkafka: it tries again by itself, and says afterwards that it did.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/log/broker_client.h"
#include "daemon/log/exactly_once_log.h"
#include "tests/sim/host.h"

namespace tocsin::sim {

inline const std::vector<std::string> kInputs = {"logins", "transactions"};
inline const std::string kChangelog = "changelog";
inline const std::string kOutput = "findings";
inline const std::string kLetters = "dead-letters";

class SimConsumer;

struct Connection {
  Host* host = nullptr;
  int process = 0;
  const bool* dead = nullptr;  // The process was killed: nothing may reach the cluster.
  std::string transactional_id;
  std::string instance;
};

// `consumer` points to the part of the log that the world needs for heartbeats; valid as long as the log.
[[nodiscard]] std::unique_ptr<daemon::ExactlyOnceLog> MakeSimLog(const Connection& connection,
                                                                 SimConsumer*& consumer);

class SimConsumer final : public daemon::GroupConsumer {
 public:
  explicit SimConsumer(const Connection& connection) : c_(connection) {}
  ~SimConsumer() override;

  [[nodiscard]] Result<size_t> Poll(std::chrono::milliseconds wait, size_t records_max,
                                    daemon::GroupListener& listener) override;
  [[nodiscard]] Result<Done> Seek(int32_t partition,
                                  std::span<const daemon::TopicPosition> positions) override;
  [[nodiscard]] Result<std::vector<daemon::TopicPosition>> FindCommitted(int32_t partition) override;
  void Pause(int32_t partition, bool paused) override;
  [[nodiscard]] std::unique_ptr<daemon::Membership> CurrentMembership() override;
  void KeepAlive() override {}

  // What the client's own threads do, whatever the application does.
  void Background();

 private:
  struct Task {
    std::vector<int64_t> next;  // By topic.
    bool ready = false;
    bool paused = false;
    bool broken = false;
  };
  void Rebalance(daemon::GroupListener& listener);
  void Suspend(daemon::GroupListener& listener);
  void Lose(daemon::GroupListener& listener);
  [[nodiscard]] size_t HandOver(int32_t partition, Task& task, size_t records_max,
                                daemon::GroupListener& listener);
  [[nodiscard]] int OldestTopic(int32_t partition, Task& task);

  const Connection c_;
  std::string member_;       // As the client knows it.
  int64_t generation_ = -1;  // The same.
  int64_t polled_at_ = 0;
  bool lost_ = false;  // The partitions; the application has not heard of it yet.
  bool joined_ = false;
  bool assigned_ = false;
  std::map<int32_t, Task> tasks_;
  std::set<int32_t> suspended_;
};

}  // namespace tocsin::sim
