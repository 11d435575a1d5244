// What no answer of an owner takes away: a thief who holds the mailbox as well answers "this was me" to each
// notice.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

#include "tests/support/detection_line.h"

namespace tocsin::daemon {
namespace {

using schemas::OutputKind;

constexpr std::string_view kOwner =
    R"("ip":"139.12.16.10","device":{"id":"phone-1","platform":"ios","model":"iPhone 14"})";
constexpr std::string_view kThief =
    R"("ip":"105.224.112.152","device":{"id":"laptop-9","platform":"linux","model":"ThinkPad"})";

class AnswerLawsTest : public testing::Test {
 protected:
  // `day` of January, or of February as from 32 on.
  static std::string Time(int day, std::string_view time) {
    const int of_month = day > 31 ? day - 31 : day;
    return std::string(day > 31 ? "2026-02-" : "2026-01-") + (of_month < 10 ? "0" : "") +
           std::to_string(of_month) + "T" + std::string(time) + ":00Z";
  }
  void Run(std::string_view type, int day, std::string_view time, std::string_view rest) {
    line_.Run(R"({"type":")" + std::string(type) + R"(","source":"test","event_id":"e)" +
              std::to_string(++events_) + R"(","account_id":"account-1","occurred_at":")" + Time(day, time) +
              R"(",)" + std::string(rest) + "}");
  }
  void Login(int day, std::string_view time, std::string_view with) {
    Run("login", day, time, std::string(with) + R"(,"outcome":"success")");
  }
  void Settle() {
    Run("account_profile", 1, "07:00",
        R"("contacts":[{"channel":"email","address":"owner@example.com","verified":true}])");
    for (int day = 1; day <= 20; ++day) Login(day, "08:00", kOwner);
  }

  static std::string Member(std::string_view json, std::string_view name) {
    const std::string key = "\"" + std::string(name) + "\":\"";
    const size_t begin = json.find(key);
    if (begin == std::string_view::npos) return {};
    const size_t from = begin + key.size();
    return std::string(json.substr(from, json.find('"', from) - from));
  }
  // Presses the button of every notice that was not answered yet.
  void AnswerAll(std::string_view verdict, int day, std::string_view time) {
    for (const schemas::OutRecord& record : std::vector(line_.outputs())) {
      if (record.kind != OutputKind::kNotice) continue;
      const std::string id = Member(record.value, "notice_id");
      if (!answered_.insert(id).second) continue;
      Run("feedback", day, time,
          R"("verdict":")" + std::string(verdict) + R"(","by":"owner","notice_id":")" + id + "\"");
    }
  }
  [[nodiscard]] bool PutOut(OutputKind kind, std::string_view member, std::string_view value) const {
    return std::ranges::any_of(line_.outputs(), [&](const schemas::OutRecord& record) {
      return record.kind == kind && Member(record.value, member) == value;
    });
  }

  test::DetectionLine line_;
  std::set<std::string> answered_;
  int events_ = 0;
};

TEST_F(AnswerLawsTest, MeToEachNoticeStopsNoHold) {
  Settle();
  const std::string thief(kThief);
  Login(21, "08:00", kThief);
  AnswerAll("me", 21, "08:01");
  Run("account_change", 21, "08:05", thief + R"(,"change":"password_changed")");
  AnswerAll("me", 21, "08:06");
  Run("account_change", 21, "08:10", thief + R"(,"change":"payee_added","payee":{"id":"mule"})");
  AnswerAll("me", 21, "08:11");
  Run("transaction", 21, "08:30",
      thief + R"(,"transaction_id":"t-1","kind":"transfer","status":"authorized","amount":"19000.00",)"
              R"("currency":"SGD","counterparty":{"id":"mule","type":"person"})");
  EXPECT_GE(answered_.size(), 3U) << "there was something to answer";
  EXPECT_TRUE(PutOut(OutputKind::kAction, "action", "hold_transaction"));
}

TEST_F(AnswerLawsTest, MeConfirmsNothingWhileNobodyLookedAtWhatWasDenied) {
  Settle();
  Login(21, "08:00", kThief);
  AnswerAll("not_me", 21, "09:00");
  const std::string other = R"("ip":"105.224.112.152","device":{"id":"laptop-10","platform":"linux"})";
  Login(25, "08:00", other);
  const size_t told = answered_.size();
  AnswerAll("me", 25, "08:01");
  EXPECT_GT(answered_.size(), told) << "there was something to answer";
  EXPECT_FALSE(PutOut(OutputKind::kTicket, "operation", "resolve"));
  const auto& account = static_cast<const Account&>(*line_.states().find("account-1")->second);
  for (const detectors::KnownDevice& device : account.detection.devices().known)
    EXPECT_EQ(device.tenure.standing == detectors::Standing::kKnown, device.id == "phone-1") << device.id;
}

}  // namespace
}  // namespace tocsin::daemon
