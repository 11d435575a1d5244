// What an answer of a receiver means, signatures, and when to try again.
#include <gtest/gtest.h>

#include "daemon/delivery/retry.h"
#include "daemon/delivery/smtp_channel.h"
#include "daemon/delivery/webhook_channel.h"
#include "daemon/delivery/webhook_signature.h"

namespace tocsin::daemon {
namespace {

using Kind = SendOutcome::Kind;

TEST(WebhookSignature, IsThatOfThePublishedExample) {
  const auto key = WebhookKey("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  ASSERT_TRUE(key);
  const Timestamp at = FromMillis(1'614'265'330'000);
  EXPECT_EQ(WebhookSignature("msg_p5jXN8AQM9LWM0D4loKWxJek", at, R"({"test": 2432232314})", {&*key, 1}),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  EXPECT_EQ(WebhookTimestamp(at), "1614265330");
}

TEST(WebhookSignature, EachKeySigns) {
  const std::vector<std::string> keys = {std::string(24, 'a'), std::string(24, 'b')};
  const std::string both = WebhookSignature("id", {}, "body", keys);
  EXPECT_EQ(both, WebhookSignature("id", {}, "body", {keys.data(), 1}) + " " +
                      WebhookSignature("id", {}, "body", {&keys[1], 1}));
}

TEST(WebhookSignature, AKeyIsLongEnoughAndBase64) {
  EXPECT_FALSE(WebhookKey("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
  EXPECT_FALSE(WebhookKey("whsec_c2hvcnQ="));
  EXPECT_FALSE(WebhookKey("whsec_not base64 not base64 not base64"));
}

struct Smtp {
  const char* name;
  bool transferred;
  long code;
  const char* trouble;
  Kind kind;
  const char* reason;
};
class SmtpOutcomeTest : public testing::TestWithParam<Smtp> {};
TEST_P(SmtpOutcomeTest, IsWhatTheRelayMeans) {
  const SendOutcome outcome = OutcomeOfSmtp(GetParam().transferred, GetParam().code, GetParam().trouble);
  EXPECT_EQ(outcome.kind, GetParam().kind);
  EXPECT_EQ(outcome.reason, GetParam().reason);
}
INSTANTIATE_TEST_SUITE_P(
    Replies, SmtpOutcomeTest,
    testing::Values(Smtp{"Taken", true, 250, "", Kind::kDelivered, "accepted"},
                    Smtp{"NoSuchUser", false, 550, "transport", Kind::kRefused, "smtp_550"},
                    Smtp{"Greylisted", false, 451, "transport", Kind::kRetry, "smtp_451"},
                    Smtp{"WrongCertificate", false, 220, "tls", Kind::kRetry, "tls"},
                    Smtp{"CutAfterData", false, 354, "transport", Kind::kRetry, "transport"},
                    Smtp{"LoginRefused", false, 535, "login", Kind::kRetry, "login"},
                    Smtp{"LoginWanted", false, 530, "transport", Kind::kRetry, "login"},
                    Smtp{"NobodyThere", false, 0, "connect", Kind::kRetry, "connect"}),
    [](const auto& tested) { return tested.param.name; });

struct Http {
  const char* name;
  int status;
  Kind kind;
};
class HttpOutcomeTest : public testing::TestWithParam<Http> {};
TEST_P(HttpOutcomeTest, IsWhatTheReceiverMeans) {
  const SendOutcome outcome =
      OutcomeOfHttp(HttpAnswer{.status = GetParam().status, .retry_after = std::chrono::seconds(7)});
  EXPECT_EQ(outcome.kind, GetParam().kind);
  EXPECT_EQ(outcome.retry_after.count(), outcome.kind == Kind::kRetry ? 7 : 0);
}
INSTANTIATE_TEST_SUITE_P(
    Statuses, HttpOutcomeTest,
    testing::Values(Http{"Ok", 200, Kind::kDelivered}, Http{"NoContent", 204, Kind::kDelivered},
                    Http{"Redirect", 302, Kind::kRetry}, Http{"Bad", 400, Kind::kRefused},
                    Http{"Unauthorized", 401, Kind::kRetry}, Http{"NotThere", 404, Kind::kRetry},
                    Http{"Gone", 410, Kind::kRefused}, Http{"TooMany", 429, Kind::kRetry},
                    Http{"Broken", 500, Kind::kRetry}, Http{"Away", 503, Kind::kRetry}),
    [](const auto& tested) { return tested.param.name; });

TEST(HttpOutcome, NoAnswerIsTriedAgain) {
  const SendOutcome outcome = OutcomeOfHttp(Error{ErrorCode::kUnavailable, "timeout", "…"});
  EXPECT_EQ(outcome.kind, Kind::kRetry);
  EXPECT_EQ(outcome.reason, "timeout");
}

TEST(RetryWaits, AreTheStandardTable) {
  Millis sum{0};
  for (int attempt = 1; attempt <= 9; ++attempt) sum += *WaitAfter(DefaultRetryWaits(), attempt, {}, 0);
  EXPECT_EQ(sum, std::chrono::hours(75) + std::chrono::minutes(35) + std::chrono::seconds(5));
  EXPECT_FALSE(WaitAfter(DefaultRetryWaits(), 10, {}, 0));
}

TEST(RetryWaits, ScatterByAFifthAndHonourWhatIsAskedFor) {
  for (uint64_t seed = 0; seed < 5000; seed += 7) {
    const Millis wait = *WaitAfter({std::chrono::seconds(10)}, 1, {}, seed);
    EXPECT_GE(wait, std::chrono::seconds(10));
    EXPECT_LE(wait, std::chrono::seconds(12));
  }
  EXPECT_EQ(*WaitAfter({std::chrono::seconds(10)}, 1, std::chrono::hours(1), 0), std::chrono::hours(1));
  EXPECT_EQ(*WaitAfter({std::chrono::seconds(10)}, 1, std::chrono::hours(1000), 0), std::chrono::hours(24));
}

}  // namespace
}  // namespace tocsin::daemon
