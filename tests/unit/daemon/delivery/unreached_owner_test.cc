// What the ticket, and a desk behind a webhook, are told of an owner whom a notice does not reach.
#include "daemon/delivery/webhook_channel.h"
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
    rules.unreached = [](const alerts::Unreached& unreached) {
      return (unreached.refused ? "refused " : "given up ") + std::string(unreached.address);
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

// A desk behind a webhook is told as well, whether or not it has the case: by a message of its own, which is
// no operation on the ticket.
TEST_F(UnreachedOwnerTest, IsToldToADeskBehindAWebhook) {
  DeliveryRules rules;
  rules.targets = {
      {.channel = "mail", .mail = true, .notices = true, .contacts = {schemas::ContactChannel::kEmail}},
      {.channel = "app", .notices = true},
      {.channel = "desk", .tickets = true}};
  rules.unreached = [](const alerts::Unreached&) { return std::string("call instead"); };
  Make(std::move(rules));
  FeedNotice(Notice("n1", MailTo("liwei@example.com")));
  for (const Attempt& attempt : Attempts())
    Say(attempt, attempt.channel == "mail" ? SendOutcome::Refused("smtp_550") : SendOutcome::Delivered());
  const std::vector<Attempt> attempts = Attempts();
  ASSERT_EQ(attempts.size(), 1U);
  EXPECT_EQ(attempts[0].channel, "desk");
  const std::string body = WebhookBody(attempts[0].parcel);
  EXPECT_TRUE(body.starts_with(R"({"type":"tocsin.unreached.v1",)")) << body;
  for (const char* const part : {R"("notice_id":"n1")", R"("case_id":")", R"("channel":"mail")",
                                 R"("reason":"refused")", R"("body":"call instead")", "@example.com"})
    EXPECT_NE(body.find(part), std::string::npos) << part << " in " << body;
  EXPECT_EQ(body.find("liwei"), std::string::npos) << "masked";
  EXPECT_EQ(body.find(R"("operation")"), std::string::npos);
  EXPECT_EQ(Restart(), 1U) << "it is durable";
  Say(attempts[0], SendOutcome::Retry("http_503"));
  ASSERT_EQ(Wakes().size(), 1U);
}

// What a notice goes by besides mail may refuse it as well.
TEST_F(UnreachedOwnerTest, IsToldOfANoticeThatAWebhookRefuses) {
  DeliveryRules rules;
  rules.targets = {{.channel = "app", .notices = true, .tickets = true},
                   {.channel = "tickets", .tickets = true, .remind = true}};
  rules.reminders.part_of = [](Timestamp, Timestamp due, int) { return due; };
  rules.unreached = [](const alerts::Unreached& unreached) {
    return std::string(unreached.channel) + " refused it" + std::string(unreached.address);
  };
  Make(std::move(rules));
  Feed("t1", "open", hours(24));
  Deliver();
  FeedNotice(Notice("n1", MailTo("li@example.com")));
  for (const Attempt& attempt : Attempts()) Say(attempt, SendOutcome::Refused("http_422"));
  Deliver();
  std::vector<std::string> unreached;
  for (const Parcel& parcel : said_) {
    if (parcel.unreached) unreached.push_back(parcel.text);
  }
  EXPECT_EQ(unreached, std::vector<std::string>{"app refused it"})
      << "the ticket, and not the one that refused";
}

}  // namespace
}  // namespace tocsin::daemon
