// A running daemon explains what it has judged: the history that its log still keeps is replayed by the rules
// and databases in use, in little memory and beside the workers (docs/adr/0009).
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "daemon/config/config.h"
#include "daemon/explain/explainer.h"
#include "daemon/replay/replay.h"

namespace tocsin::daemon {

struct ExplanationsParts {
  std::function<Result<ReplaySource>()> history;
  std::function<Config()> config;
  std::function<std::shared_ptr<const Databases>()> databases;
  std::string directory;                    // Of nobody else; made when needed, and removed.
  const std::atomic<bool>* stop = nullptr;  // Outlives this.
};

// Thread safe.
class Explanations {
 public:
  explicit Explanations(ExplanationsParts parts);

  // Takes as long as a replay of the history: one at a time. kNotFound: the history has nothing of that id.
  // kUnavailable: another is being made, the history cannot be read, or the daemon ends.
  [[nodiscard]] Result<std::vector<Explanation>> Of(const ExplainQuery& query);

 private:
  void RemoveDirectory() const;

  const ExplanationsParts parts_;
  std::mutex busy_;
};

}  // namespace tocsin::daemon
