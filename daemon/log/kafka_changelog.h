// Reads a partition of the changelog to its end, for recovery.
//
// Its end is the high watermark, asked for by a handle that sees open transactions: the last stable offset
// that a read-committed handle is told can lie before commits that have happened. Reading is read-committed,
// and goes on until every transaction below that end is decided.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "daemon/log/kafka_client.h"
#include "daemon/log/log.h"

namespace tocsin::daemon {

// One thread.
class KafkaChangelog {
 public:
  // `config` outlives this.
  KafkaChangelog(const KafkaConfig& config, KafkaReport report);
  ~KafkaChangelog();

  // As Log::ReadChangelog. `alive` is called now and then, for what must not sleep meanwhile.
  [[nodiscard]] Result<int64_t> Read(int32_t partition, int64_t from, const Log::ChangelogVisitor& visit,
                                     const std::function<void()>& alive);

 private:
  [[nodiscard]] Result<Done> Open();
  [[nodiscard]] Result<int64_t> ReadTo(int32_t partition, int64_t from, int64_t end,
                                       const Log::ChangelogVisitor& visit,
                                       const std::function<void()>& alive);

  const KafkaConfig& config_;
  KafkaCallbacks callbacks_;
  KafkaHandle end_finder_;  // Read-uncommitted.
  KafkaHandle reader_;
  KafkaQueue queue_;  // Of the reader.
};

}  // namespace tocsin::daemon
