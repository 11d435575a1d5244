// The delivery processor's part about what a person asks: which lanes that is about, and what becomes of one.
#include <algorithm>

#include "daemon/delivery/delivery_processor.h"

namespace tocsin::daemon {

// Those that need a person come first: they stand last.
std::vector<std::string> DeliveryProcessor::LanesFor(int32_t partition, const DeliveryRequest& request) {
  std::vector<std::string> lanes;
  const auto& open = open_[partition];
  for (const auto& [lane_id, lane] : open) {
    if (request.lane.empty() || request.lane == lane_id) lanes.push_back(lane_id);
  }
  std::ranges::sort(lanes, {}, [&open](const std::string& lane_id) {
    const LaneStatus status = open.at(lane_id).status;
    return std::pair(status != LaneStatus::kFailed && status != LaneStatus::kHeld, lane_id);
  });
  std::ranges::reverse(lanes);
  return lanes;
}

Result<Done> DeliveryProcessor::AnswerLane(Turn& turn, const std::string& lane_id, DeliveryRequest& request) {
  using Kind = DeliveryRequest::Kind;
  if (request.kind == Kind::kList && request.entries.size() >= DeliveryRequest::kEntriesMax) {
    ++request.more;
    return Done{};
  }
  Result<Lane*> loaded = turn.Load<Lane>(lane_id);
  if (!loaded) return loaded.error();
  Lane& lane = **loaded;
  const Lane::Head& head = lane.head();
  if (lane.empty()) return Done{};
  if (request.kind == Kind::kList) {
    request.entries.push_back({.lane = lane_id,
                               .kind = head.kind,
                               .channel = head.channel,
                               .status = Name(head.status),
                               .reason = head.reason,
                               .case_id = head.case_id,
                               .id = lane.front().id,
                               .external_id = head.external_id,
                               .attempt = head.attempt,
                               .entered_at = head.entered_at,
                               .next_at = head.next_at});
    return Done{};
  }
  request.status = Name(head.status);
  const bool stopped = head.status == LaneStatus::kFailed || head.status == LaneStatus::kHeld;
  // What waits for its next attempt may be tried now, and by its name dropped.
  const bool waits = head.status == LaneStatus::kWaiting &&
                     (!request.lane.empty() || (request.kind == Kind::kReplay && head.attempt > 0));
  if (!stopped && !waits) return Done{};
  if (request.kind == Kind::kOpenGate && head.status != LaneStatus::kHeld) return Done{};
  ++request.touched;
  if (request.kind == Kind::kDrop) return Drop(turn, lane_id, lane);
  lane.MutableHead().attempt = 0;
  // Nobody is woken because a gate opens.
  const Result<Parcel> parcel = ReadParcel(head.kind, lane.front().json);
  WaitUntil(turn, lane_id, lane, std::max(turn.now, parcel ? parcel->deliver_after : turn.now));
  return Done{};
}

}  // namespace tocsin::daemon
