#include "alerts/answer_token.h"

#include <gtest/gtest.h>

namespace tocsin::alerts {
namespace {

const Timestamp kNow = *ParseRfc3339("2026-03-01T12:00:00Z");
constexpr std::string_view kUrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

AnswersConfig Config(char key = 'k') {
  AnswersConfig config;
  config.key = std::string(32, key);
  return config;
}

AnswerClaim Claim(std::string account = "acct-29487715") {
  return {.notice_id = "0123456789abcdef0123456789abcdef",
          .account_id = AccountId(std::move(account)),
          .verdict = schemas::FeedbackVerdict::kNotMe,
          .expires_at = kNow + std::chrono::hours(72)};
}

Result<AnswerClaim> Verify(std::string_view token, const AnswersConfig& config = Config(),
                           Timestamp now = kNow) {
  return VerifyAnswerToken(token, {&config, 1}, now);
}

TEST(AnswerTokenTest, GivesBackWhatWasClaimed) {
  for (const std::string& account : {std::string("a"), std::string(128, 'x'), std::string("账户")}) {
    const std::string token = MakeAnswerToken(Claim(account), Config());
    EXPECT_EQ(token.find_first_not_of(kUrlSafe), std::string::npos);
    const auto claim = Verify(token);
    ASSERT_TRUE(claim);
    EXPECT_EQ(*claim, Claim(account));
  }
}

// Who knows the notice cannot take the place of its answer by sending something of that id before.
TEST(AnswerTokenTest, NobodyElseMakesTheIdOfAnAnswer) {
  const std::string id = AnswerId(Claim(), "not_me", Config().key);
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(id, AnswerId(Claim(), "not_me", Config().key)) << "pressed twice";
  EXPECT_NE(id, AnswerId(Claim(), "me", Config().key));
  EXPECT_NE(id, AnswerId(Claim(), "not_me", Config('x').key));
  AnswerClaim other = Claim();
  other.notice_id.back() = '0';
  EXPECT_NE(id, AnswerId(other, "not_me", Config().key));
}

TEST(AnswerTokenTest, NobodyElseMakesTheIdOfAnOutcome) {
  const std::string id = OutcomeId("case-1", "confirmed_fraud", 1, "secret");
  EXPECT_EQ(id.size(), 32U);
  EXPECT_EQ(id, OutcomeId("case-1", "confirmed_fraud", 1, "secret"));
  for (const std::string& other : {OutcomeId("case-1", "confirmed_fraud", 1, "other"),
                                   OutcomeId("case-1", "confirmed_fraud", 2, "secret"),
                                   OutcomeId("case-1", "false_positive", 1, "secret"),
                                   OutcomeId("case-2", "confirmed_fraud", 1, "secret")})
    EXPECT_NE(id, other);
}

TEST(AnswerTokenTest, SaysTheLanguageOfItsNotice) {
  AnswerClaim claim = Claim();
  claim.locale = "zh-CN";
  const std::string token = MakeAnswerToken(claim, Config());
  const AnswersConfig config = Config();
  EXPECT_EQ(Verify(token)->locale, "zh-CN");
  EXPECT_FALSE(Verify(token, config, claim.expires_at));
  EXPECT_EQ(LocaleOfAnswerToken(token, {&config, 1}), "zh-CN") << "however old it is";
  const AnswersConfig other = Config('o');
  EXPECT_EQ(LocaleOfAnswerToken(token, {&other, 1}), "");
}

TEST(AnswerTokenTest, LinksOfBeforeThereWasALanguageAreGood) {
  const auto claim = Verify(
      "AQExIDAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmAoD7wJoNBnRvY3Npbg1yxTK7Qt8vWTBdhHjgB49oYeOjLrL7cxviDK"
      "fNH"
      "6wRVKCRLnn2dRyPizkJqvs");
  ASSERT_TRUE(claim);
  EXPECT_EQ(*claim, Claim());
}

TEST(AnswerTokenTest, DoesNotShowTheAccount) {
  const std::string token = MakeAnswerToken(Claim("acct-29487715"), Config());
  // "acct-29487715" in base64 at each of the three alignments.
  for (const char* part : {"YWNjdC0yOTQ4NzcxN", "FjY3QtMjk0ODc3MT", "hY2N0LTI5NDg3NzE1"}) {
    EXPECT_EQ(token.find(part), std::string::npos);
  }
}

TEST(AnswerTokenTest, AnyChangedCharacterIsRefused) {
  const std::string token = MakeAnswerToken(Claim(), Config());
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char c : {'A', 'z', '_', '='}) {
      if (token[i] == c) continue;
      std::string changed = token;
      changed[i] = c;
      EXPECT_FALSE(Verify(changed)) << i;
    }
  }
  for (size_t size = 0; size < token.size(); ++size) EXPECT_FALSE(Verify(token.substr(0, size)));
  EXPECT_FALSE(Verify(token + "A"));
  EXPECT_FALSE(Verify(std::string(100'000, 'A')));
}

TEST(AnswerTokenTest, ExpiresToTheSecond) {
  const std::string token = MakeAnswerToken(Claim(), Config());
  EXPECT_TRUE(Verify(token, Config(), Claim().expires_at - Millis(1)));
  const auto late = Verify(token, Config(), Claim().expires_at);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kNotFound);
}

TEST(AnswerTokenTest, IsForOneAudienceAndKey) {
  const std::string token = MakeAnswerToken(Claim(), Config());
  AnswersConfig other_audience = Config();
  other_audience.audience = "staging";
  AnswersConfig other_key_id = Config();
  other_key_id.key_id = "2";
  EXPECT_FALSE(Verify(token, other_audience));
  EXPECT_FALSE(Verify(token, other_key_id));
  EXPECT_FALSE(Verify(token, Config('x')));
  EXPECT_FALSE(Verify(token, AnswersConfig{}));
}

TEST(AnswerTokenTest, AKeyThatWasReplacedStillVerifies) {
  AnswersConfig next = Config('n');
  next.key_id = "2";
  const AnswersConfig configs[] = {next, Config()};
  const auto old = VerifyAnswerToken(MakeAnswerToken(Claim(), Config()), configs, kNow);
  const auto present = VerifyAnswerToken(MakeAnswerToken(Claim(), next), configs, kNow);
  ASSERT_TRUE(old && present);
  EXPECT_EQ(old->signed_by, 1U);
  EXPECT_EQ(present->signed_by, 0U);
}

TEST(AnswerTokenTest, OneKeyMayHaveTwoIds) {
  AnswersConfig renamed = Config();
  renamed.key_id = "2";
  const AnswersConfig configs[] = {renamed, Config()};
  for (size_t i = 0; i < 2; ++i) {
    const auto claim = VerifyAnswerToken(MakeAnswerToken(Claim(), configs[i]), configs, kNow);
    ASSERT_TRUE(claim) << i;
    EXPECT_EQ(claim->signed_by, i);
  }
}

TEST(AnswerTokenTest, EachAnswerHasItsOwnToken) {
  AnswerClaim me = Claim();
  me.verdict = schemas::FeedbackVerdict::kMe;
  EXPECT_NE(MakeAnswerToken(me, Config()), MakeAnswerToken(Claim(), Config()));
  AnswerClaim fraud = Claim();
  fraud.verdict = schemas::FeedbackVerdict::kConfirmedFraud;
  EXPECT_FALSE(Verify(MakeAnswerToken(fraud, Config()))) << "a link can only say me or not me";
}

}  // namespace
}  // namespace tocsin::alerts
