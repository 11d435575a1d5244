// Since when the ticket system is asked what agents decided.
#include "daemon/delivery/ticket_watch.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <vector>

namespace tocsin::daemon {
namespace {

using std::chrono::hours;

constexpr Timestamp kStart{hours(500'000)};

struct Turn {
  Timestamp at;
  bool answered = false;
  bool cut = false;
  std::vector<KnownTicket> tickets;
};

// Answers looks, or does not, as the script says; the clock is the script's.
class ScriptedSystem final : public TicketSystem {
 public:
  ScriptedSystem(const std::vector<Turn>& script, std::atomic<size_t>& look, std::vector<Timestamp>& asked,
                 std::promise<void>& over)
      : script_(script), look_(look), asked_(asked), over_(over) {}
  TicketResult<Done> Check() override { return Done{}; }
  TicketResult<TicketList> List(Timestamp since) override {
    if (look_ == script_.size()) return SendOutcome::Retry("stopped");
    asked_.push_back(since);
    const Turn& turn = script_[look_];
    if (++look_ == script_.size()) over_.set_value();
    if (!turn.answered) return SendOutcome::Retry("timeout");
    return TicketList{.tickets = turn.tickets, .cut = turn.cut};
  }
  TicketResult<std::string> Find(const std::string&) override { return std::string(); }
  TicketResult<std::string> Create(const Parcel&) override { return std::string(); }
  TicketResult<Done> Append(const std::string&, const Parcel&) override { return Done{}; }
  TicketResult<Done> SetState(const KnownTicket&, const TicketChange&) override { return Done{}; }
  TicketResult<KnownTicket> Look(const std::string&) override { return SendOutcome::Refused("gone"); }
  TicketResult<bool> Holds(const std::string&, const std::string&) override { return false; }
  TicketResult<Done> Merge(const std::string&, const std::string&) override { return Done{}; }
  [[nodiscard]] std::chrono::seconds search_lag() const override { return {}; }

 private:
  const std::vector<Turn>& script_;
  std::atomic<size_t>& look_;
  std::vector<Timestamp>& asked_;
  std::promise<void>& over_;
};

struct Watched {
  std::vector<Timestamp> asked;       // From when, of each look.
  std::vector<std::string> reported;  // Codes.
};
Watched Watch(const std::vector<Turn>& script, hours keep = hours(720)) {
  std::atomic<size_t> look{0};
  Watched watched;
  std::promise<void> over;
  TicketNews news;
  Count unread;
  {
    const TicketWatch watch(
        {.system = std::make_unique<ScriptedSystem>(script, look, watched.asked, over),
         .poll = std::chrono::seconds(0),
         .keep = keep,
         .wall_clock = [&] { return script[std::min(look.load(), script.size() - 1)].at; },
         .report = [&](std::string_view code, const std::string&) { watched.reported.emplace_back(code); },
         .news = &news,
         .unread = &unread});
    over.get_future().wait();
  }
  return watched;
}

// Of each look: how long before the start of the script it asks from.
std::vector<hours> AskedBefore(const std::vector<Turn>& script) {
  std::vector<hours> before;
  for (const Timestamp since : Watch(script).asked)
    before.push_back(std::chrono::floor<hours>(kStart - since));
  return before;
}

TEST(TicketWatch, AnOutageOfDaysHidesNoDecision) {
  const std::vector<hours> asked = AskedBefore({{kStart, true},
                                                {kStart + hours(1), true},
                                                {kStart + hours(2), false},
                                                {kStart + hours(100), false},
                                                {kStart + hours(200), true},
                                                {kStart + hours(201), true}});
  EXPECT_EQ(asked, (std::vector<hours>{hours(720), hours(48), hours(47), hours(47), hours(47), hours(-152)}));
}

TEST(TicketWatch, TheFirstLookIsAsLongAsNamesAreKeptAndSoIsTheLongest) {
  const std::vector<Turn> script{{kStart, false}, {kStart + hours(10), true}, {kStart + hours(2000), true}};
  EXPECT_EQ(AskedBefore(script), (std::vector<hours>{hours(720), hours(710), hours(720 - 2000)}));
  EXPECT_EQ(Watch(script, hours(100)).asked.front(), kStart - hours(100));
}

TEST(TicketWatch, AListThatIsCutIsReportedOnce) {
  const Turn cut{.at = kStart, .answered = true, .cut = true};
  const Turn whole{.at = kStart, .answered = true};
  EXPECT_EQ(Watch({cut, cut, whole, cut, whole}).reported,
            (std::vector<std::string>{"tickets_cut", "tickets_cut"}));
}

TEST(TicketWatch, ATicketWithBothOutcomesDecidesNothingAndIsReportedOnce) {
  KnownTicket both{.ticket = "7", .case_id = "case-1"};
  for (const TicketOutcome outcome :
       {TicketOutcome::kNone, TicketOutcome::kFraud, TicketOutcome::kFalsePositive, TicketOutcome::kFraud})
    both.Decide(outcome);
  EXPECT_EQ(both.outcome, TicketOutcome::kNone);
  KnownTicket one{.ticket = "7", .case_id = "case-1"};
  for (int i = 0; i < 2; ++i) one.Decide(TicketOutcome::kFraud);
  EXPECT_EQ(one.outcome, TicketOutcome::kFraud);
  const Turn with_both{.at = kStart, .answered = true, .tickets = {both}};
  const Turn with_one{.at = kStart, .answered = true, .tickets = {one}};
  EXPECT_EQ(Watch({with_both, with_both, with_one, with_both, with_one}).reported,
            (std::vector<std::string>{"ticket_undecided", "ticket_undecided"}));
}

}  // namespace
}  // namespace tocsin::daemon
