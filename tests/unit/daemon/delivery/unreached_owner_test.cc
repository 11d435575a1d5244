// What the ticket is told of an owner whom no mail reaches.
#include "tests/unit/daemon/delivery/delivery_tickets_fixture.h"

namespace tocsin::daemon {
namespace {

class UnreachedOwnerTest : public DeliveryTicketsTest {
 protected:
  void SetUp() override {
    DeliveryRules rules;
    rules.targets = {
        {.channel = "mail", .mail = true, .notices = true, .contacts = {schemas::ContactChannel::kEmail}},
        {.channel = "tickets", .tickets = true, .remind = true}};
    rules.reminders.part_of = [](Timestamp, Timestamp due, int) { return due; };
    rules.unreached = [](const std::string& address, bool refused, Timestamp) {
      return (refused ? "refused " : "given up ") + address;
    };
    Make(std::move(rules));
  }
  // Every attempt to send the mail ends so, until there is none; what is told to the ticket meanwhile
  // arrives.
  void Bounce(const SendOutcome& outcome) {
    FeedNotice(Notice("n1", MailTo("li@example.com")));
    for (int i = 0; i < 5; ++i) {
      for (const Attempt& attempt : Attempts()) {
        if (attempt.channel == "tickets") said_.push_back(attempt.parcel);
        Say(attempt, attempt.channel == "mail" ? outcome : SendOutcome::Delivered("7"));
      }
      for (const Wake& wake : Wakes()) {
        if (wake.at > kNow + hours(1)) continue;  // A reminder.
        now_ = std::max(now_, wake.at);
        Say(wake.lane, {.kind = Word::Kind::kDue});
      }
    }
  }
  std::vector<std::string> Texts() const {
    std::vector<std::string> texts;
    for (const Parcel& parcel : said_) texts.push_back(parcel.text);
    return texts;
  }
};

TEST_F(UnreachedOwnerTest, IsToldToTheTicket) {
  Feed("t1", "open", hours(24), hours(0), "P1");
  Deliver();
  Bounce(SendOutcome::Refused("smtp_550"));
  ASSERT_EQ(Texts(), (std::vector<std::string>{"b", "refused li@example.com"}));
  EXPECT_TRUE(said_[1].unreached);
  EXPECT_EQ(said_[1].external_id, "7");
  EXPECT_EQ(said_[1].priority, Priority::kP1) << "it changes none";
}

// The night when the relay refuses everybody and the ticket system is away.
TEST_F(UnreachedOwnerTest, LeavesRoomForOperations) {
  Feed("t1", "open", hours(24));
  Attempt open = Attempts().at(0);
  for (int i = 0; i < 70; ++i) {
    FeedNotice(Notice("n" + std::to_string(i), MailTo("li@example.com")));
    Say(Attempts().at(0), SendOutcome::Refused("smtp_550"));
  }
  for (int i = 0; i < 20; ++i) Feed("e" + std::to_string(i), "escalate", hours(24), hours(0), "P1");
  Feed("end", "resolve", hours(24), hours(0), "P1");
  Say(open, SendOutcome::Delivered("7"));
  Deliver();
  std::vector<std::string> operations;
  for (const Parcel& parcel : said_) {
    if (!parcel.unreached) operations.push_back(parcel.id);
  }
  ASSERT_EQ(operations.size(), 21U);
  EXPECT_EQ(operations.front(), "e0");
  EXPECT_EQ(operations.back(), "end");
  EXPECT_GT(said_.size(), 50U) << "and that he is not reached is told as well";
}

TEST_F(UnreachedOwnerTest, IsToldWhenTheMailIsGivenUp) {
  Feed("t1", "open", hours(24));
  Deliver();
  Bounce(SendOutcome::Retry("smtp_451"));
  EXPECT_EQ(Texts(), (std::vector<std::string>{"b", "given up li@example.com"}));
}

TEST_F(UnreachedOwnerTest, WaitsForATicketThatThereIsNot) {
  Bounce(SendOutcome::Refused("smtp_550"));
  EXPECT_EQ(Texts(), std::vector<std::string>{});
  EXPECT_EQ(Restart(), 0U);
  Feed("t1", "open", hours(24));
  Deliver();
  EXPECT_EQ(Texts(), (std::vector<std::string>{"b", "refused li@example.com"}));
  Feed("t2", "append", hours(24));
  Deliver();
  EXPECT_EQ(Texts().size(), 3U) << "once";
}

}  // namespace
}  // namespace tocsin::daemon
