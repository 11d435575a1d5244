#include "alerts/answered_causes.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace tocsin::alerts {
namespace {

using schemas::FeedbackVerdict;
using namespace std::chrono_literals;
using Causes = std::vector<std::string_view>;

constexpr Timestamp kNoon = FromMillis(1'772'366'400'000);

CaseFinding Found(std::string_view id, std::string_view reason, Timestamp at,
                  std::vector<std::string> cause) {
  CaseFinding finding;
  finding.finding_id = id;
  finding.reason = reason;
  finding.at = at;
  finding.cause = std::move(cause);
  return finding;
}

// The owner's new phone, a notice of it, and an hour later a stranger.
CaseFile File() {
  CaseFile file;
  Case one;
  one.case_id = "case-1";
  one.findings = {Found("f-mine", "new_device", kNoon, {"mine"}),
                  Found("f-theirs", "new_device", kNoon + 1h, {"theirs"}),
                  Found("f-travel", "impossible_travel", kNoon + 1h, {"mine", "theirs"})};
  Case old;
  old.case_id = "case-0";
  old.findings = {Found("f-old", "new_device", kNoon - 1h, {"old"})};
  file.MutableCases() = {old, one};
  NoticeSent notice;
  notice.reason = "new_device";
  notice.at = kNoon;
  notice.notice_id = "notice-1";
  notice.case_id = "case-1";
  file.MutableNotices() = {notice};
  return file;
}

schemas::Feedback About(FeedbackVerdict verdict, std::string_view finding, std::string_view one,
                        std::string_view notice) {
  schemas::Feedback feedback;
  feedback.verdict = verdict;
  feedback.finding_id = finding;
  feedback.case_id = one;
  feedback.notice_id = notice;
  return feedback;
}

TEST(AnsweredCauses, OfAFindingAreItsOwn) {
  const CaseFile file = File();
  EXPECT_EQ(AnsweredCauses(file, About(FeedbackVerdict::kMe, "f-theirs", "", "")), Causes{"theirs"});
}

TEST(AnsweredCauses, OfACaseAreThoseOfAllItsFindingsOnce) {
  const CaseFile file = File();
  EXPECT_EQ(AnsweredCauses(file, About(FeedbackVerdict::kFalsePositive, "", "case-1", "")),
            (Causes{"mine", "theirs"}));
}

TEST(AnsweredCauses, NobodyConfirmsWhatHeWasNotShown) {
  const CaseFile file = File();
  EXPECT_EQ(AnsweredCauses(file, About(FeedbackVerdict::kMe, "", "", "notice-1")), Causes{"mine"});
}

TEST(AnsweredCauses, ADenialReachesTheWholeCase) {
  const CaseFile file = File();
  EXPECT_EQ(AnsweredCauses(file, About(FeedbackVerdict::kNotMe, "", "", "notice-1")),
            (Causes{"mine", "theirs"}));
}

TEST(AnsweredCauses, OfWhatIsNotKnownAreNone) {
  const CaseFile file = File();
  EXPECT_TRUE(AnsweredCauses(file, About(FeedbackVerdict::kMe, "f-none", "", "")).empty());
  EXPECT_TRUE(AnsweredCauses(file, About(FeedbackVerdict::kMe, "", "case-9", "")).empty());
  EXPECT_TRUE(AnsweredCauses(file, About(FeedbackVerdict::kNotMe, "", "", "notice-9")).empty());
  EXPECT_TRUE(AnsweredCauses(file, About(FeedbackVerdict::kMe, "", "", "")).empty());
}

}  // namespace
}  // namespace tocsin::alerts
