// The delivery processor with a ticket system that can be asked who took a ticket up.
#pragma once

#include <algorithm>

#include "schemas/enum_names.h"
#include "tests/unit/daemon/delivery/delivery_processor_fixture.h"

namespace tocsin::daemon {

using schemas::Priority;
using schemas::TicketOperation;
using std::chrono::hours;
using std::chrono::minutes;

class DeliveryTicketsTest : public DeliveryProcessorTest {
 protected:
  void SetUp() override {
    DeliveryRules rules;
    rules.targets = {{.channel = "tickets", .tickets = true, .remind = true}};
    rules.outcome_secret = "of the ticket system";
    rules.reminders = {
        .part_of =
            [this](Timestamp from, Timestamp due, int percent) {
              return from + (due - from) * percent / 100 + (percent < 100 ? later_ : hours(0));
            },
        .text =
            [](TicketClock clock, int percent, Timestamp, std::optional<schemas::Priority> raised_to) {
              std::string text(kClockNames[static_cast<size_t>(clock)]);
              text += " " + std::to_string(percent);
              if (raised_to) text += " " + std::string(schemas::Name(*raised_to));
              return text;
            }};
    Make(std::move(rules));
  }
  // An operation of a case that began at kNow.
  void Feed(const std::string& id, const std::string& operation, hours first_reply, hours review = hours(0),
            const std::string& priority = "P3") {
    std::string due = R"("first_reply":")" + FormatRfc3339(kNow + first_reply) + '"';
    if (review > hours(0)) due += R"(,"review":")" + FormatRfc3339(kNow + review) + '"';
    FeedTicket(R"({"ticket_id":")" + id + R"(","case_id":"case-1","account_id":"a","operation":")" +
               operation + R"(","priority":")" + priority + R"(","subject":"s","body":"b","occurred_at":")" +
               FormatRfc3339(kNow) + R"(","due":{)" + due + "}}");
  }
  void Deliver() {
    for (const Attempt& attempt : Attempts()) {
      said_.push_back(attempt.parcel);
      Say(attempt, SendOutcome::Delivered("7"));
    }
    if (!errands_.attempts.empty()) Deliver();
  }
  // Hands over what was to wake until then.
  void PassTo(Timestamp then) {
    auto wakes = Wakes();
    while (true) {
      std::ranges::sort(wakes, {}, &Wake::at);
      if (wakes.empty() || wakes.front().at > then) break;
      now_ = std::max(now_, wakes.front().at);
      Say(wakes.front().lane, {.kind = Word::Kind::kDue});
      wakes.erase(wakes.begin());
      std::ranges::copy(Wakes(), std::back_inserter(wakes));
      Deliver();
    }
    errands_.wakes = wakes;
    now_ = then;
  }
  [[nodiscard]] std::vector<std::string> Reminders() const {
    std::vector<std::string> texts;
    for (const Parcel& parcel : said_) {
      if (parcel.reminder) texts.push_back(parcel.text);
    }
    return texts;
  }

  std::vector<Parcel> said_;
  hours later_{0};  // By the calendar, than half and four fifths of the time.
};

}  // namespace tocsin::daemon
