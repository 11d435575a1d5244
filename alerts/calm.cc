#include "alerts/calm.h"

#include <algorithm>

namespace tocsin::alerts {
namespace {

constexpr std::chrono::minutes kJoin{10};
constexpr std::chrono::hours kHour{1};
constexpr std::chrono::hours kDay{24};

// Notices that reach the owner around `at`, without or with those of failed logins alone; one that told
// several reasons is one.
int CountWithin(const OwnersDay& day, const std::vector<NoticeSent>& sent, Timestamp at, Millis distance,
                bool with_attempts) {
  int count = 0;
  for (auto notice = sent.begin(); notice != sent.end(); ++notice) {
    if (notice->attempts && !with_attempts) continue;
    if (AbsDifference(day.ToldAt(notice->at, notice->severity), at) >= distance) continue;
    const auto same = [&](const NoticeSent& other) { return other.notice_id == notice->notice_id; };
    if (std::none_of(sent.begin(), notice, same)) ++count;
  }
  return count;
}

// The last notice of the case told of failed logins, and of nothing else.
bool ToldOfAttempts(const Case& one, const std::vector<NoticeSent>& sent) {
  return std::ranges::any_of(sent, [&one](const NoticeSent& notice) {
    return notice.attempts && notice.case_id == one.case_id && notice.at == one.last_notice_at;
  });
}

}  // namespace

Calm MayTell(const CalmConfig& config, const OwnersDay& day, const CalmQuestion& question, const Case& one,
             const std::vector<NoticeSent>& sent) {
  if (question.restricts == Restricts::kAnew) return Calm::kTell;
  const bool high = question.severity >= schemas::Severity::kHigh;

  const bool told_in_case = one.last_notice_at > kTimestampMin;
  if (told_in_case && !question.money_leaves && AbsDifference(question.at, one.last_notice_at) < kJoin &&
      question.severity <= one.last_notice_severity && (question.attempt || !ToldOfAttempts(one, sent))) {
    return Calm::kJoined;
  }
  if (high && question.money_doubled) return Calm::kTell;
  // What keeps the owner from their money, or takes it in the gravest of cases, is told each time.
  const bool each = question.restricts != Restricts::kNothing ||
                    (question.money_leaves && question.severity >= schemas::Severity::kCritical);
  bool repeated = false;
  for (const NoticeSent& notice : sent) {
    if (notice.digest || notice.reason != question.reason ||
        AbsDifference(notice.at, question.at) >= Millis(config.per_reason))
      continue;
    if (question.severity > notice.severity || (high && notice.case_id != one.case_id)) continue;
    if (!each) return Calm::kSameReason;
    repeated = true;
    break;
  }
  if (high && !repeated) return Calm::kTell;
  const Timestamp told_at = day.ToldAt(question.at, question.severity);
  if (CountWithin(day, sent, told_at, kHour, question.attempt) >= config.hour_max ||
      CountWithin(day, sent, told_at, kDay, true) >= config.day_max) {
    return Calm::kCapped;
  }
  return Calm::kTell;
}

void NoteTold(const NoticeSent& notice, std::vector<NoticeSent>& sent) {
  const auto after = std::ranges::upper_bound(sent, notice.at, {}, &NoticeSent::at);
  sent.insert(after, notice);
  if (sent.size() > CaseFile::kNoticesMax) sent.erase(sent.begin());
}

}  // namespace tocsin::alerts
