// A known number leads to a ticket of another case, of none, or to one that the case's was merged into.
#include "tests/unit/daemon/delivery/ticket_channel_fixture.h"

namespace tocsin::daemon {
namespace {

// After a change of system the number may be any ticket's.
struct Stranger {
  const char* name;
  const char* case_id;
  const char* subject;
};
class StrangerTest : public TicketChannelTest, public testing::WithParamInterface<Stranger> {};
TEST_P(StrangerTest, IsLeftAloneAndTheCaseGetsItsOwnTicket) {
  const KnownTicket stranger{.ticket = "1",
                             .case_id = GetParam().case_id,
                             .subject = GetParam().subject,
                             .stage = TicketStage::kClosed};
  desk_.tickets["1"] = {.known = stranger, .words = {"x"}};
  for (const auto& [operation, id] :
       {std::pair(TicketOperation::kEscalate, "b"), std::pair(TicketOperation::kResolve, "c")}) {
    Parcel parcel = Operation(operation, id);
    parcel.external_id = "1";
    parcel.reference = "T-1";
    const SendOutcome outcome = Send(parcel);
    EXPECT_EQ(outcome.kind, Kind::kDelivered);
    EXPECT_EQ(outcome.external_id, "2");
  }
  EXPECT_EQ(held().known, stranger);
  EXPECT_EQ(held().words, std::vector<std::string>{"x"});
  EXPECT_EQ(desk_.tickets.at("2").words, (std::vector<std::string>{"b", "c"}));
  Parcel reminder = Operation(TicketOperation::kEscalate, "r");
  reminder.external_id = "1";
  reminder.reminder = TicketClock::kFirstReply;
  EXPECT_EQ(Send(reminder).reason, kAnswered);
  EXPECT_EQ(held().words.size(), 1U);
}
INSTANTIATE_TEST_SUITE_P(Tickets, StrangerTest,
                         testing::Values(Stranger{"OfAnotherCase", "case-2", "[T-2] P1: takeover"},
                                         Stranger{"OfNoCase", "", "Printer on floor 3"},
                                         Stranger{"OfNoCaseWithAReference", "", "[T-2] P1: takeover"}),
                         [](const auto& tested) { return tested.param.name; });

// Otherwise each operation would make one more.
TEST_F(TicketChannelTest, ATicketThatLostItsCaseIsToldByItsHeading) {
  Parcel parcel = Operation(TicketOperation::kOpen, "a");
  parcel.subject = "[T-1] P2: suspicious sign-in";
  Send(parcel);
  held().known.case_id.clear();
  parcel = Operation(TicketOperation::kEscalate, "b");
  parcel.external_id = "1";
  parcel.reference = "T-1";
  EXPECT_EQ(Send(parcel).external_id, "1");
  EXPECT_EQ(desk_.tickets.size(), 1U);
}

// An agent merged the case's ticket, 1, into that of another case, 2.
class MergedTicketTest : public TicketChannelTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(Send(Operation(TicketOperation::kOpen, "a")).kind, Kind::kDelivered);
    desk_.tickets["2"] = {.known = {.ticket = "2",
                                    .case_id = "case-2",
                                    .subject = "[T-2] P1: takeover",
                                    .stage = TicketStage::kOpen},
                          .words = {"x"},
                          .priority = schemas::Priority::kP1};
    desk_.merged["1"] = "2";
  }
  Held& other() { return desk_.tickets.at("2"); }
};

TEST_F(MergedTicketTest, HoldsTheWordsOfBothAndStaysTheOthers) {
  const KnownTicket before = other().known;
  for (const TicketOperation operation :
       {TicketOperation::kEscalate, TicketOperation::kAppend, TicketOperation::kResolve}) {
    Parcel parcel = Operation(operation, "b" + std::to_string(static_cast<int>(operation)));
    parcel.subject = "[T-1] P3: something else";
    parcel.external_id = "1";
    for (int i = 0; i < 2; ++i) EXPECT_EQ(Send(parcel).external_id, "1") << "the next one asks for it again";
  }
  EXPECT_EQ(other().known, before);
  EXPECT_EQ(other().priority, schemas::Priority::kP1);
  EXPECT_EQ(other().words, (std::vector<std::string>{"x", "b2", "b1", "b3"}));
  EXPECT_EQ(desk_.tickets.size(), 2U);
}

TEST_F(MergedTicketTest, IsOpenedAgainByNewsAlone) {
  other().known.stage = TicketStage::kClosed;
  Tell(TicketOperation::kResolve, "b");
  EXPECT_EQ(other().known.stage, TicketStage::kClosed);
  Tell(TicketOperation::kAppend, "c");
  EXPECT_EQ(other().known.stage, TicketStage::kOpen);
  EXPECT_EQ(other().known.subject, "[T-2] P1: takeover");
}

TEST_F(MergedTicketTest, WasTakenUpByWhoMergedIt) {
  Parcel reminder = Operation(TicketOperation::kEscalate, "r");
  reminder.external_id = "1";
  reminder.reminder = TicketClock::kFirstReply;
  EXPECT_EQ(Send(reminder).reason, kAnswered);
  reminder.reminder = TicketClock::kReview;
  EXPECT_NE(Send(reminder).reason, kAnswered);
  EXPECT_EQ(other().words, (std::vector<std::string>{"x", "r"}));
}

}  // namespace
}  // namespace tocsin::daemon
