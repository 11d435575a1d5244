// Events that Tocsin itself has to tell, to a topic it reads: answers of owners, outcomes of tickets.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "daemon/log/kafka_config.h"
#include "daemon/log/kafka_topics.h"

namespace tocsin::daemon {

// Thread safe.
class KafkaEventWriter {
 public:
  // `config` outlives the writer.
  [[nodiscard]] static Result<std::unique_ptr<KafkaEventWriter>> Open(const KafkaConfig& config,
                                                                      const std::string& topic,
                                                                      const KafkaReport& report);
  ~KafkaEventWriter();
  // Returns when the brokers have it, on every replica that is in sync. An event whose outcome is not known
  // may be there all the same: its id tells.
  [[nodiscard]] Result<Done> Put(std::string_view account, std::string_view event);

 private:
  KafkaEventWriter();
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::daemon
