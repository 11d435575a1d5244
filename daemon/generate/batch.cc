#include "daemon/generate/batch.h"

#include <algorithm>
#include <tuple>

#include "base/check.h"

namespace tocsin::daemon::generate {

void Batch::Settle(Timestamp until) {
  std::vector<Movement*> due;
  for (Movement& movement : movements_) {
    if (!movement.left && movement.occurred_at < until) due.push_back(&movement);
  }
  std::sort(due.begin(), due.end(), [](const Movement* a, const Movement* b) {
    return std::tie(a->occurred_at, a->number) < std::tie(b->occurred_at, b->number);
  });
  for (Movement* movement : due) {
    movement->balance->minor += movement->moves_minor;
    movement->left = *movement->balance;
  }
}

void Batch::Append(std::string& out, const Line& line) const {
  const std::string_view text = std::string_view(text_).substr(line.begin, line.length);
  if (line.movement == kTellsNone) {
    out.append(text);
    return;
  }
  const std::optional<Money>& left = movements_[line.movement].left;
  CHECK(left.has_value());
  out.append(text.substr(0, line.tells_at)).append(FormatAmount(*left));
  out.append(text.substr(line.tells_at));
}

bool Batch::Flush(Timestamp until, const std::function<bool(std::string_view)>& write) {
  Settle(until);
  // By position among events of one instant: equal runs give equal bytes.
  std::sort(lines_.begin(), lines_.end(), [](const Line& a, const Line& b) {
    return std::tie(a.arrives_at, a.begin) < std::tie(b.arrives_at, b.begin);
  });
  constexpr size_t kBlock = 1U << 20U;
  std::string block;
  block.reserve(kBlock + 4096);
  size_t i = 0;
  for (; i < lines_.size() && lines_[i].arrives_at < until; ++i) {
    Append(block, lines_[i]);
    if (block.size() < kBlock) continue;
    if (!write(block)) return false;
    block.clear();
  }
  if (!block.empty() && !write(block)) return false;

  std::string kept;
  std::vector<Line> waiting;
  std::vector<Movement> open;
  std::vector<uint32_t> place(movements_.size(),
                              kTellsNone);  // In `open`: an event and its repetition share one.
  for (; i < lines_.size(); ++i) {
    Line line = lines_[i];
    line.begin = kept.size();
    kept.append(text_, lines_[i].begin, line.length);
    if (line.movement != kTellsNone) {
      uint32_t& moved = place[line.movement];
      if (moved == kTellsNone) {
        moved = static_cast<uint32_t>(open.size());
        open.push_back(movements_[line.movement]);
      }
      line.movement = moved;
    }
    waiting.push_back(line);
  }
  text_.swap(kept);
  lines_.swap(waiting);
  movements_.swap(open);
  return true;
}

}  // namespace tocsin::daemon::generate
