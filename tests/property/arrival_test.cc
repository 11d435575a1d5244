// What arrives late, or of whom it is not quite said, and is taken all the same; and who decides what is
// late.
#include <gtest/gtest.h>

#include <string>

#include "base/time.h"
#include "detectors/state/recent_events.h"
#include "tests/support/detection_line.h"

namespace tocsin {
namespace {

constexpr Timestamp kNight = FromMillis(1'772'334'000'000);  // 2026-03-01T03:00:00Z

std::string Login(const std::string& id, Timestamp at, const std::string& outcome) {
  return R"({"type":"login","event_id":")" + id +
         R"(","source":"idp.example.com","account_id":"acct-1","occurred_at":")" + FormatRfc3339(at) +
         R"(","ip":"198.51.100.7",)" + outcome + R"(,"method":"password"})";
}

std::string Payment(const std::string& id, Timestamp at) {
  return R"({"type":"transaction","event_id":")" + id +
         R"(","source":"ledger.example.com","account_id":"acct-1","occurred_at":")" + FormatRfc3339(at) +
         R"(","transaction_id":"tx-1","kind":"transfer","direction":"out","status":"completed",)"
         R"("amount":"5000.00","currency":"USD","counterparty":{"id":"payee-9","type":"person"}})";
}

size_t Count(const test::DetectionLine& line, schemas::OutputKind kind) {
  size_t count = 0;
  for (const schemas::OutRecord& record : line.outputs()) count += record.kind == kind ? 1 : 0;
  return count;
}

std::string Profile(const std::string& id, Timestamp at, const std::string& address,
                    const std::string& more = "") {
  return R"({"type":"account_profile","event_id":")" + id +
         R"(","source":"crm.example.com","account_id":"acct-1","occurred_at":")" + FormatRfc3339(at) + "\"" +
         more + R"(,"contacts":[{"channel":"email","address":")" + address + R"(","verified":true}]})";
}

std::string Answer(const std::string& id, Timestamp at, const std::string& verdict,
                   const std::string& finding) {
  return R"({"type":"feedback","event_id":")" + id +
         R"(","source":"desk.example.com","account_id":"acct-1","occurred_at":")" + FormatRfc3339(at) +
         R"(","verdict":")" + verdict + R"(","by":"analyst","finding_id":")" + finding + R"("})";
}

std::string Member(const std::string& json, const std::string& name) {
  const size_t at = json.find("\"" + name + "\":\"");
  if (at == std::string::npos) return {};
  const size_t from = at + name.size() + 4;
  return json.substr(from, json.find('"', from) - from);
}

void Guess(test::DetectionLine& line, Timestamp at) {
  for (int i = 0; i < 8; ++i)
    line.Run(Login("g" + std::to_string(i), at + Millis(i * 1000),
                   R"("outcome":"failure","failure_reason":"bad_credentials")"));
  line.Run(Login("guessed", at + Millis(20'000), R"("outcome":"success")"));
}

// Addresses that notices went to.
std::string Told(const test::DetectionLine& line) {
  std::string told;
  for (const schemas::OutRecord& record : line.outputs()) {
    if (record.kind == schemas::OutputKind::kNotice) told += Member(record.value, "address") + " ";
  }
  return told;
}

// A profile says when it was changed, which may be years ago, and comes when it is loaded.
TEST(ArrivalTest, AProfileIsNeverTooLate) {
  test::DetectionLine line;
  line.Run(Login("in", kNight, R"("outcome":"success")"));
  line.Run(Profile("p", kNight - Millis(30LL * 86'400'000), "owner@example.com"));
  EXPECT_EQ(Count(line, schemas::OutputKind::kDeadLetter), 0U);
  Guess(line, kNight + Millis(3'600'000));
  EXPECT_NE(Told(line).find("owner@example.com"), std::string::npos);

  line.Run(Profile("older", kNight - Millis(60LL * 86'400'000), "former@example.com"));
  Guess(line, kNight + Millis(20LL * 86'400'000));
  EXPECT_EQ(Told(line).find("former@example.com"), std::string::npos) << "an older one replaces none";
}

// What an analyst decided six days ago is known from now on, once.
TEST(ArrivalTest, AnAnalystsWordIsNeverTooLate) {
  test::DetectionLine line;
  line.Run(Profile("p", kNight, "owner@example.com"));
  Guess(line, kNight);
  std::string finding;
  for (const schemas::OutRecord& record : line.outputs()) {
    if (record.kind == schemas::OutputKind::kFinding) finding = Member(record.value, "finding_id");
  }
  line.Run(Login("later", kNight + Millis(6LL * 86'400'000), R"("outcome":"success")"));
  const size_t found = Count(line, schemas::OutputKind::kFinding);
  line.Run(Answer("a", kNight + Millis(3'600'000), "confirmed_fraud", finding));
  EXPECT_EQ(Count(line, schemas::OutputKind::kDeadLetter), 0U);
  EXPECT_GT(Count(line, schemas::OutputKind::kFinding), found);
  const size_t said = line.outputs().size();
  line.Run(Answer("a", kNight + Millis(3'600'000), "confirmed_fraud", finding));
  EXPECT_EQ(line.outputs().size(), said) << "a copy is a copy";
}

// Two banks of one platform number their accounts alike.
TEST(ArrivalTest, AnotherTenantsOwnerHearsNothing) {
  test::DetectionLine line;
  line.Run(Profile("a", kNight, "ada@a.example", R"(,"tenant":"bank-a")"));
  line.Run(Profile("b", kNight + Millis(1), "bob@b.example", R"(,"tenant":"bank-b")"));
  EXPECT_EQ(Count(line, schemas::OutputKind::kDeadLetter), 1U);
  for (int i = 0; i < 8; ++i)
    line.Run(Login("g" + std::to_string(i), kNight + Millis(10'000 + i * 1000),
                   R"("outcome":"failure","failure_reason":"bad_credentials","tenant":"bank-b")"));
  line.Run(Login("in", kNight + Millis(60'000), R"("outcome":"success","tenant":"bank-b")"));
  EXPECT_GT(Count(line, schemas::OutputKind::kFinding), 0U);
  EXPECT_EQ(Told(line), "");
  line.Run(R"({"type":"account_change","event_id":"x","account_id":"acct-1","occurred_at":")" +
           FormatRfc3339(kNight + Millis(90'000)) + R"(","change":"erased","tenant":"bank-b"})");
  EXPECT_TRUE(line.states().contains("acct-1")) << "an account is erased by its own tenant";
}

// Who answers does not know the tenant, and whoever acts on it must.
TEST(ArrivalTest, WhatNamesNoTenantIsOfTheAccounts) {
  test::DetectionLine line;
  line.Run(Profile("p", kNight, "owner@example.com", R"(,"tenant":"eu")"));
  Guess(line, kNight + Millis(1000));
  ASSERT_GT(line.outputs().size(), 0U);
  for (const schemas::OutRecord& record : line.outputs()) EXPECT_EQ(Member(record.value, "tenant"), "eu");
}

// The ledger's events are two minutes late, and the thief fails to sign in 12,000 times meanwhile.
TEST(ArrivalTest, AFloodOfFailuresMakesNoPaymentLate) {
  test::DetectionLine line({.config = "limits: [{name: single, kinds: [transfer], max: USD 3000.00}]"});
  line.Run(Login("in", kNight, R"("outcome":"success")"));
  constexpr size_t kFailures = 3 * detectors::RecentEvents::kEventsMax;
  for (size_t i = 0; i < kFailures; ++i)
    line.Run(Login("f" + std::to_string(i), kNight + Millis(60'000 + 7 * static_cast<int64_t>(i)),
                   R"("outcome":"failure","failure_reason":"bad_credentials")"));
  const size_t found = Count(line, schemas::OutputKind::kFinding);
  line.Run(Payment("pay", kNight + Millis(30'000)));
  EXPECT_EQ(Count(line, schemas::OutputKind::kDeadLetter), 0U);
  EXPECT_GT(Count(line, schemas::OutputKind::kFinding), found) << "the limit is broken, and that is said";
  const size_t said = line.outputs().size();
  line.Run(Login("in", kNight, R"("outcome":"success")"));
  line.Run(Payment("pay", kNight + Millis(30'000)));
  EXPECT_EQ(line.outputs().size(), said) << "copies are known for what they are";
}

}  // namespace
}  // namespace tocsin
