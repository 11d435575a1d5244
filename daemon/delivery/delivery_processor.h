// Delivery as a processor of the engine: records of notices and tickets become lanes (lane.h), lanes become
// attempts (errands.h), and what came of an attempt comes back as a record. It sends nothing itself and knows
// no clock but the one it is given: equal records give equal states.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "alerts/tickets.h"
#include "daemon/delivery/delivery_metrics.h"
#include "daemon/delivery/errands.h"
#include "daemon/delivery/lane.h"
#include "daemon/delivery/ticket_clocks.h"
#include "daemon/engine/processor.h"
#include "schemas/event.h"

namespace tocsin::daemon {

// The channel that hands what agents decided to detection.
inline constexpr std::string_view kFeedbackChannel = "feedback";
// The channel of the ticket system.
inline constexpr std::string_view kTicketChannel = "tickets";

// The lane of a case's ticket.
[[nodiscard]] std::string TicketLaneId(std::string_view channel, std::string_view case_id);
// It is not that, and holds what the ticket refused while its own lane went on.
[[nodiscard]] bool IsAside(const std::string& lane_id, const Lane::Head& head);

// Which channel is for what.
struct DeliveryTarget {
  std::string channel;
  bool mail = false;  // Notices: one lane for each e-mail address. Otherwise one for the notice.
  bool notices = false;
  bool tickets = false;
  bool remind = false;                            // Tickets: it can be asked whether somebody took one up.
  std::vector<schemas::ContactChannel> contacts;  // Notices with a recipient of one of these; empty: all.
};

struct DeliveryRules {
  std::vector<DeliveryTarget> targets;
  std::vector<std::chrono::seconds> retry_waits;
  std::chrono::seconds keep_failed = std::chrono::hours(24 * 30);
  std::chrono::seconds keep_idle = std::chrono::hours(24 * 30);  // A ticket's name, after its last word.
  int flood_max = 0;  // Notices of one partition within flood_window, beyond which they are held; 0: never.
  std::chrono::seconds flood_window = std::chrono::minutes(10);
  ReminderRules reminders;  // Needed where a target reminds.
  // Needed where a ticket system has outcomes: nobody without it makes the id of one's event.
  std::string outcome_secret;
  // What is said, where tickets go, of a notice that did not arrive. Without it nothing is said.
  std::function<std::string(const alerts::Unreached&)> unreached;
};

// One thread.
class DeliveryProcessor final : public Processor {
 public:
  // `errands` and `metrics` outlive the processor.
  DeliveryProcessor(DeliveryRules rules, Errands& errands, DeliveryMetrics& metrics);

  [[nodiscard]] std::unique_ptr<KeyedState> NewState(std::string_view key) const override;
  [[nodiscard]] Result<Done> Process(const schemas::Record& record, Timestamp now, States& states,
                                     Outputs& outputs) override;
  [[nodiscard]] std::string_view LikelyKey(const schemas::Record&) override { return {}; }
  [[nodiscard]] uint64_t state_form() const override { return Lane::Form(); }

  // The partition is another's now, or is restored anew: what is counted of it is forgotten.
  void Forget(int32_t partition);
  // Brings the gauges of pending, failed and held deliveries up to date.
  void PublishGauges();

 private:
  // Where a lane that is not idle stands, for the gauges.
  struct Open {
    std::string channel;
    LaneStatus status = LaneStatus::kIdle;
    Timestamp entered_at;
  };
  // One call of Process.
  struct Turn {
    int32_t partition = 0;
    Timestamp now;
    States& states;

    template <class State>
    Result<State*> Load(std::string_view key) {
      Result<KeyedState*> loaded = states.Load(key);
      if (!loaded) return loaded.error();
      return static_cast<State*>(*loaded);
    }
  };
  [[nodiscard]] Result<Done> Enter(Turn& turn, ParcelKind kind, std::string_view json, Timestamp appended_at);
  [[nodiscard]] Result<Done> EnterLane(Turn& turn, const DeliveryTarget& target, const Parcel& parcel,
                                       const std::string& address, bool held, Timestamp appended_at);
  [[nodiscard]] Result<Done> Hear(Turn& turn, const std::string& lane_id, const Word& word);
  [[nodiscard]] Result<Done> TakeResult(Turn& turn, const std::string& lane_id, Lane& lane, const Word& word);
  // The lanes of the index from `place` to the end of its bucket, or a slice of them (errands.h).
  [[nodiscard]] Result<Done> VisitBucket(Turn& turn, int place, bool resume);
  [[nodiscard]] Result<Done> VisitLane(Turn& turn, const std::string& lane_id, bool resume);
  // The partition's part of it, or a slice of that.
  [[nodiscard]] Result<Done> Answer(Turn& turn, int number, DeliveryRequest& request);
  [[nodiscard]] std::vector<std::string> LanesFor(int32_t partition, const DeliveryRequest& request);
  [[nodiscard]] Result<Done> AnswerLane(Turn& turn, const std::string& lane_id, DeliveryRequest& request);
  // Tickets (delivery_tickets.cc).
  // Of a lane that is full, for an operation that comes.
  static void MakeRoom(Lane& lane);
  void Heed(Turn& turn, const std::string& lane_id, const Parcel& operation, Lane& lane);
  void Remind(Turn& turn, const std::string& lane_id, Lane& lane);
  void NoteReminder(Turn& turn, const std::string& lane_id, Lane& lane, bool answered);
  void WakeToRemind(Turn& turn, const std::string& lane_id, const Lane::Head& head);
  // True: the lane goes on with what is behind its first item, which was refused.
  [[nodiscard]] Result<bool> PassOver(Turn& turn, const std::string& lane_id, Lane& lane);
  [[nodiscard]] Result<Done> SetAside(Turn& turn, const Lane& lane);
  // The notice of this lane is not delivered.
  [[nodiscard]] Result<Done> TellUnreached(Turn& turn, const Lane& notice, bool refused);
  [[nodiscard]] Result<Done> AddUnreached(Turn& turn, const std::string& case_id, LaneItem item);
  [[nodiscard]] Result<Done> EnterUnreached(Turn& turn, const std::string& channel,
                                            const std::string& case_id, LaneItem item);
  [[nodiscard]] Result<Done> TakeOutcome(Turn& turn, Lane& lane, TicketOutcome outcome);

  void Begin(Turn& turn, const std::string& lane_id, Lane& lane);
  void WaitUntil(Turn& turn, const std::string& lane_id, Lane& lane, Timestamp at);
  void Note(Turn& turn, const std::string& lane_id, const Lane& lane);
  [[nodiscard]] Result<Done> Drop(Turn& turn, const std::string& lane_id, Lane& lane);
  [[nodiscard]] Result<Done> Remove(Turn& turn, const std::string& lane_id);
  ChannelCounts* CountsOf(const std::string& channel);

  const DeliveryRules rules_;
  Errands& errands_;
  DeliveryMetrics& metrics_;
  std::map<int32_t, std::unordered_map<std::string, Open>> open_;
  // When a lane is woken to remind of its ticket, by partition and lane.
  std::map<int32_t, std::unordered_map<std::string, Timestamp>> woken_;
};

}  // namespace tocsin::daemon
