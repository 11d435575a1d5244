#include "daemon/generate/batch.h"

#include <algorithm>
#include <tuple>

namespace tocsin::daemon::generate {

bool Batch::Flush(Timestamp until, const std::function<bool(std::string_view)>& write) {
  // By position among events of one instant: equal runs give equal bytes.
  std::sort(lines_.begin(), lines_.end(), [](const Line& a, const Line& b) {
    return std::tie(a.arrives_at, a.begin) < std::tie(b.arrives_at, b.begin);
  });
  constexpr size_t kBlock = 1U << 20U;
  std::string block;
  block.reserve(kBlock + 4096);
  size_t i = 0;
  for (; i < lines_.size() && lines_[i].arrives_at < until; ++i) {
    block.append(text_, lines_[i].begin, lines_[i].length);
    if (block.size() < kBlock) continue;
    if (!write(block)) return false;
    block.clear();
  }
  if (!block.empty() && !write(block)) return false;

  std::string kept;
  std::vector<Line> waiting;
  for (; i < lines_.size(); ++i) {
    waiting.push_back({lines_[i].arrives_at, kept.size(), lines_[i].length});
    kept.append(text_, lines_[i].begin, lines_[i].length);
  }
  text_.swap(kept);
  lines_.swap(waiting);
  return true;
}

}  // namespace tocsin::daemon::generate
